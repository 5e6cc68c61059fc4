/* report - one static page: treemap of hotspots, table, latency, audit. It loads nothing and lets
 * nothing in. */
#include "app/commands.h"
#include "app/link.h"
#include "app/page_files.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "store/pg_text.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>

static const char *page_file(const char *name)
{
    const struct embedded_file *file = page_files;
    while (strcmp(file->name, name) != 0)
        file++;
    return (const char *)file->bytes;
}

/* 'sha256-…' as CSP level 2 wants it: of the exact text between the tags. */
static void add_hash(struct buf *out, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t digest[SHA256_BYTES + 1] = {0};
    sha256(text, strlen(text), digest);
    buf_adds(out, "'sha256-");
    for (size_t i = 0; i < SHA256_BYTES; i += 3) {
        uint32_t bits = (uint32_t)digest[i] << 16 |
                        (uint32_t)(i + 1 < SHA256_BYTES ? digest[i + 1] : 0) << 8 |
                        (i + 2 < SHA256_BYTES ? digest[i + 2] : 0);
        buf_addc(out, digits[bits >> 18]);
        buf_addc(out, digits[bits >> 12 & 63]);
        buf_addc(out, digits[bits >> 6 & 63]);
        buf_addc(out, i + 2 < SHA256_BYTES ? digits[bits & 63] : '=');
    }
    buf_addc(out, '\'');
}

/* "</script>" or "<!--" in a name would end the block: < is written as \u003c, which JSON allows in
 * strings, and JSON has it nowhere else. */
static void add_inert(struct buf *out, const char *json)
{
    for (; *json != '\0'; json++) {
        if (*json == '<')
            buf_adds(out, "\\u003c");
        else
            buf_addc(out, *json);
    }
}

struct rows_text {
    struct buf *out;
    bool any;
};

static bool take_row(void *user, size_t n_columns, const char *const *values)
{
    struct rows_text *rows = user;
    (void)n_columns;
    buf_adds(rows->out, rows->any ? "," : "");
    add_inert(rows->out, values[0]);
    rows->any = true;
    return true;
}

static bool add_rows(struct buf *out, struct link *link, const char *key, const char *sql_file,
    const char *codebase, struct error *err)
{
    static const struct pg_text_ops ops = {.row = take_row};
    struct rows_text rows = {.out = out};
    buf_addf(out, ",\"%s\":[", key);
    if (!pg_text_run(link->pg, sql_text(sql_file), &codebase, 1, &ops, &rows, err))
        return false;
    buf_addc(out, ']');
    return true;
}

static bool collect(struct link *link, const char *codebase, struct buf *data, struct error *err)
{
    AUTO_BUF head = BUF_INIT;
    AUTO_BUF made = BUF_INIT;
    struct json json = JSON_INIT(&head);
    clock_add_rfc3339(&made, clock_wall_us());
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "title", codebase == NULL ? "all codebases" : codebase);
    json_key_string(&json, "made", buf_string(&made));
    add_inert(data, buf_string(&head));
    if (!add_rows(data, link, "files", "command/report_files.sql", codebase, err) ||
        !add_rows(data, link, "latency", "command/report_latency.sql", codebase, err) ||
        !add_rows(data, link, "audit", "command/report_audit.sql", codebase, err))
        return false;
    buf_addc(data, '}');
    return true;
}

static void fill_page(struct buf *out, const struct buf *data)
{
    AUTO_BUF script_hash = BUF_INIT;
    AUTO_BUF style_hash = BUF_INIT;
    add_hash(&script_hash, page_file("script.js"));
    add_hash(&style_hash, page_file("style.css"));
    const struct {
        const char *mark, *text;
    } marks[] = {{"@SCRIPT_HASH@", buf_string(&script_hash)},
        {"@STYLE_HASH@", buf_string(&style_hash)}, {"@STYLE@", page_file("style.css")},
        {"@SCRIPT@", page_file("script.js")}, {"@DATA@", buf_string(data)}};
    for (const char *at = page_file("page.html"); *at != '\0';) {
        size_t mark = 0;
        while (mark < ARRAY_SIZE(marks) &&
               strncmp(at, marks[mark].mark, strlen(marks[mark].mark)) != 0)
            mark++;
        if (mark == ARRAY_SIZE(marks)) {
            buf_addc(out, *at++);
            continue;
        }
        buf_adds(out, marks[mark].text);
        at += strlen(marks[mark].mark);
    }
}

static bool write_page(
    struct session *session, const char *path, const struct buf *page, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        output_text(session->output, "%s", buf_string(page));
        return true;
    }
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(err, ERROR_IO, errno, "could not open file \"%.300s\"", path);
    if (!fd_write_all(fd, buf_string(page), page->length))
        return error_set(err, ERROR_IO, errno, "could not write file \"%.300s\"", path);
    output_note(session->output, "wrote %s (%zu bytes)", path, page->length);
    if (session->output->json) {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        json_key_string(&json, "file", path);
        json_key_i64(&json, "size_bytes", (int64_t)page->length);
        json_object_end(&json);
        output_json(session->output, &line);
    }
    return true;
}

static bool run(struct session *session, struct link *link, struct arena *arena, const char *path,
    struct error *err)
{
    const char *codebase = NULL;
    AUTO_BUF data = BUF_INIT;
    AUTO_BUF page = BUF_INIT;
    if (!link_open(link, session, "srctab report", err) ||
        !link_codebase(link, session, NULL, arena, &codebase, NULL, err) ||
        !collect(link, codebase, &data, err))
        return false;
    fill_page(&page, &data);
    return write_page(session, path, &page, err);
}

int cmd_report(struct session *session, struct error *err)
{
    const char *path = arguments_value(session->arguments, "--output");
    if (path == NULL) {
        error_set(err, ERROR_USAGE, 0, "report needs --output FILE");
        error_hint(err, "for example: srctab report -o report.html");
        return error_exit_code(err);
    }
    struct link link = {0};
    struct arena *arena = arena_new(0);
    bool fine = run(session, &link, arena, path, err);
    link_close(&link);
    arena_free(arena);
    return fine ? 0 : error_exit_code(err);
}
