#include "analyze/language.h"

#include <fnmatch.h>
#include <string.h>

/* A #! line longer than this is cut by the kernel as well (BINPRM_BUF_SIZE). */
enum { SHEBANG_MAX_BYTES = 256, EXTENSION_MAX_BYTES = 32, CLAIM_MAX_BYTES = 64 * 1024 };

struct span {
    const char *bytes;
    size_t length;
};

static bool span_is(struct span span, const char *word)
{
    return strlen(word) == span.length && memcmp(word, span.bytes, span.length) == 0;
}

static bool has_word(const char *const *words, struct span span)
{
    for (; *words; words++) {
        if (span_is(span, *words))
            return true;
    }
    return false;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Behind the last dot; "" if there is none, or only the one that hides the file. */
static const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? dot + 1 : "";
}

const struct language *language_by_id(const char *id)
{
    for (size_t i = 0; i < language_count; i++) {
        if (strcmp(languages[i].id, id) == 0)
            return &languages[i];
    }
    return NULL;
}

static const struct language *by_filename(const char *name)
{
    struct span span = {name, strlen(name)};
    for (size_t i = 0; i < language_count; i++) {
        if (has_word(languages[i].filenames, span))
            return &languages[i];
    }
    return NULL;
}

static const struct language *by_extension(struct span extension)
{
    for (size_t i = 0; i < language_count; i++) {
        if (has_word(languages[i].extensions, extension))
            return &languages[i];
    }
    return NULL;
}

static const struct language *by_lower_extension(struct span extension)
{
    char lower[EXTENSION_MAX_BYTES];
    if (extension.length > sizeof(lower))
        return NULL;
    for (size_t i = 0; i < extension.length; i++) {
        char c = extension.bytes[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return by_extension((struct span){lower, extension.length});
}

enum language_match language_of_name(const char *path, const struct language **ret_language)
{
    const char *name = last_component(path);
    const char *extension = extension_of(name);
    struct span span = {extension, strlen(extension)};
    const struct language *language = by_filename(name);
    if (!language && span.length > 0) {
        language = by_extension(span);
        if (!language)
            language = by_lower_extension(span);
    }
    if (language) {
        *ret_language = language;
        return LANGUAGE_NAMED;
    }
    return span.length > 0 ? LANGUAGE_NONE : LANGUAGE_MAYBE_SCRIPT;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Take the next word off the line; an empty span at its end. */
static struct span next_word(struct span *line)
{
    while (line->length > 0 && is_blank(*line->bytes)) {
        line->bytes++;
        line->length--;
    }
    struct span word = {line->bytes, 0};
    while (word.length < line->length && !is_blank(word.bytes[word.length]))
        word.length++;
    line->bytes += word.length;
    line->length -= word.length;
    return word;
}

static struct span base_name(struct span word)
{
    const char *slash = memrchr(word.bytes, '/', word.length);
    if (!slash)
        return word;
    size_t skipped = (size_t)(slash + 1 - word.bytes);
    return (struct span){slash + 1, word.length - skipped};
}

/* env(1): its options and assignments stand before the program; -S may be glued to it. */
static struct span behind_env(struct span *line)
{
    static const char split_long[] = "--split-string=";
    const size_t long_length = sizeof(split_long) - 1;
    struct span word = next_word(line);
    while (word.length > 0) {
        if (word.length > 2 && word.bytes[0] == '-' && word.bytes[1] == 'S')
            return (struct span){word.bytes + 2, word.length - 2};
        if (word.length > long_length && memcmp(word.bytes, split_long, long_length) == 0)
            return (struct span){word.bytes + long_length, word.length - long_length};
        if (word.bytes[0] != '-' && !memchr(word.bytes, '=', word.length))
            return word;
        word = next_word(line);
    }
    return word;
}

static struct span without_version(struct span word)
{
    while (word.length > 1 && strchr("0123456789.-", word.bytes[word.length - 1]))
        word.length--;
    return word;
}

const struct language *language_of_shebang(const uint8_t *bytes, size_t n)
{
    if (n < 3 || bytes[0] != '#' || bytes[1] != '!')
        return NULL;
    struct span line = {(const char *)bytes + 2, n - 2};
    if (line.length > SHEBANG_MAX_BYTES)
        line.length = SHEBANG_MAX_BYTES;
    const char *end = memchr(line.bytes, '\n', line.length);
    if (end)
        line.length = (size_t)(end - line.bytes);
    if (memchr(line.bytes, '\0', line.length))
        return NULL;
    struct span program = base_name(next_word(&line));
    if (span_is(program, "env"))
        program = base_name(behind_env(&line));
    if (program.length == 0)
        return NULL;
    struct span plain = without_version(program);
    for (size_t i = 0; i < language_count; i++) {
        if (has_word(languages[i].interpreters, program) ||
            has_word(languages[i].interpreters, plain))
            return &languages[i];
    }
    return NULL;
}

static bool starts_with_any(const char *const *starts, struct span line)
{
    while (line.length > 0 && is_blank(*line.bytes)) {
        line.bytes++;
        line.length--;
    }
    for (; *starts; starts++) {
        size_t length = strlen(*starts);
        if (length <= line.length && memcmp(*starts, line.bytes, length) == 0)
            return true;
    }
    return false;
}

static bool has_line_start(const struct language *language, const uint8_t *bytes, size_t n)
{
    const char *at = (const char *)bytes;
    size_t left = n < CLAIM_MAX_BYTES ? n : CLAIM_MAX_BYTES;
    while (left > 0) {
        const char *newline = memchr(at, '\n', left);
        size_t length = newline ? (size_t)(newline - at) : left;
        if (starts_with_any(language->line_starts, (struct span){at, length}))
            return true;
        size_t step = newline ? length + 1 : length;
        at += step;
        left -= step;
    }
    return false;
}

const struct language *language_of_content(const char *path, const uint8_t *bytes, size_t n)
{
    const struct language *language = NULL;
    switch (language_of_name(path, &language)) {
    case LANGUAGE_NONE:
        return NULL;
    case LANGUAGE_MAYBE_SCRIPT:
        return language_of_shebang(bytes, n);
    case LANGUAGE_NAMED:
        break;
    }
    const char *extension = extension_of(last_component(path));
    struct span span = {extension, strlen(extension)};
    for (size_t i = 0; i < language_count; i++) {
        if (has_word(languages[i].claims, span) && has_line_start(&languages[i], bytes, n))
            return &languages[i];
    }
    return language;
}

static bool matches_below(const char *glob, const char *path)
{
    while (path) {
        if (fnmatch(glob, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
            return true;
        path = strchr(path, '/');
        if (path)
            path++;
    }
    return false;
}

bool language_is_test(const struct language *language, const char *path)
{
    const char *name = last_component(path);
    for (const char *const *glob = language->tests; *glob; glob++) {
        bool matches =
            strchr(*glob, '/') ? matches_below(*glob, path) : fnmatch(*glob, name, 0) == 0;
        if (matches)
            return true;
    }
    return false;
}

bool language_has(const struct language *language, const char *capability)
{
    return strcmp(capability, "all") == 0 ||
           has_word(language->capabilities, (struct span){capability, strlen(capability)});
}
