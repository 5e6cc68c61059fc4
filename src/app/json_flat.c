#include "app/json_flat.h"

#include <math.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"

#define MEMBERS_MAX 256
#define DEPTH_MAX 64

struct member {
    const char *key;  /* unescaped */
    const char *raw;  /* JSON text of the value */
    const char *text; /* unescaped, for strings; else NULL */
};

struct json_flat {
    struct member members[MEMBERS_MAX];
    size_t n;
};

/* Where parsing stands; `at` never passes the NUL. */
struct reader {
    const char *text, *at;
    struct arena *arena;
    struct error *err;
};

static bool fail(const struct reader *reader, const char *what)
{
    return error_set(reader->err, ERROR_IO, 0, "invalid JSON at byte %zu: %s",
        (size_t)(reader->at - reader->text), what);
}

static void skip_space(struct reader *reader)
{
    reader->at += strspn(reader->at, " \t\r\n");
}

static bool read_hex4(const char *at, uint32_t *ret_code)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit > 15)
            return false;
        code = code << 4 | digit;
    }
    *ret_code = code;
    return true;
}

/* \uXXXX with `at` behind the u; surrogates come in pairs (RFC 8259, 7). No NUL: it would end a C
 * string. */
static bool read_code(struct reader *reader, struct buf *out)
{
    uint32_t code, low;
    if (!read_hex4(reader->at, &code))
        return fail(reader, "four hex digits expected");
    reader->at += 4;
    if (code >= 0xd800 && code < 0xdc00 && reader->at[0] == '\\' && reader->at[1] == 'u' &&
        read_hex4(reader->at + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        reader->at += 6;
    }
    if (code == 0 || (code >= 0xd800 && code < 0xe000))
        return fail(reader, "NUL or half of a surrogate pair");
    utf8_add_code(out, code);
    return true;
}

static bool read_escape(struct reader *reader, struct buf *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char name = *reader->at;
    const char *found = name != '\0' ? strchr(names, name) : NULL;
    if (name != 'u' && found == NULL)
        return fail(reader, "unknown escape");
    reader->at++;
    if (name == 'u')
        return read_code(reader, out);
    buf_addc(out, values[found - names]);
    return true;
}

static bool read_string(struct reader *reader, const char **ret_text)
{
    AUTO_BUF out = BUF_INIT;
    if (*reader->at++ != '"') {
        reader->at--;
        return fail(reader, "string expected");
    }
    while (*reader->at != '"') {
        unsigned char c = (unsigned char)*reader->at;
        if (c < 0x20)
            return fail(reader, c == 0 ? "string is not closed" : "control character in a string");
        reader->at++;
        if (c != '\\')
            buf_addc(&out, (char)c);
        else if (!read_escape(reader, &out))
            return false;
    }
    reader->at++;
    *ret_text = arena_copy(reader->arena, buf_string(&out), out.length);
    return true;
}

/* A number or a word; what it means is decided when it is asked for. */
static bool skip_plain(struct reader *reader)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t length = strcspn(reader->at, ",]} \t\r\n");
    AUTO_FREE char *token = strndup(reader->at, length);
    double number;
    bool known = token != NULL && token[0] != '\0' && strspn(token, "+-0123456789.eE") == length &&
                 number_double(token, &number);
    for (size_t i = 0; i < ARRAY_SIZE(words) && token != NULL; i++)
        known = known || strcmp(token, words[i]) == 0;
    if (!known)
        return fail(reader, "value expected");
    reader->at += length;
    return true;
}

/* Pass over an object or array: brackets must match, strings must be whole; the rest is for who
 * parses it. */
