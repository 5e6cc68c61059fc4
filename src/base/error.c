#include "base/error.h"

#include <stdarg.h>

static const int exit_codes[] = {
    [ERROR_NONE] = 0,
    [ERROR_FILES] = 1,
    [ERROR_USAGE] = 2,
    [ERROR_CONFIG] = 2,
    [ERROR_DATABASE] = 3,
    [ERROR_WATCH] = 4,
    [ERROR_OWNED] = 5,
    [ERROR_SCHEMA] = 6,
    [ERROR_IO] = 1,
    [ERROR_ANALYSIS] = 1,
    [ERROR_BUG] = 70,
    [ERROR_TIMEOUT] = 124,
};

/* Too long a message is cut; the fixed size is what makes errors free of allocation. */
static void PRINTF_LIKE(3, 0) format_into(char *out, size_t size, const char *format, va_list args)
{
    if (vsnprintf(out, size, format, args) < 0)
        out[0] = '\0';
}

bool error_set(struct error *err, enum error_kind kind, int sys_errno, const char *format, ...)
{
    va_list args;
    *err = (struct error){.kind = kind, .sys_errno = sys_errno};
    va_start(args, format);
    format_into(err->message, sizeof(err->message), format, args);
    va_end(args);
    if (sys_errno != 0) {
        char reason[128];
        size_t length = strlen(err->message);
        const char *text = strerror_r(sys_errno, reason, sizeof(reason));
        (void)snprintf(err->message + length, sizeof(err->message) - length, ": %s", text);
    }
    return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
    char text[2 * sizeof(err->message) + 2]; /* both at their longest, and ": " */
    va_list args;
    va_start(args, format);
    format_into(text, sizeof(err->message), format, args);
    va_end(args);
    size_t used = strlen(text);
    memcpy(text + used, ": ", 2);
    memcpy(text + used + 2, err->message, strlen(err->message) + 1);
    text[sizeof(err->message) - 1] = '\0';
    memcpy(err->message, text, sizeof(err->message));
    return false;
}

bool error_hint(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_into(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return false;
}

int error_exit_code(const struct error *err)
{
    return exit_codes[err->kind];
}
