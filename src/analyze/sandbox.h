/* sandbox.h - give up all that a worker does not need, for ever. Thread: the only one of a worker
 * process. */
#ifndef ANALYZE_SANDBOX_H
#define ANALYZE_SANDBOX_H

#include <stdbool.h>

#include "base/attr.h"

#define SANDBOX_HEAP_BYTES                                                                         \
    ((size_t)192 << 20) /* what libc's malloc may add to the mappings that exist */

/**
 * Limits (address space: what is mapped now and SANDBOX_HEAP_BYTES; no files, no processes, no
 * core), no_new_privs, and a system-call filter that kills the process for anything but using its
 * descriptors, memory, clocks, its own CPU timer and ending itself. Sanitizer builds keep the
 * address space and skip the filter. False: not in force, the process must end.
 */
CHECKED bool sandbox_enter(void);

#endif
