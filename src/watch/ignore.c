#include "watch/ignore.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fd.h"
#include "watch/wildmatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#define RULE_FILE_LIMIT_BYTES ((size_t)16 * 1024 * 1024)

const char *const ignore_file_names[IGNORE_FILE_NAMES] = {".gitignore", ".ignore"};

/* Offsets, not pointers: the text moves while it grows. */
struct ignore_rule {
    uint32_t text_at;    /* as written, NUL-terminated */
    uint32_t pattern_at; /* without `!` and a leading slash */
    uint32_t length;     /* of the pattern, without a slash at its end */
    uint32_t literal_length;
    uint32_t file_at;
    uint32_t line;
    bool negated;
    bool directory_only;
    bool any_depth;   /* no slash but at the end: compared with the last component */
    bool only_suffix; /* `*` and then nothing special */
};

struct ignore_rules {
    struct ignore_rule *rules;
    size_t n_rules;
    size_t capacity;
    struct buf text;
    char *below;
    size_t below_length;
    bool has_paths; /* some rule needs the whole path */
};

bool ignore_is_rule_file(const char *name)
{
    for (size_t i = 0; i < IGNORE_FILE_NAMES; i++) {
        if (strcmp(name, ignore_file_names[i]) == 0)
            return true;
    }
    return false;
}

static struct ignore_rules *rules_new(const char *below)
{
    struct ignore_rules *rules = memory_new(1, sizeof(*rules));
    rules->below = memory_string(below);
    rules->below_length = strlen(below);
    return rules;
}

void ignore_rules_free(struct ignore_rules *rules)
{
    if (rules == NULL)
        return;
    free(rules->rules);
    free(rules->below);
    buf_release(&rules->text);
    free(rules);
}

static uint32_t keep_text(struct ignore_rules *rules, const char *text, size_t length)
{
    size_t at = rules->text.length;
    buf_add(&rules->text, text, length);
    buf_addc(&rules->text, '\0');
    return (uint32_t)at;
}

/* gitignore(5), PATTERN FORMAT, in the order in which git reads the marks. */
static void add_rule(struct ignore_rules *rules, uint32_t file_at, uint32_t line, const char *text,
    size_t text_length)
{
    struct ignore_rule rule = {.file_at = file_at, .line = line};
    rule.text_at = keep_text(rules, text, text_length);
    rule.pattern_at = rule.text_at;
    size_t length = text_length;
    if (length > 0 && text[0] == '!') {
        rule.negated = true;
        rule.pattern_at++;
        text++;
        length--;
    }
    if (length > 0 && text[length - 1] == '/') {
        rule.directory_only = true;
        length--;
    }
    rule.any_depth = memchr(text, '/', length) == NULL;
    rule.only_suffix = length > 0 && text[0] == '*' &&
                       wildmatch_literal_length(text + 1, length - 1) == length - 1;
    if (!rule.any_depth && text[0] == '/') {
        rule.pattern_at++;
        text++;
        length--;
    }
    rule.length = (uint32_t)length;
    rule.literal_length = (uint32_t)wildmatch_literal_length(text, length);
    rules->has_paths |= !rule.any_depth;

    if (rules->n_rules == rules->capacity) {
        rules->capacity = rules->capacity > 0 ? 2 * rules->capacity : 8;
        rules->rules = memory_resize(rules->rules, rules->capacity, sizeof(rule));
    }
    rules->rules[rules->n_rules++] = rule;
}

/* Blanks at the end do not count unless a backslash stands before them; tabs do. */
static size_t without_trailing_blanks(const char *text, size_t length)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\') {
            i++;
            if (i == length)
                return length;
            kept = i + 1;
        } else if (text[i] != ' ') {
            kept = i + 1;
        }
    }
    return kept;
}

static void add_line(
    struct ignore_rules *rules, uint32_t file_at, uint32_t line, const char *text, size_t length)
{
    if (length == 0 || text[0] == '#')
        return;
    if (text[length - 1] == '\r')
        length--;
    length = strnlen(text, length); /* git's lines end at a NUL */
    length = without_trailing_blanks(text, length);
    if (length > 0)
        add_rule(rules, file_at, line, text, length);
}

static void add_text(struct ignore_rules *rules, const char *file, const char *text, size_t length)
{
    uint32_t file_at = keep_text(rules, file, strlen(file));
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    uint32_t line = 0;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line_length = newline != NULL ? (size_t)(newline - text) - at : length - at;
        add_line(rules, file_at, ++line, text + at, line_length);
        at += line_length + 1;
    }
}

