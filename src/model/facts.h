/* facts.h - what one version of one file says: plain values that analyze fills and store writes. No
 * functions but the words of its enums. */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "model/metric.h"

/* The words of code_files.parse_status and content_state, in this order (facts.c). */
enum parse_status {
    PARSE_OK,
    PARSE_PARTIAL, /* at least one ERROR or MISSING node */
    PARSE_FAILED,  /* the worker died or sent what cannot be believed */
    PARSE_TIMEOUT,
    PARSE_MEMORY,
    PARSE_TOO_BIG,
    PARSE_MINIFIED,
    PARSE_BINARY,
    PARSE_UNSUPPORTED, /* no grammar for it */
    PARSE_STATUSES
};

enum content_state {
    CONTENT_EXACT,
    CONTENT_NUL_STRIPPED,
    CONTENT_TRANSCODED,
    CONTENT_LOSSY,
    CONTENT_TOO_BIG,
    CONTENT_BINARY,
    CONTENT_STATES
};

const char *parse_status_word(enum parse_status status);
const char *content_state_word(enum content_state state);

/* Bytes with a length; bytes == NULL is SQL's NULL. Borrowed from the arena of the job that carries
 * it. */
struct text {
    const char *bytes;
    size_t length;
};

/* The JSON documents that analysis yields; shapes in the schema reference. Valid JSON, valid UTF-8,
 * no NUL, no \u0000. */
enum fact_blob {
    BLOB_AST, /* bytes == NULL: no tree */
    BLOB_FUNCTIONS,
    BLOB_CLASSES,
    BLOB_IMPORTS,
    BLOB_EXPORTS,
    BLOB_SYMBOLS,
    BLOB_FINDINGS, /* array of {rule, severity, line, message}: explain --json only, no column yet
                    */
    BLOB_DEPENDENCIES, /* array of {specifier, kind, line}: what the imports name */
    BLOBS
};

/* From stat and from reading: known for every file, whatever the parser makes of it. */
struct file_facts {
    const char *language; /* a name of the language table, or "unknown"; static storage */
    uint64_t size_bytes;
    uint32_t mode;                      /* permission bits, 07777 */
    int64_t mtime_ns;                   /* since 1970 UTC */
    uint64_t signature;                 /* stat_signature(): equal = unchanged */
    uint8_t content_hash[SHA256_BYTES]; /* of the bytes on disk */
    enum content_state content_state;
    struct text
        content; /* valid UTF-8 without NUL; NULL when binary or over analysis.max_content_kb */
    uint32_t line_count;
    struct text metadata; /* JSON object: encoding, line_ending, shebang, mode, git_blob */
};

/* From the analysis: metrics and documents. A metric that is NaN is NULL in SQL. */
struct code_facts {
    enum parse_status parse_status;
    int32_t parser_rev;      /* 31 bits of SHA-256 over all that shapes the code_files row */
    int32_t metrics_version; /* likewise for codebase_metadata */
    double metric[METRICS];
    struct text blob[BLOBS];
    char reason[128]; /* why parse_status is not ok: "parse took longer than 2000 ms"; "" otherwise
                       */
    uint32_t parse_us;
    uint32_t walk_us;
};

#endif
