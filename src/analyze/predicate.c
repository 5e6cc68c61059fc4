#include "analyze/predicate.h"

#include <string.h>

static bool says_yes(const struct predicate *p, struct text text, const struct text *other)
{
    if (p->kind == PREDICATE_MATCH) {
        regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)text.length};
        return regexec(&p->regex, text.bytes, 1, &range, REG_STARTEND) == 0;
    }
    if (other)
        return other->length == text.length && memcmp(other->bytes, text.bytes, text.length) == 0;
    for (size_t i = 0; i < p->n_values; i++)
        if (p->lengths[i] == text.length && memcmp(p->values[i], text.bytes, text.length) == 0)
            return true;
    return false;
}

bool predicate_holds(const struct predicate *predicate, struct text text, const struct text *other)
{
    return says_yes(predicate, text, other) != predicate->negated;
}
