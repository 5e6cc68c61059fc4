#include "app/finding.h"

#include <inttypes.h>

#include "base/sha256.h"

struct finding_form {
    const char *name;
    const char *before, *between, *after;
    void (*add)(struct output *output, const struct finding *finding);
};

/* One scale for the words of both services: 0 info … 4 blocker. */
static unsigned level_of(const char *severity)
{
    static const struct {
        const char *word;
        unsigned level;
    } words[] = {{"info", 0}, {"note", 0}, {"notice", 0}, {"minor", 1}, {"warning", 2},
        {"major", 2}, {"error", 3}, {"critical", 3}, {"blocker", 4}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcmp(words[i].word, severity) == 0)
            return words[i].level;
    }
    return 2;
}

static void add_text(struct output *output, const struct finding *finding)
{
    unsigned level = level_of(finding->severity);
    output_safe(output, STYLE_BOLD, finding->path);
    output_text(output, ":%" PRIu64 ": ", finding->line);
    output_safe(output, level >= 3 ? STYLE_BAD : STYLE_WARN, finding->severity);
    output_text(output, ": ");
    output_safe(output, STYLE_PLAIN, finding->message);
    output_text(output, " [");
    output_safe(output, STYLE_DIM, finding->rule);
    output_text(output, "]\n");
}

/* GitHub's escapes for workflow commands; a message that could begin a command of its own cannot
 * leave its line. */
static void add_escaped(struct buf *out, const char *text, bool is_property)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (is_property && (*text == ':' || *text == ',')))
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            buf_addc(out, *text);
    }
}

static void add_github(struct output *output, const struct finding *finding)
{
    static const char *const commands[] = {"notice", "warning", "warning", "error", "error"};
    AUTO_BUF line = BUF_INIT;
    buf_addf(&line, "::%s file=", commands[level_of(finding->severity)]);
    add_escaped(&line, finding->path, true);
    buf_addf(&line, ",line=%" PRIu64 ",title=", finding->line);
    add_escaped(&line, finding->rule, true);
    buf_adds(&line, "::");
    add_escaped(&line, finding->message, false);
    output_text(output, "%s\n", buf_string(&line));
}

/* Stable while the finding stays, also when lines move above it. */
static void fingerprint(const struct finding *finding, char ret_hex[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];
    AUTO_BUF text = BUF_INIT;
    buf_addf(&text, "%s\n%s\n%s", finding->rule, finding->path, finding->message);
    sha256(buf_string(&text), text.length, digest);
    sha256_hex(digest, ret_hex);
}

static void add_gitlab(struct output *output, const struct finding *finding)
{
    static const char *const words[] = {"info", "minor", "major", "critical", "blocker"};
    char hex[2 * SHA256_BYTES + 1];
    AUTO_BUF text = BUF_INIT;
    struct json json = JSON_INIT(&text);
    fingerprint(finding, hex);
    json_object_begin(&json);
    json_key_string(&json, "description", finding->message);
    json_key_string(&json, "check_name", finding->rule);
    json_key_string(&json, "fingerprint", hex);
    json_key_string(&json, "severity", words[level_of(finding->severity)]);
    json_key(&json, "location");
    json_object_begin(&json);
    json_key_string(&json, "path", finding->path);
    json_key(&json, "lines");
    json_object_begin(&json);
    json_key_u64(&json, "begin", finding->line);
    json_object_end(&json);
    json_object_end(&json);
    json_object_end(&json);
    output_text(output, "%s", buf_string(&text));
}

static void add_json(struct output *output, const struct finding *finding)
{
    AUTO_BUF text = BUF_INIT;
    struct json json = JSON_INIT(&text);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "path", finding->path);
    json_key_u64(&json, "line", finding->line);
    json_key_string(&json, "severity", finding->severity);
    json_key_string(&json, "rule", finding->rule);
    json_key_string(&json, "message", finding->message);
    json_object_end(&json);
    output_json(output, &text);
}

static const struct finding_form forms[] = {
    {"text", "", "", "", add_text},
    {"github", "", "", "", add_github},
    {"gitlab", "[", ",\n", "]\n", add_gitlab},
    {"json", "", "", "", add_json},
};

void findings_begin(struct findings *findings, struct output *output, const char *form)
{
    *findings = (struct findings){.output = output, .form = &forms[0]};
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (strcmp(forms[i].name, form) == 0)
            findings->form = &forms[i];
    }
    output_text(output, "%s", findings->form->before);
}

void findings_add(struct findings *findings, const struct finding *finding)
{
    if (findings->n++ > 0)
        output_text(findings->output, "%s", findings->form->between);
    findings->form->add(findings->output, finding);
}

void findings_end(struct findings *findings)
{
    output_text(findings->output, "%s", findings->form->after);
}
