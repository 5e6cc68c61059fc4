#include "app/output.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "base/arena.h"
#include "base/utf8.h"

static const char *const style_codes[] = {[STYLE_PLAIN] = "",
    [STYLE_BOLD] = "\033[1m",
    [STYLE_DIM] = "\033[2m",
    [STYLE_GOOD] = "\033[32m",
    [STYLE_WARN] = "\033[33m",
    [STYLE_BAD] = "\033[31m"};

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool wants_colour(enum colour colour, int fd)
{
    const char *terminal = getenv("TERM");
    if (colour != COLOUR_AUTO)
        return colour == COLOUR_ALWAYS;
    if (is_set("NO_COLOR")) /* https://no-color.org */
        return false;
    if (is_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0") != 0)
        return true;
    return isatty(fd) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static unsigned terminal_columns(void)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ||
                 ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
    if (known && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

void output_init(struct output *output, enum colour colour, bool json, bool quiet, unsigned verbose)
{
    *output = (struct output){
        .json = json,
        .quiet = quiet,
        .verbose = verbose,
        .colour_out = wants_colour(colour, STDOUT_FILENO),
        .colour_err = wants_colour(colour, STDERR_FILENO),
        .err_is_terminal = isatty(STDERR_FILENO) != 0,
        .columns = terminal_columns(),
    };
}

void output_text(struct output *output, const char *format, ...)
{
    (void)output;
    va_list args;
    va_start(args, format);
    (void)vprintf(format, args); /* an error stays in the stream: output_finish() asks */
    va_end(args);
}

/* Control characters and invalid bytes as \xHH; tabs and newlines too, so that a name stays one
 * word on one line. */
static void add_safe(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t step = utf8_sequence((const uint8_t *)text + i, length - i, &code);
        if (step == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text[i]);
            i++;
        } else {
            buf_add(out, text + i, step);
            i += step;
        }
    }
}

void output_safe(struct output *output, enum style style, const char *text)
{
    AUTO_BUF safe = BUF_INIT;
    bool styled = output->colour_out && style != STYLE_PLAIN;
    add_safe(&safe, text);
    (void)printf(
        "%s%s%s", styled ? style_codes[style] : "", buf_string(&safe), styled ? "\033[0m" : "");
}

void output_json(struct output *output, const struct buf *document)
{
    (void)output;
    (void)fwrite(buf_string(document), 1, document->length, stdout);
    (void)putchar('\n');
}

void output_document(struct output *output, const char *text)
{
    if (!output->json) {
        output_text(output, "%s", text);
        return;
    }
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "text", text);
    json_object_end(&json);
    output_json(output, &line);
}

void output_note(struct output *output, const char *format, ...)
{
    AUTO_BUF text = BUF_INIT;
    AUTO_BUF safe = BUF_INIT;
    va_list args;
    if (output->quiet)
        return;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    add_safe(&safe, buf_string(&text));
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s\n", buf_string(&safe));
}

static const char *const kind_words[] = {
    [ERROR_NONE] = "none",
    [ERROR_FILES] = "files",
    [ERROR_USAGE] = "usage",
    [ERROR_CONFIG] = "configuration",
    [ERROR_DATABASE] = "database",
    [ERROR_WATCH] = "watch",
    [ERROR_OWNED] = "owned",
    [ERROR_SCHEMA] = "schema",
    [ERROR_IO] = "io",
    [ERROR_ANALYSIS] = "analysis",
    [ERROR_BUG] = "bug",
    [ERROR_TIMEOUT] = "timeout",
};

static void error_as_json(const struct error *err)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key(&json, "error");
    json_object_begin(&json);
    json_key_string(&json, "kind", kind_words[err->kind]);
    json_key_string(&json, "message", err->message);
    if (err->hint[0] != '\0')
        json_key_string(&json, "hint", err->hint);
    if (err->sqlstate[0] != '\0')
        json_key_string(&json, "sqlstate", err->sqlstate);
    json_key_i64(&json, "exit", error_exit_code(err));
    json_object_end(&json);
    json_object_end(&json);
    (void)fprintf(stderr, "%s\n", buf_string(&line));
}