static bool read_rule_file(int fd, struct buf *ret_text)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return false;
    }
    return fd_read_all(fd, RULE_FILE_LIMIT_BYTES, ret_text);
}

/* Append the rules of an open file (or of none: fd < 0, errno says why). Returns what went wrong,
 * or 0. */
static int add_file(struct ignore_rules *rules, const char *name, int fd)
{
    AUTO_BUF text = BUF_INIT;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    if (!read_rule_file(fd, &text))
        return errno;
    add_text(rules, name, buf_string(&text), text.length);
    return 0;
}

static struct ignore_rules *unless_empty(struct ignore_rules *rules)
{
    if (rules->n_rules > 0)
        return rules;
    ignore_rules_free(rules);
    return NULL;
}

struct ignore_rules *ignore_rules_read(int dir_fd, int *ret_errno)
{
    struct ignore_rules *rules = rules_new("");
    int first_errno = 0;
    for (size_t i = 0; i < IGNORE_FILE_NAMES; i++) {
        AUTO_CLOSE int fd = fd_open_beneath(dir_fd, ignore_file_names[i], O_RDONLY);
        int sys_errno = add_file(rules, ignore_file_names[i], fd);
        if (first_errno == 0)
            first_errno = sys_errno;
    }
    if (ret_errno != NULL)
        *ret_errno = first_errno;
    return unless_empty(rules);
}

struct ignore_rules *ignore_rules_read_file(const char *path, const char *below, int *ret_errno)
{
    struct ignore_rules *rules = rules_new(below);
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int sys_errno = add_file(rules, path, fd);
    if (ret_errno != NULL)
        *ret_errno = sys_errno;
    return unless_empty(rules);
}

struct ignore_rules *ignore_rules_parse(const char *file, const char *text, size_t length)
{
    struct ignore_rules *rules = rules_new("");
    add_text(rules, file, text, length);
    return rules;
}

struct ignore_rules *ignore_rules_list(
    const char *file, const char *const *patterns, size_t n_patterns)
{
    struct ignore_rules *rules = rules_new("");
    uint32_t file_at = keep_text(rules, file, strlen(file));
    for (size_t i = 0; i < n_patterns; i++) {
        const char *pattern = patterns[i];
        if (strncmp(pattern, "./", 2) == 0)
            pattern++; /* "./src" is what people write for "/src" */
        size_t length = without_trailing_blanks(pattern, strlen(pattern));
        if (length > 0)
            add_rule(rules, file_at, 0, pattern, length);
    }
    return rules;
}

size_t ignore_rules_count(const struct ignore_rules *rules)
{
    return rules != NULL ? rules->n_rules : 0;
}

bool ignore_rules_equal(const struct ignore_rules *left, const struct ignore_rules *right)
{
    size_t n_rules = ignore_rules_count(left);
    if (n_rules != ignore_rules_count(right))
        return false;
    if (n_rules == 0)
        return true;
    if (strcmp(left->below, right->below) != 0)
        return false;
    for (size_t i = 0; i < n_rules; i++) {
        const char *left_text = left->text.data + left->rules[i].text_at;
        if (strcmp(left_text, right->text.data + right->rules[i].text_at) != 0)
            return false;
    }
    return true;
}

static bool matches_name(
    const struct ignore_rule *rule, const char *pattern, const char *name, size_t length)
{
    if (rule->literal_length == rule->length)
        return length == rule->length && memcmp(pattern, name, length) == 0;
    if (rule->only_suffix) {
        size_t suffix = rule->length - 1;
        return suffix <= length && memcmp(pattern + 1, name + length - suffix, suffix) == 0;
    }
    return wildmatch(pattern, rule->length, name, length);
}

/* git cuts the plain beginning off both sides and matches the rest, so that `a**` + `/b` finds
 * "ax/b" too. */
static bool matches_path(
    const struct ignore_rule *rule, const char *pattern, const char *path, size_t length)
{
    size_t plain = rule->literal_length;
    if (plain > length || memcmp(pattern, path, plain) != 0)
        return false;
    return wildmatch(pattern + plain, rule->length - plain, path + plain, length - plain);
}

