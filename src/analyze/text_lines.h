/*
 * text_lines.h - the measures that need no parser: lines and their lengths, counted piece by piece
 * so that a file of any size needs no memory. Pure. Thread: one owner at a time.
 *
 * A line ends with LF, CR LF or a lone CR; the last one needs no end. Blank: nothing but space,
 * tab, vertical tab, form feed. Length: UTF-8 characters without the line end (checkstyle
 * LineLength), that is every byte but those that continue a character.
 */
#ifndef ANALYZE_TEXT_LINES_H
#define ANALYZE_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"

/* Zeroed = nothing counted yet. */
struct text_lines {
    uint64_t size_bytes;
    uint64_t lines; /* a last line without an end counts once text_lines_finish() ran */
    uint64_t blank;
    uint64_t characters; /* of all lines, without line ends */
    uint64_t longest;    /* characters of the longest line */
    uint64_t longest_bytes;
    uint64_t ends_lf, ends_crlf, ends_cr;
    bool final_newline; /* the last byte ends a line */
    /* the line that is being counted */
    uint64_t line_characters, line_bytes;
    bool line_has_text;
    bool after_cr;
};

/** Count the next piece; it may end anywhere, also inside a character or between CR and LF. */
void text_lines_add(struct text_lines *lines, const void *bytes, size_t length);

/** No more text comes: count a last line that has no end. */
void text_lines_finish(struct text_lines *lines);

/** "lf", "crlf", "cr", "mixed" (more than one kind) or "none". Static. */
const char *text_lines_ending(const struct text_lines *lines);

/**
 * Set every metric of ret_code to NaN but lines_total, lines_blank, line_length_max,
 * line_length_mean and size_bytes (on_disk_bytes), and clear its documents: what a file without a
 * tree has (metrics.md 1, 4, 8, 9). lines == NULL: size_bytes alone, for binary files.
 */
void text_lines_measure(
    const struct text_lines *lines, uint64_t on_disk_bytes, struct code_facts *ret_code);

#endif
