#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

bool number_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

bool number_i64(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

bool number_double(const char *text, double *ret_value)
{
    char *end = NULL;
    if (text[0] == '\0' || isspace((unsigned char)text[0]))
        return false;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || *end != '\0' || !isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

bool number_duration_ms(const char *text, uint64_t *ret_ms)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end = NULL;
    if (strcmp(text, "0") == 0) {
        *ret_ms = 0;
        return true;
    }
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || !isfinite(value) || end == text || text[1] == 'x' || text[1] == 'X')
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (strcmp(end, units[i].unit) == 0 && value * units[i].ms < 9e15) {
            *ret_ms = (uint64_t)llround(value * units[i].ms);
            return true;
        }
    }
    return false;
}
