#include "model/facts.h"

static const char *const parse_status_words[PARSE_STATUSES] = {
    [PARSE_OK] = "ok",
    [PARSE_PARTIAL] = "partial",
    [PARSE_FAILED] = "failed",
    [PARSE_TIMEOUT] = "timeout",
    [PARSE_MEMORY] = "memory",
    [PARSE_TOO_BIG] = "too_big",
    [PARSE_MINIFIED] = "minified",
    [PARSE_BINARY] = "binary",
    [PARSE_UNSUPPORTED] = "unsupported",
};

static const char *const content_state_words[CONTENT_STATES] = {
    [CONTENT_EXACT] = "exact",
    [CONTENT_NUL_STRIPPED] = "nul_stripped",
    [CONTENT_TRANSCODED] = "transcoded",
    [CONTENT_LOSSY] = "lossy",
    [CONTENT_TOO_BIG] = "too_big",
    [CONTENT_BINARY] = "binary",
};

const char *parse_status_word(enum parse_status status)
{
    return parse_status_words[status];
}

const char *content_state_word(enum content_state state)
{
    return content_state_words[state];
}
