/* Lines by what is on them (cloc, tokei): a comment line has a comment or docstring and not one
 * byte of anything else. */
#include "analyze/array.h"
#include "analyze/measures.h"

struct span {
    uint32_t start, end;
};

struct state {
    struct span *comments; /* in order, none inside another */
    uint32_t n_comments, capacity;
    uint32_t todos;
};

static const char *const markers[] = {"TODO", "FIXME", "XXX", "HACK"};

static void *begin(struct walk *walk)
{
    return arena_alloc(walk->arena, 1, sizeof(struct state));
}

static bool is_word_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c >= 0x80;
}

static bool is_marker(const uint8_t *at, size_t length, bool word_before)
{
    if (word_before)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(markers); i++) {
        size_t n = strlen(markers[i]);
        if (length >= n && memcmp(at, markers[i], n) == 0 && (length == n || !is_word_byte(at[n])))
            return true;
    }
    return false;
}

static uint32_t count_markers(const uint8_t *bytes, size_t length)
{
    uint32_t n = 0;
    for (size_t i = 0; i + 3 <= length; i++)
        if ((bytes[i] == 'T' || bytes[i] == 'F' || bytes[i] == 'X' || bytes[i] == 'H') &&
            is_marker(bytes + i, length - i, i > 0 && is_word_byte(bytes[i - 1])))
            n++;
    return n;
}

static void add_span(struct state *s, struct walk *walk, struct span span)
{
    if (s->n_comments > 0 && span.start < s->comments[s->n_comments - 1].end)
        return;
    s->comments =
        array_room(walk->arena, s->comments, &s->capacity, s->n_comments, sizeof(*s->comments));
    s->comments[s->n_comments++] = span;
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    uint32_t n = s->n_comments;
    add_span(s, walk, (struct span){frame->start, frame->end});
    if (s->n_comments > n && (frame->marks & BIT(COMMENT)) != 0)
        s->todos += count_markers(walk->bytes + frame->start, frame->end - frame->start);
}

/* What one line has. */
struct line {
    bool comment, code;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A `#!` line is a comment where the grammar has it as something else; a Rust attribute `#![…]` is
 * not one. */
static uint32_t shebang_end(const struct walk *walk)
{
    if (walk->length < 3 || walk->bytes[0] != '#' || walk->bytes[1] != '!' || walk->bytes[2] == '[')
        return 0;
    const uint8_t *newline = memchr(walk->bytes, '\n', walk->length);
    return newline ? (uint32_t)(newline - walk->bytes) : walk->length;
}

struct totals {
    double code, comment, with_comment;
    uint32_t *code_before; /* lines of code above each row, one more than there are rows */
    uint32_t n_rows;
};

static void close_line(struct totals *totals, const struct line *line, uint32_t row)
{
    bool code = line->code;
    totals->code += code;
    totals->comment += line->comment && !code;
    totals->with_comment += line->comment;
    totals->code_before[row + 1] = totals->code_before[row] + code;
}

/* What bytes [at, end) have, a line without its newline. *next: the first comment that does not end
 * before them; it moves on. Of each stretch of code or comment only the first byte is looked at. */
static struct line classify_line(
    const struct state *s, const struct walk *walk, uint32_t at, uint32_t end, uint32_t *next)
{
    struct line line = {0};
    for (;;) {
        while (at < end && is_space(walk->bytes[at]))
            at++;
        if (at >= end)
            return line;
        while (*next < s->n_comments && s->comments[*next].end <= at)
            ++*next;
        bool more = *next < s->n_comments;
        bool comment = more && s->comments[*next].start <= at;
        line.comment |= comment;
        line.code |= !comment;
        at = !more ? end : comment ? s->comments[*next].end : s->comments[*next].start;
    }
}

static void classify(const struct state *s, const struct walk *walk, struct totals *totals)
{
    uint32_t next = 0, row = 0, shebang = shebang_end(walk);
    uint32_t at = walk->length >= 3 && memcmp(walk->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < walk->length) {
        const uint8_t *newline = memchr(walk->bytes + at, '\n', walk->length - at);
        uint32_t end = newline ? (uint32_t)(newline - walk->bytes) : walk->length;
        struct line line =
            at < shebang ? (struct line){.comment = true} : classify_line(s, walk, at, end, &next);
        close_line(totals, &line, row++);
        at = end + 1;
    }
    totals->n_rows = row;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    uint32_t rows = 1;
    for (uint32_t i = 0; i < walk->length; i++)
        rows += walk->bytes[i] == '\n';
    struct totals totals = {
        .code_before = arena_alloc(walk->arena, (size_t)rows + 1, sizeof(uint32_t))};
    classify(s, walk, &totals);
    facts->metric[METRIC_LINES_CODE] = totals.code;
    facts->metric[METRIC_LINES_COMMENT] = totals.comment;
    facts->metric[METRIC_LINES_WITH_COMMENT] = totals.with_comment;
    facts->metric[METRIC_TODO_COUNT] = s->todos;
    if (totals.code + totals.comment > 0)
        facts->metric[METRIC_COMMENT_RATIO] = 100 * totals.comment / (totals.code + totals.comment);
    struct outline *o = walk->outline;
    for (uint32_t i = 1; i < o->n_functions; i++) {
        const struct definition *d = &o->definitions[o->functions[i].definition];
        uint32_t after = d->end_row + 1 < totals.n_rows ? d->end_row + 1 : totals.n_rows;
        o->functions[i].lines_code =
            totals.code_before[after] - totals.code_before[d->row < after ? d->row : after];
    }
}

const struct measure lines_measure = {
    .name = "lines",
    .wants = BIT(COMMENT) | BIT(DOCSTRING),
    .begin = begin,
    .enter = enter,
    .finish = finish,
};
