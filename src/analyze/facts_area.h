/*
 * facts_area.h - the shared memory in which a worker leaves its facts: a fixed header of numbers,
 * then the documents at offsets. The writer is not trusted: facts_area_read() copies the header
 * once, checks every count, offset and length without overflow, copies the documents out, and only
 * then looks at them. Pure. Thread: any; one reader and one writer in turn.
 */
#ifndef ANALYZE_FACTS_AREA_H
#define ANALYZE_FACTS_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

#define FACTS_AREA_MAGIC 0x53465431u
#define FACTS_AREA_BYTES ((size_t)64 << 20) /* address space; memory only for what is written */

/* Fixed layout; both sides are the same program. */
struct facts_header {
    uint32_t magic;
    uint32_t parse_status;
    uint64_t sequence; /* of the request: an old answer is not taken for a new one */
    int32_t parser_rev;
    int32_t metrics_version;
    uint32_t parse_us;
    uint32_t walk_us;
    double metric[METRICS];
    struct {
        uint64_t offset; /* from the start of the area */
        uint64_t length;
        uint64_t present; /* 0: SQL NULL */
    } blob[BLOBS];
    char reason[128];
};

/** Worker: write facts into area. False: they do not fit into area_bytes, nothing was written. */
CHECKED bool facts_area_write(
    void *area, size_t area_bytes, uint64_t sequence, const struct code_facts *code);

/**
 * Daemon: take the facts out. ret_code's documents live in arena. NaN stays NaN (SQL NULL).
 * Errors: ERROR_ANALYSIS, a sentence on the first thing that is wrong; *ret_code is then untouched.
 */
CHECKED bool facts_area_read(const void *area, size_t area_bytes, uint64_t sequence,
    struct arena *arena, struct code_facts *ret_code, struct error *err);

#endif
