#include "watch/wildmatch.h"

#include <stdint.h>

/*
 * Two places to come back to are enough: the last `*`, which may take one more byte of its
 * component, and the last `**`, which may take one more component (or byte). An earlier one could
 * only give what the last one gives as well, further right.
 */
struct match {
    const uint8_t *pattern;
    const uint8_t *pattern_end;
    const uint8_t *text_end;
    const uint8_t *star;      /* pattern after the last `*`; NULL: none */
    const uint8_t *star_text; /* what it has not taken yet */
    const uint8_t *deep;      /* pattern after the last `**`; NULL: none */
    const uint8_t *deep_text;
    bool deep_by_component; /* the slash after it was taken too */
};

/* Where both sides stand. */
struct place {
    const uint8_t *p;
    const uint8_t *t;
};

enum step { STEP_ON, STEP_FAIL, STEP_MATCHED, STEP_NEVER };

struct byte_class {
    const char *name;
    bool (*holds)(uint8_t byte);
};

static bool is_between(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

static bool is_digit(uint8_t byte)
{
    return is_between(byte, '0', '9');
}

static bool is_lower(uint8_t byte)
{
    return is_between(byte, 'a', 'z');
}

static bool is_upper(uint8_t byte)
{
    return is_between(byte, 'A', 'Z');
}

static bool is_alpha(uint8_t byte)
{
    return is_lower(byte) || is_upper(byte);
}

static bool is_alnum(uint8_t byte)
{
    return is_alpha(byte) || is_digit(byte);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_cntrl(uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}

static bool is_print(uint8_t byte)
{
    return is_between(byte, 0x20, 0x7e);
}

static bool is_graph(uint8_t byte)
{
    return is_between(byte, 0x21, 0x7e);
}

static bool is_punct(uint8_t byte)
{
    return is_graph(byte) && !is_alnum(byte);
}

/* git counts neither vertical tab nor form feed. */
static bool is_space(uint8_t byte)
{
    return is_blank(byte) || byte == '\n' || byte == '\r';
}

static bool is_xdigit(uint8_t byte)
{
    return is_digit(byte) || is_between(byte, 'a', 'f') || is_between(byte, 'A', 'F');
}

static const struct byte_class byte_classes[] = {
    {"alnum", is_alnum},
    {"alpha", is_alpha},
    {"blank", is_blank},
    {"cntrl", is_cntrl},
    {"digit", is_digit},
    {"graph", is_graph},
    {"lower", is_lower},
    {"print", is_print},
    {"punct", is_punct},
    {"space", is_space},
    {"upper", is_upper},
    {"xdigit", is_xdigit},
};

static const struct byte_class *find_class(const uint8_t *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(byte_classes); i++) {
        const char *candidate = byte_classes[i].name;
        if (strlen(candidate) == length && memcmp(candidate, name, length) == 0)
            return &byte_classes[i];
    }
    return NULL;
}

/*
 * `[:name:]` at p. Returns the place after it and says whether the byte is of the class; p itself
 * when it is no class but a plain `[`; NULL when the name is unknown or the bracket never ends.
 */
static const uint8_t *match_class(
    const uint8_t *p, const uint8_t *end, uint8_t byte, bool *ret_holds)
{
    const uint8_t *name = p + 2;
    const uint8_t *close = memchr(name, ']', (size_t)(end - name));
    if (close == NULL)
        return NULL;
    if (close == name || close[-1] != ':')
        return p;
    const struct byte_class *class = find_class(name, (size_t)(close - 1 - name));
    if (class == NULL)
        return NULL;
    *ret_holds = class->holds(byte);
    return close + 1;
}

/* The upper end of a range `low-high`; p is after the dash. NULL: cut off. */
static const uint8_t *range_end(const uint8_t *p, const uint8_t *end, uint8_t *ret_high)
{
    if (*p == '\\' && ++p == end)
        return NULL;
    *ret_high = *p;
    return p + 1;
}

/* One item of a bracket: a byte, a range, a class. low: the byte before a dash, 0 where no range
 * can begin. */
static const uint8_t *match_item(
    const uint8_t *p, const uint8_t *end, uint8_t byte, uint8_t *low, bool *matched)
{
    bool holds = false;
    if (*p == '[' && p + 1 < end && p[1] == ':') {
        const uint8_t *after = match_class(p, end, byte, &holds);
        if (after != p) {
            *low = 0;
            *matched |= holds;
            return after;
        }
    }
    if (*p == '-' && *low != 0 && p + 1 < end && p[1] != ']') {
        uint8_t high = 0;
        const uint8_t *after = range_end(p + 1, end, &high);
        *matched |= after != NULL && is_between(byte, *low, high);
        *low = 0;
        return after;
    }
    if (*p == '\\' && ++p == end)
        return NULL;
    *matched |= *p == byte;
    *low = *p;
    return p + 1;
}

/* A bracket expression; p is after `[`. Returns the place after `]` if the byte is in it, otherwise
 * NULL. */
static const uint8_t *match_bracket(const uint8_t *p, const uint8_t *end, uint8_t byte)
{
    bool negated = p < end && (*p == '!' || *p == '^');
    if (negated)
        p++;
    bool matched = false;
    uint8_t low = 0;
    const uint8_t *first = p; /* a `]` here is a plain byte */
    while (p < end && (*p != ']' || p == first)) {
        p = match_item(p, end, byte, &low, &matched);
        if (p == NULL)
            return NULL;
    }
    if (p >= end || matched == negated || byte == '/')
        return NULL;
    return p + 1;
}

static bool is_whole_component(const struct match *m, const uint8_t *p, const uint8_t *after)
{
    if (after - p < 2 || (p > m->pattern && p[-1] != '/'))
        return false;
    return after == m->pattern_end || *after == '/' ||
           (*after == '\\' && after + 1 < m->pattern_end && after[1] == '/');
}

/* One or more stars at at->p. */
static enum step take_stars(struct match *m, struct place *at)
{
    const uint8_t *after = at->p;
    while (after < m->pattern_end && *after == '*')
        after++;
    bool deep = is_whole_component(m, at->p, after);
    if (after == m->pattern_end) {
        bool has_slash = memchr(at->t, '/', (size_t)(m->text_end - at->t)) != NULL;
        m->star = NULL;
        return deep || !has_slash ? STEP_MATCHED : STEP_FAIL;
    }
    if (!deep) {
        m->star = at->p = after;
        m->star_text = at->t;
        return STEP_ON;
    }
    m->star = NULL;
    m->deep_by_component = *after == '/';
    m->deep = at->p = m->deep_by_component ? after + 1 : after;
    m->deep_text = at->t;
    return STEP_ON;
}

/* What stands at at->p, against one byte. */
static enum step take_byte(struct match *m, struct place *at)
{
    if (at->t == m->text_end)
        return STEP_NEVER; /* going back would only take more of the text away */
    const uint8_t *after = at->p + 1;
    bool fits;
    if (*at->p == '?') {
        fits = *at->t != '/';
    } else if (*at->p == '[') {
        after = match_bracket(after, m->pattern_end, *at->t);
        fits = after != NULL;
    } else if (*at->p == '\\') {
        fits = after < m->pattern_end && *after == *at->t;
        after++;
    } else {
        fits = *at->p == *at->t;
    }
    if (!fits)
        return STEP_FAIL;
    at->p = after;
    at->t++;
    return STEP_ON;
}

/* Let the last star take more. False: none can. */
static bool go_back(struct match *m, struct place *at)
{
    if (m->star != NULL && m->star_text < m->text_end && *m->star_text != '/') {
        *at = (struct place){.p = m->star, .t = ++m->star_text};
        return true;
    }
    m->star = NULL;
    if (m->deep == NULL || m->deep_text == m->text_end)
        return false;
    if (m->deep_by_component) {
        const uint8_t *slash = memchr(m->deep_text, '/', (size_t)(m->text_end - m->deep_text));
        if (slash == NULL)
            return false;
        m->deep_text = slash;
    }
    *at = (struct place){.p = m->deep, .t = ++m->deep_text};
    return true;
}

bool wildmatch(const char *pattern, size_t pattern_length, const char *text, size_t text_length)
{
    struct match m = {.pattern = (const uint8_t *)pattern};
    m.pattern_end = m.pattern + pattern_length;
    struct place at = {.p = m.pattern, .t = (const uint8_t *)text};
    m.text_end = at.t + text_length;
    for (;;) {
        enum step step;
        if (at.p == m.pattern_end)
            step = at.t == m.text_end ? STEP_MATCHED : STEP_FAIL;
        else if (*at.p == '*')
            step = take_stars(&m, &at);
        else
            step = take_byte(&m, &at);
        if (step == STEP_MATCHED)
            return true;
        if (step == STEP_NEVER || (step == STEP_FAIL && !go_back(&m, &at)))
            return false;
    }
}

size_t wildmatch_literal_length(const char *pattern, size_t pattern_length)
{
    for (size_t i = 0; i < pattern_length; i++) {
        if (strchr("*?[\\", pattern[i]) != NULL)
            return i;
    }
    return pattern_length;
}
