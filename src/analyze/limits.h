/* limits.h - what one analysis may cost. Plain data: the daemon fills it from the configuration and
 * sends it along with each file. Thread: any. */
#ifndef ANALYZE_LIMITS_H
#define ANALYZE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct analyze_limits {
    uint32_t cpu_ms;       /* CPU time for parsing (analysis.timeout_ms): beyond it PARSE_TIMEOUT */
    uint64_t memory_bytes; /* what parser and scanners may hold: beyond it PARSE_MEMORY */
    /* What counts as minified (read_verdict()); line_bytes 0: the built-in values of read.h. */
    struct {
        uint64_t file_bytes; /* smaller files never do */
        uint32_t line_bytes, mean_line_bytes;
    } minified;
};

#define ANALYZE_LIMITS_DEFAULT                                                                     \
    ((struct analyze_limits){.cpu_ms = 2000, .memory_bytes = UINT64_C(256) << 20})

#endif
