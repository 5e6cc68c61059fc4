#include "app/json_each.h"

#include <stdbool.h>
#include <stddef.h>

const char *json_each(const char *at, const char **ret_end)
{
    int depth = 0;
    bool in_string = false;
    while (*at != '\0' && *at != '{')
        at++;
    const char *end = at;
    for (; *end != '\0'; end++) {
        if (in_string && *end == '\\' && end[1] != '\0') {
            end++; /* the character it escapes */
            continue;
        }
        if (in_string) {
            in_string = *end != '"';
            continue;
        }
        in_string = *end == '"';
        depth += (*end == '{') - (*end == '}');
        if (depth == 0)
            break;
    }
    *ret_end = *end == '\0' ? end : end + 1;
    return *at == '\0' ? NULL : at;
}