static bool skip_nested(struct reader *reader)
{
    char open[DEPTH_MAX];
    const char *ignored;
    size_t depth = 0;
    do {
        char c = *reader->at;
        if (c == '\0' || (c == '"' && !read_string(reader, &ignored)))
            return c == '\0' ? fail(reader, "bracket is not closed") : false;
        if (c == '"')
            continue;
        reader->at++;
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX)
                return fail(reader, "nested too deep");
            open[depth++] = c == '{' ? '}' : ']';
        } else if ((c == '}' || c == ']') && c != open[--depth]) {
            return fail(reader, "bracket does not match");
        }
    } while (depth > 0);
    return true;
}

static bool read_value(struct reader *reader, struct member *member)
{
    const char *from = reader->at;
    bool ok;
    if (*from == '"')
        ok = read_string(reader, &member->text);
    else if (*from == '{' || *from == '[')
        ok = skip_nested(reader);
    else
        ok = skip_plain(reader);
    if (ok)
        member->raw = arena_copy(reader->arena, from, (size_t)(reader->at - from));
    return ok;
}

static bool read_member(struct reader *reader, struct json_flat *object)
{
    struct member member = {0};
    if (object->n == MEMBERS_MAX)
        return fail(reader, "too many keys");
    skip_space(reader);
    if (!read_string(reader, &member.key))
        return false;
    skip_space(reader);
    if (*reader->at != ':')
        return fail(reader, "\":\" expected");
    reader->at++;
    skip_space(reader);
    if (!read_value(reader, &member))
        return false;
    skip_space(reader);
    object->members[object->n++] = member;
    return true;
}

bool json_flat_parse(
    const char *text, struct arena *arena, struct json_flat **ret_object, struct error *err)
{
    struct reader reader = {.text = text, .at = text, .arena = arena, .err = err};
    struct json_flat *object = arena_alloc(arena, 1, sizeof(*object));
    skip_space(&reader);
    if (*reader.at != '{')
        return fail(&reader, "object expected");
    reader.at++;
    skip_space(&reader);
    if (*reader.at != '}') {
        if (!read_member(&reader, object))
            return false;
        while (*reader.at == ',') {
            reader.at++;
            if (!read_member(&reader, object))
                return false;
        }
    }
    if (*reader.at != '}')
        return fail(&reader, "\",\" or \"}\" expected");
    reader.at++;
    skip_space(&reader);
    if (*reader.at != '\0')
        return fail(&reader, "end expected");
    *ret_object = object;
    return true;
}

static const struct member *find(const struct json_flat *object, const char *key)
{
    for (size_t i = 0; i < object->n; i++)
        if (strcmp(object->members[i].key, key) == 0)
            return &object->members[i];
    return NULL;
}

const char *json_flat_string(const struct json_flat *object, const char *key)
{
    const struct member *member = find(object, key);
    return member != NULL ? member->text : NULL;
}

double json_flat_number(const struct json_flat *object, const char *key, double fallback)
{
    const struct member *member = find(object, key);
    double number;
    if (member == NULL || member->text != NULL || !number_double(member->raw, &number))
        return fallback;
    return number;
}

bool json_flat_true(const struct json_flat *object, const char *key)
{
    const struct member *member = find(object, key);
    return member != NULL && strcmp(member->raw, "true") == 0;
}

const char *json_flat_raw(const struct json_flat *object, const char *key)
{
    const struct member *member = find(object, key);
    return member != NULL ? member->raw : NULL;
}

const char *const *json_flat_strings(
    const struct json_flat *object, const char *key, struct arena *arena)
{
    const char *raw = json_flat_raw(object, key);
    struct error ignored = ERROR_INIT;
    if (raw == NULL || raw[0] != '[')
        return NULL;
    struct reader reader = {.text = raw, .at = raw + 1, .arena = arena, .err = &ignored};
    const char **list = arena_alloc(arena, strlen(raw), sizeof(*list));
    size_t n = 0;
    skip_space(&reader);
    while (*reader.at != ']') {
        if (n > 0 && *reader.at++ != ',')
            return NULL;
        skip_space(&reader);
        if (!read_string(&reader, &list[n++]))
            return NULL;
        skip_space(&reader);
    }
    return list;
}
