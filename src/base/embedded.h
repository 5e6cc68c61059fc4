/* embedded.h - files that the build put into the program (src/embed.py). Thread: any. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name;           /* relative path; NULL ends a table */
    const unsigned char *bytes; /* followed by a NUL that length does not count */
    size_t length;
};

#endif
