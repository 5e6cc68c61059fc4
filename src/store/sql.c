#include "store/sql.h"

#include <assert.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/number.h"

const char *sql_text(const char *name)
{
    const struct embedded_file *file = sql_files;
    while (file->name != NULL && strcmp(file->name, name) != 0)
        file++;
    assert(file->name != NULL);
    return (const char *)file->bytes;
}

/* What follows "-- key:" on a line of the comment block that starts the text; false if no line has
 * it. */
static bool header_value(const char *text, const char *key, char *ret_value, size_t size)
{
    size_t key_length = strlen(key);
    while (strncmp(text, "-- ", 3) == 0) {
        size_t length = strcspn(text, "\n");
        if (strncmp(text + 3, key, key_length) == 0 && text[3 + key_length] == ':') {
            const char *value = text + 3 + key_length + 1;
            value += strspn(value, " ");
            (void)snprintf(ret_value, size, "%.*s", (int)(text + length - value), value);
            return true;
        }
        text += length + (text[length] == '\n');
    }
    return false;
}

int sql_header_number(const char *text, const char *key, int otherwise)
{
    char value[32];
    int64_t number;
    if (header_value(text, key, value, sizeof(value)) && number_i64(value, 0, INT32_MAX, &number))
        return (int)number;
    return otherwise;
}

bool sql_header_has(const char *text, const char *key, const char *word)
{
    char value[128];
    if (!header_value(text, key, value, sizeof(value)))
        return false;
    size_t length = strlen(word);
    for (const char *at = value; *at != '\0';) {
        size_t n = strcspn(at, " ");
        if (n == length && strncmp(at, word, n) == 0)
            return true;
        at += n + strspn(at + n, " ");
    }
    return false;
}
