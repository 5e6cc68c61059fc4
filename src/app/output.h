/*
 * output.h - how commands print: data on stdout, all else on stderr; tables and JSON lines; colour
 * only where it helps. Thread: main only.
 */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

struct output {
    bool json;        /* --json */
    bool quiet;       /* -q: errors only on stderr */
    unsigned verbose; /* -v: 1 */
    bool colour_out;  /* escape codes on stdout */
    bool colour_err;
    bool err_is_terminal; /* progress may redraw its line */
    unsigned columns;     /* width of the terminal; 80 when there is none */
};

/** Decide once: flag, NO_COLOR, CLICOLOR_FORCE, TERM=dumb, isatty. */
void output_init(
    struct output *output, enum colour colour, bool json, bool quiet, unsigned verbose);

/** Print to stdout; the exit path checks ferror(stdout) once (output_finish). */
void output_text(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/** Text that may hold control characters (paths, SQL values): these are shown as \xHH, so that no
 * name can drive the terminal. */
void output_safe(struct output *output, enum style style, const char *text);
/** One JSON document and a newline on stdout. */
void output_json(struct output *output, const struct buf *document);
/** A text of several lines (help, SQL, an example); with --json {"v":1,"text":…}. */
void output_document(struct output *output, const char *text);
/** A sentence for people on stderr, one line, made safe as by output_safe(); nothing with -q. */
void output_note(struct output *output, const char *format, ...) PRINTF_LIKE(2, 3);
/** "srctab: message" and "hint: …", or one JSON object with --json. */
void output_error(struct output *output, const struct error *err);
/** Flush stdout. A full disk or a closed pipe gives false (ERROR_IO). */
CHECKED bool output_finish(struct output *output, struct error *err);

/* A table: collect cells, then print with widths that fit. Right-aligned where all cells of a
 * column are numbers. */
struct output_table;
struct output_table *output_table_new(size_t n_columns, const char *const *headings);
/** text is copied; NULL prints as nothing. */
void output_table_cell(struct output_table *table, const char *text);
void output_table_print(struct output *output, struct output_table *table);
void output_table_free(struct output_table *table);

/* Progress of a long pass: a bar on a terminal, else a line every 5 s. Costs a comparison a call, a
 * write at most every 100 ms. */
struct progress {
    struct output *output;
    const char *label; /* "ingest" */
    uint64_t started_ms;
    uint64_t next_ms;
    bool drawn;
};

void progress_begin(
    struct progress *progress, struct output *output, const char *label, uint64_t now_ms);
/** total_files and total_bytes: 0 while unknown. */
void progress_update(struct progress *progress, uint64_t now_ms, uint64_t files,
    uint64_t total_files, uint64_t bytes, uint64_t total_bytes);
/** Remove the bar or, without a terminal, print nothing more. The caller prints its summary. */
void progress_end(struct progress *progress);

#endif
