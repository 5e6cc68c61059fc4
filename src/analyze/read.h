/*
 * read.h - one read of one file: its hash, its text as PostgreSQL can hold it, the text the parser
 * gets, and what the bytes alone say. No descriptor is opened, no path is looked at. Thread: any,
 * one arena a call.
 */
#ifndef ANALYZE_READ_H
#define ANALYZE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "analyze/limits.h"
#include "analyze/text_lines.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

#define READ_MINIFIED_FILE_BYTES (256u << 10) /* smaller files are never minified */
#define READ_MINIFIED_LINE_BYTES (20u << 10)  /* one such line is enough … */
#define READ_MINIFIED_MEAN_BYTES 500u         /* … or a mean line of this */
#define READ_BINARY_WINDOW_BYTES                                                                   \
    8000u /* a NUL in these first bytes means binary, as in git's buffer_is_binary() */

struct reading {
    struct file_facts file; /* all but language */
    /*
     * Text for the parser: file.content with every lone CR as LF, so that byte positions are those
     * of file.content (no byte is added or removed). NULL when there is no content. Lives as long
     * as the arena.
     */
    const uint8_t *source;
    size_t source_length;
    const uint8_t *head; /* the first bytes as they are on disk, for the `#!` line; at most
                            READ_BINARY_WINDOW_BYTES */
    size_t head_length;
    struct text_lines lines; /* of the text; all zero when has_lines is false */
    bool has_lines;          /* false for binary files */
};

enum read_outcome {
    READ_DONE,
    READ_TORN,   /* somebody wrote while we read: try again when the file is quiet */
    READ_FAILED, /* err says why */
};

/**
 * Read the regular file fd from its start (wherever its offset is), once, and fill ret_reading. st:
 * what fstat(fd) said before; after the last byte fstat is asked again, and any difference in
 * inode, size, mtime or ctime is READ_TORN, as is an end of file at another place than st_size. A
 * file over max_content_bytes is hashed and counted piece by piece in constant memory and has
 * neither content nor source. Errors: ERROR_IO "could not read file: …" (the caller wraps the
 * path).
 */
CHECKED enum read_outcome read_file(int fd, const struct stat *st, uint64_t max_content_bytes,
    struct arena *arena, struct reading *ret_reading, struct error *err);

/**
 * The same for bytes in memory (a git blob, standard input). bytes: borrowed, must outlive
 * ret_reading (content may point into it). mode: st_mode of the file, 0100644 where there is none.
 * mtime and signature are left 0.
 */
void read_block(const void *bytes, size_t length, mode_t mode, uint64_t max_content_bytes,
    struct arena *arena, struct reading *ret_reading);

/**
 * What to do with the source: PARSE_OK = hand it to a parser; else why not: PARSE_BINARY,
 * PARSE_TOO_BIG (no content, or the source is over max_parse_bytes, that of the language's class),
 * PARSE_MINIFIED. limits: what is minified.
 */
enum parse_status read_verdict(
    const struct reading *reading, uint64_t max_parse_bytes, const struct analyze_limits *limits);

#endif