void output_error(struct output *output, const struct error *err)
{
    (void)fflush(stdout);
    if (output->json) {
        error_as_json(err);
        return;
    }
    const char *on = output->colour_err ? style_codes[STYLE_BAD] : "";
    const char *off = output->colour_err ? "\033[0m" : "";
    AUTO_BUF message = BUF_INIT;
    add_safe(&message, err->message);
    (void)fprintf(stderr, "%ssrctab: %s%s\n", on, off, buf_string(&message));
    if (err->hint[0] == '\0')
        return;
    AUTO_BUF hint = BUF_INIT;
    add_safe(&hint, err->hint);
    (void)fprintf(stderr, "hint: %s\n", buf_string(&hint));
}

bool output_finish(struct output *output, struct error *err)
{
    (void)output;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return error_set(err, ERROR_IO, errno, "could not write to standard output");
}

enum { PLAIN_INTERVAL_MS = 5000, BAR_INTERVAL_MS = 100, BAR_CELLS = 20 };

void progress_begin(
    struct progress *progress, struct output *output, const char *label, uint64_t now_ms)
{
    bool bar = output->err_is_terminal && !output->json;
    *progress = (struct progress){.output = output,
        .label = label,
        .started_ms = now_ms,
        .next_ms = now_ms + (bar ? BAR_INTERVAL_MS : PLAIN_INTERVAL_MS)};
}

static void add_size(struct buf *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
        bytes /= 1000;
        unit++;
    }
    buf_addf(out, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void add_duration(struct buf *out, double seconds)
{
    if (seconds < 60)
        buf_addf(out, "%.0f s", seconds);
    else if (seconds < 3600)
        buf_addf(out, "%.0f min %02.0f s", (double)(uint64_t)(seconds / 60),
            (double)((uint64_t)seconds % 60));
    else
        buf_addf(out, "%.0f h %02.0f min", (double)(uint64_t)(seconds / 3600),
            (double)((uint64_t)(seconds / 60) % 60));
}

static void add_bar(struct buf *out, double share)
{
    size_t full = (size_t)(share * BAR_CELLS + 0.5);
    for (size_t i = 0; i < BAR_CELLS; i++)
        buf_adds(out, i < full ? "█" : "░");
    buf_addf(out, " %3.0f %%  ", 100 * share);
}

/* Share done, by bytes where they are known: big files do not look like small ones. */
static double share_done(uint64_t files, uint64_t total_files, uint64_t bytes, uint64_t total_bytes)
{
    double share = 0;
    if (total_bytes > 0)
        share = (double)bytes / (double)total_bytes;
    else if (total_files > 0)
        share = (double)files / (double)total_files;
    return share > 1 ? 1 : share;
}

/* A line that wraps could not be redrawn. */
static void cut_to_width(struct buf *line, unsigned columns)
{
    size_t at = 0;
    for (unsigned column = 1; column < columns && at < line->length; column++) {
        size_t step = utf8_sequence((const uint8_t *)line->data + at, line->length - at, NULL);
        at += step == 0 ? 1 : step;
    }
    buf_truncate(line, at);
}

void progress_update(struct progress *progress, uint64_t now_ms, uint64_t files,
    uint64_t total_files, uint64_t bytes, uint64_t total_bytes)
{
    if (now_ms < progress->next_ms || progress->output->quiet)
        return;
    bool bar = progress->output->err_is_terminal && !progress->output->json;
    double seconds = (double)(now_ms - progress->started_ms) / 1000;
    double share = share_done(files, total_files, bytes, total_bytes);
    AUTO_BUF line = BUF_INIT;
    buf_addf(&line, "%s: ", progress->label);
    if (bar && share > 0)
        add_bar(&line, share);
    buf_addf(&line, "%llu", (unsigned long long)files);
    if (total_files > 0)
        buf_addf(&line, "/%llu", (unsigned long long)total_files);
    buf_adds(&line, " files, ");
    add_size(&line, (double)bytes);
    if (seconds > 0) {
        buf_addf(&line, ", %.0f files/s, ", (double)files / seconds);
        add_size(&line, (double)bytes / seconds);
        buf_adds(&line, "/s");
    }
    if (share > 0.01 && share < 1) {
        buf_adds(&line, ", ");
        add_duration(&line, seconds * (1 - share) / share);
        buf_adds(&line, " left");
    }
    if (bar)
        cut_to_width(&line, progress->output->columns);
    (void)fprintf(stderr, "%s%s%s", bar ? "\r\033[K" : "", buf_string(&line), bar ? "" : "\n");
    progress->drawn = bar;
    progress->next_ms = now_ms + (bar ? BAR_INTERVAL_MS : PLAIN_INTERVAL_MS);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        (void)fputs("\r\033[K", stderr);
    progress->drawn = false;
}
