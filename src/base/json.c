#include "base/json.h"

#include <math.h>

#include "base/utf8.h"

static void before_value(struct json *json)
{
    if (json->comma)
        buf_addc(json->out, ',');
    json->comma = true;
}

static void begin(struct json *json, char bracket)
{
    before_value(json);
    buf_addc(json->out, bracket);
    json->comma = false;
}

static void end(struct json *json, char bracket)
{
    buf_addc(json->out, bracket);
    json->comma = true;
}

void json_object_begin(struct json *json)
{
    begin(json, '{');
}

void json_object_end(struct json *json)
{
    end(json, '}');
}

void json_array_begin(struct json *json)
{
    begin(json, '[');
}

void json_array_end(struct json *json)
{
    end(json, ']');
}

void json_key(struct json *json, const char *key)
{
    before_value(json);
    buf_addc(json->out, '"');
    buf_adds(json->out, key);
    buf_adds(json->out, "\":");
    json->comma = false;
}

static void add_escaped(struct buf *out, uint8_t c)
{
    static const char short_forms[] = {['\b'] = 'b',
        ['\t'] = 't',
        ['\n'] = 'n',
        ['\f'] = 'f',
        ['\r'] = 'r',
        ['"'] = '"',
        ['\\'] = '\\'};
    if (c < sizeof(short_forms) && short_forms[c] != 0) {
        buf_addc(out, '\\');
        buf_addc(out, short_forms[c]);
    } else {
        buf_addf(out, "\\u%04x", c);
    }
}

void json_bytes(struct json *json, const char *bytes, size_t length)
{
    const uint8_t *at = (const uint8_t *)bytes;
    before_value(json);
    buf_addc(json->out, '"');
    size_t clean = 0;
    for (size_t i = 0; i < length;) {
        size_t size = at[i] < 0x20 || at[i] == '"' || at[i] == '\\' || at[i] == 0x7f
                          ? 0
                          : utf8_sequence(at + i, length - i, NULL);
        if (size > 0) {
            i += size;
            continue;
        }
        buf_add(json->out, at + clean, i - clean);
        if (at[i] >= 0x80)
            buf_adds(json->out, "\xef\xbf\xbd");
        else if (at[i] != 0)
            add_escaped(json->out, at[i]);
        clean = ++i;
    }
    buf_add(json->out, at + clean, length - clean);
    buf_addc(json->out, '"');
}

void json_string(struct json *json, const char *string)
{
    if (string == NULL)
        json_null(json);
    else
        json_bytes(json, string, strlen(string));
}

void json_i64(struct json *json, int64_t value)
{
    before_value(json);
    if (value < 0)
        buf_addc(json->out, '-');
    buf_add_u64(json->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_u64(struct json *json, uint64_t value)
{
    before_value(json);
    buf_add_u64(json->out, value);
}

void json_double(struct json *json, double value)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    if (value == floor(value) && fabs(value) < 9007199254740992.0) {
        json_i64(json, (int64_t)value);
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    before_value(json);
    buf_adds(json->out, text);
}

void json_bool(struct json *json, bool value)
{
    json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json *json)
{
    json_raw(json, "null", 4);
}

void json_raw(struct json *json, const char *text, size_t length)
{
    before_value(json);
    buf_add(json->out, text, length);
}

void json_key_string(struct json *json, const char *key, const char *string)
{
    json_key(json, key);
    json_string(json, string);
}

void json_key_bytes(struct json *json, const char *key, const char *bytes, size_t length)
{
    json_key(json, key);
    json_bytes(json, bytes, length);
}

void json_key_i64(struct json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_i64(json, value);
}

void json_key_u64(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_u64(json, value);
}

void json_key_double(struct json *json, const char *key, double value)
{
    json_key(json, key);
    json_double(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}
