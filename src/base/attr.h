/* attr.h - attributes, cleanup macros and the list of forbidden functions. Included by every .c
 * through its headers. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECKED __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define UNUSED __attribute__((unused))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline void attr_free_pointer(void *pointer)
{
    free(*(void **)pointer);
}

static inline void attr_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* AUTO_FREE char *p = …;  AUTO_CLOSE int fd = …;  released when the scope ends. */
#define AUTO_FREE CLEANUP(attr_free_pointer)
#define AUTO_CLOSE CLEANUP(attr_close_fd)

/* Never use these: unbounded, stateful, or silent about errors (see base/buf.h and base/number.h).
 */
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof localtime gmtime

#endif