static bool rule_matches(const struct ignore_rules *rules, const struct ignore_rule *rule,
    const char *path, size_t length, bool is_directory)
{
    if (rule->directory_only && !is_directory)
        return false;
    const char *pattern = rules->text.data + rule->pattern_at;
    if (!rule->any_depth)
        return matches_path(rule, pattern, path, length);
    const char *slash = memrchr(path, '/', length);
    const char *name = slash != NULL ? slash + 1 : path;
    return matches_name(rule, pattern, name, length - (size_t)(name - path));
}

static enum ignore_verdict answer(const struct ignore_rules *rules, const struct ignore_rule *rule,
    struct ignore_match *ret_match)
{
    if (ret_match != NULL) {
        ret_match->file = rules->text.data + rule->file_at;
        ret_match->line = rule->line;
        ret_match->text = rules->text.data + rule->text_at;
    }
    return rule->negated ? IGNORE_KEPT : IGNORE_IGNORED;
}

/* The path as the rules' folder sees it; uses `whole` only where the rules stand above the root. */
static const char *seen_from_rules(
    const struct ignore_rules *rules, const char *path, size_t *length, struct buf *whole)
{
    if (rules->below_length == 0 || !rules->has_paths)
        return path;
    buf_add(whole, rules->below, rules->below_length);
    buf_add(whole, path, *length);
    *length = whole->length;
    return whole->data;
}

enum ignore_verdict ignore_rules_check(const struct ignore_rules *rules, const char *path,
    size_t length, bool is_directory, struct ignore_match *ret_match)
{
    if (rules == NULL)
        return IGNORE_UNDECIDED;
    AUTO_BUF whole = BUF_INIT;
    path = seen_from_rules(rules, path, &length, &whole);
    for (size_t i = rules->n_rules; i-- > 0;) {
        if (rule_matches(rules, &rules->rules[i], path, length, is_directory))
            return answer(rules, &rules->rules[i], ret_match);
    }
    return IGNORE_UNDECIDED;
}

/* Length of the shortest beginning of the path, a folder or itself, that the rule matches; 0: none.
 */
static size_t matched_above(const struct ignore_rules *rules, const struct ignore_rule *rule,
    const char *path, size_t length, bool is_directory)
{
    for (size_t end = 1; end <= length; end++) {
        bool whole = end == length;
        if ((whole || path[end] == '/') &&
            rule_matches(rules, rule, path, end, !whole || is_directory))
            return end;
    }
    return 0;
}

enum ignore_verdict ignore_rules_check_above(const struct ignore_rules *rules, const char *path,
    size_t length, bool is_directory, struct ignore_match *ret_match, size_t *ret_matched_length)
{
    for (size_t i = ignore_rules_count(rules); i-- > 0;) {
        size_t matched = matched_above(rules, &rules->rules[i], path, length, is_directory);
        if (matched == 0)
            continue;
        if (ret_matched_length != NULL)
            *ret_matched_length = matched;
        return answer(rules, &rules->rules[i], ret_match);
    }
    return IGNORE_UNDECIDED;
}

static size_t component_length(const char *text, size_t length)
{
    const char *slash = memchr(text, '/', length);
    return slash != NULL ? (size_t)(slash - text) : length;
}

/* Component by component, until the pattern can do anything (`**`), the folder ends, or they part.
 */
static bool may_match_below(
    const char *pattern, size_t pattern_length, const char *path, size_t length)
{
    /* A bracket may hold a slash and a backslash may hide one: such patterns are not taken apart.
     */
    if (memchr(pattern, '[', pattern_length) != NULL ||
        memchr(pattern, '\\', pattern_length) != NULL)
        return true;
    while (length > 0) {
        size_t wanted = component_length(pattern, pattern_length);
        size_t given = component_length(path, length);
        if (memmem(pattern, wanted, "**", 2) != NULL)
            return true;
        if (!wildmatch(pattern, wanted, path, given))
            return false;
        if (wanted == pattern_length)
            return true; /* the folder, or one above it, is what the rule names */
        pattern += wanted + 1;
        pattern_length -= wanted + 1;
        path += given;
        length -= given;
        if (length > 0) {
            path++;
            length--;
        }
    }
    return true;
}

bool ignore_rules_may_match_below(const struct ignore_rules *rules, const char *path, size_t length)
{
    for (size_t i = 0; i < ignore_rules_count(rules); i++) {
        const struct ignore_rule *rule = &rules->rules[i];
        if (rule->negated)
            continue;
        const char *pattern = rules->text.data + rule->pattern_at;
        if (rule->any_depth || may_match_below(pattern, rule->length, path, length))
            return true;
    }
    return false;
}
