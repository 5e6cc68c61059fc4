#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"

/* Set once before threads start; the only mutable state of file scope in the program. */
static struct {
    int fd;
    enum log_level level;
    enum log_format format;
    bool colour, journal;
} settings = {.fd = STDERR_FILENO, .level = LOG_INFO, .format = LOG_TEXT};

static const struct {
    const char *word, *colour;
    int priority; /* RFC 5424 severity, as the journal reads it */
} levels[] = {
    [LOG_ERROR] = {"error", "\033[31m", 3},
    [LOG_WARN] = {"warn", "\033[33m", 4},
    [LOG_INFO] = {"info", "\033[32m", 6},
    [LOG_DEBUG] = {"debug", "\033[2m", 7},
};

void log_setup(int fd, enum log_level level, enum log_format format, bool colour, bool journal)
{
    settings.fd = fd;
    settings.level = level;
    settings.format = format;
    settings.colour = colour;
    settings.journal = journal;
}

enum log_level log_level(void)
{
    return settings.level;
}

/* A log that cannot be written must not stop the work it reports. */
static void write_record(struct buf *record)
{
    buf_addc(record, '\n');
    (void)!fd_write_all(settings.fd, record->data, record->length);
}

/* Field text stays on one line and cannot carry terminal escapes. */
static void add_plain(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\n')
            buf_adds(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\x%02X", c);
        else
            buf_addc(out, (char)c);
    }
}

static void begin_text(struct buf *out, enum log_level level)
{
    if (settings.journal) {
        buf_addf(out, "<%d>", levels[level].priority);
        return;
    }
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    buf_addf(out, "%02d:%02d:%02d ", tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (settings.colour)
        buf_addf(out, "%s%-5s\033[0m ", levels[level].colour, levels[level].word);
    else
        buf_addf(out, "%-5s ", levels[level].word);
}

static void begin_json(
    struct buf *out, struct json *json, enum log_level level, const char *message)
{
    AUTO_BUF stamp = BUF_INIT;
    clock_add_rfc3339(&stamp, clock_wall_us());
    *json = JSON_INIT(out);
    json_object_begin(json);
    json_key_i64(json, "v", 1);
    json_key_string(json, "ts", buf_string(&stamp));
    json_key_string(json, "level", levels[level].word);
    json_key_string(json, "msg", message);
}

static void add_field_text(struct buf *out, const struct log_field *field)
{
    buf_addf(out, " %s=", field->key);
    if (field->type == LOG_FIELD_U64)
        buf_add_u64(out, field->u64);
    else if (field->type == LOG_FIELD_DOUBLE)
        buf_addf(out, "%.3g", field->number);
    else
        add_plain(out, field->string != NULL ? field->string : "");
}

static void add_field_json(struct json *json, const struct log_field *field)
{
    if (field->type == LOG_FIELD_U64)
        json_key_u64(json, field->key, field->u64);
    else if (field->type == LOG_FIELD_DOUBLE)
        json_key_double(json, field->key, field->number);
    else
        json_key_string(json, field->key, field->string);
}

void log_emit(enum log_level level, const char *message, const struct log_field *fields)
{
    if (level > settings.level)
        return;
    AUTO_BUF record = BUF_INIT;
    if (settings.format == LOG_JSON) {
        struct json json;
        begin_json(&record, &json, level, message);
        for (; fields->key != NULL; fields++)
            add_field_json(&json, fields);
        json_object_end(&json);
    } else {
        begin_text(&record, level);
        add_plain(&record, message);
        for (; fields->key != NULL; fields++)
            add_field_text(&record, fields);
    }
    write_record(&record);
}

void log_error(enum log_level level, const struct error *err)
{
    struct log_field fields[3] = {LOG_END, LOG_END, LOG_END};
    size_t n = 0;
    if (err->sqlstate[0] != '\0')
        fields[n++] = LOG_STR("sqlstate", err->sqlstate);
    if (err->hint[0] != '\0')
        fields[n++] = LOG_STR("hint", err->hint);
    log_emit(level, err->message, fields);
}

void log_file(enum log_level level, const char *mark, const char *path, const char *detail)
{
    if (level > settings.level)
        return;
    AUTO_BUF record = BUF_INIT;
    if (settings.format == LOG_JSON) {
        struct json json;
        begin_json(&record, &json, level, "file");
        json_key_string(&json, "mark", mark);
        json_key_string(&json, "path", path);
        if (detail[0] != '\0')
            json_key_string(&json, "detail", detail);
        json_object_end(&json);
    } else {
        begin_text(&record, level);
        buf_addf(&record, "%s ", mark);
        add_plain(&record, path);
        if (detail[0] != '\0') {
            buf_addc(&record, ' ');
            add_plain(&record, detail);
        }
    }
    write_record(&record);
}
