/* Smells with their cost (SQALE, thresholds and minutes of SonarQube's rules) and security
 * findings. */
#include <math.h>

#include "analyze/array.h"
#include "analyze/intern.h"
#include "analyze/measures.h"
#include "base/json.h"
#include "base/number.h"

/* One smell or security finding, for the findings document. */
struct finding {
    const char *rule, *severity, *message;
    uint32_t row; /* 0-based */
    uint32_t minutes;
    struct finding *next;
};

struct literal {
    uint32_t n, row; /* how often, and where first */
};

struct state {
    struct finding *first, **end;
    struct intern *texts; /* of string literals */
    struct literal *literals;
    uint32_t literals_capacity;
    double counts[3]; /* vulnerabilities, hotspots, secrets */
    double penalty;   /* of the security score */
    double smells, minutes;
};

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->end = &s->first;
    s->texts = intern_new(walk->arena);
    return s;
}

static void add(struct state *s, struct walk *walk, struct finding finding)
{
    *s->end = arena_alloc(walk->arena, 1, sizeof(**s->end));
    **s->end = finding;
    s->end = &(*s->end)->next;
}

static void add_smell(struct state *s, struct walk *walk, const char *rule, uint32_t row,
    uint32_t minutes, const char *message)
{
    add(s, walk,
        (struct finding){
            .rule = rule, .severity = "smell", .message = message, .row = row, .minutes = minutes});
    s->smells++;
    s->minutes += minutes;
}

/* What a finding of the severity takes from the security score of 100. */
struct severity {
    const char *word;
    double penalty;
};

static const struct severity severities[] = {
    {"critical", 25}, {"high", 10}, {"medium", 4}, {"low", 1}};
static const char *const security_kinds[] = {"vulnerability", "hotspot", "secret"};

static void add_security(struct state *s, struct walk *walk, const struct note *note, uint32_t row)
{
    const char *severity = pattern_setting(note->pattern, "severity"),
               *kind = pattern_setting(note->pattern, "kind");
    const char *rule = pattern_setting(note->pattern, "rule"),
               *message = pattern_setting(note->pattern, "message");
    severity = severity ? severity : "medium";
    kind = kind ? kind : security_kinds[0];
    for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
        if (strcmp(severities[i].word, severity) == 0)
            s->penalty += severities[i].penalty;
    for (size_t i = 0; i < ARRAY_SIZE(security_kinds); i++)
        if (strcmp(security_kinds[i], kind) == 0)
            s->counts[i]++;
    add(s, walk,
        (struct finding){.rule = rule ? rule : kind,
            .severity = severity,
            .message = message ? message : "",
            .row = row});
}

static void note_literal(struct state *s, struct walk *walk, const struct frame *frame)
{
    enum {
        SHORTEST = 7
    }; /* with its quotes: S1192 leaves out what is shorter than five characters */
    if (frame->end - frame->start < SHORTEST)
        return;
    uint32_t number = intern_text(s->texts, walk_text(walk, frame->node));
    s->literals =
        array_room(walk->arena, s->literals, &s->literals_capacity, number, sizeof(*s->literals));
    if (s->literals[number].n++ == 0)
        s->literals[number].row = ts_node_start_point(frame->node).row;
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    if ((frame->marks & BIT(STRING)) != 0)
        note_literal(s, walk, frame);
    uint32_t row = ts_node_start_point(frame->node).row;
    for (const struct note *note = frame->notes; note; note = note->next) {
        if (note->word == WORD_FINDING)
            add_security(s, walk, note, row);
        if (note->word != WORD_SMELL)
            continue;
        const char *rule = pattern_setting(note->pattern, "rule"),
                   *message = pattern_setting(note->pattern, "message");
        const char *cost = pattern_setting(note->pattern, "minutes");
        uint64_t minutes = 5;
        if (cost && !number_u64(cost, 0, 10000, &minutes))
            minutes = 5;
        add_smell(s, walk, rule ? rule : "smell", row, (uint32_t)minutes, message ? message : "");
    }
}

/* A number of a function that should not pass a limit. */
struct threshold {
    const char *rule, *what;
    uint32_t limit, minutes, minutes_per_point;
    double (*value)(const struct outline *, const struct function *);
};

static double value_cognitive(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->cognitive;
}

static double value_cyclomatic(const struct outline *o, const struct function *f)
{
    (void)o;
    return 1.0 + f->decisions;
}

static double value_parameters(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->parameters;
}

static double value_depth(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->depth_max;
}

static double value_lines(const struct outline *o, const struct function *f)
{
    return definition_lines(&o->definitions[f->definition]);
}

static double value_exits(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->exits;
}

static double value_operators(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->logical_ops_max;
}

static double value_cases(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->cases_max;
}

static const struct threshold thresholds[] = {
    {"cognitive-complexity", "cognitive complexity", 15, 5, 1, value_cognitive},     /* S3776 */
    {"cyclomatic-complexity", "cyclomatic complexity", 10, 10, 1, value_cyclomatic}, /* S1541 */
    {"too-many-parameters", "parameters", 7, 20, 0, value_parameters},               /* S107 */
    {"deep-nesting", "nesting depth", 3, 10, 0, value_depth},                        /* S134 */
    {"long-function", "lines", 75, 20, 0, value_lines},                              /* S138 */
    {"too-many-returns", "exits", 3, 20, 0, value_exits},                            /* S1142 */
    {"complex-expression", "logical operators in one expression", 3, 5, 1,
        value_operators},                                              /* S1067 */
    {"too-many-cases", "cases in one switch", 30, 30, 0, value_cases}, /* S1479 */
};

static void judge_function(struct state *s, struct walk *walk, const struct function *f)
{
    const struct outline *o = walk->outline;
    const struct definition *d = &o->definitions[f->definition];
    for (size_t i = 0; i < ARRAY_SIZE(thresholds); i++) {
        const struct threshold *t = &thresholds[i];
        double value = t->value(o, f);
        if (value <= t->limit)
            continue;
        uint32_t minutes = t->minutes + t->minutes_per_point * ((uint32_t)value - t->limit);
        add_smell(s, walk, t->rule, d->row, minutes,
            arena_printf(walk->arena, "%.0f %s, at most %u are good", value, t->what, t->limit));
    }
}

static void judge_definition(struct state *s, struct walk *walk, const struct definition *d)
{
    enum { MOST_METHODS = 35 };
    if (d->is_public && !d->doc.bytes && d->word != WORD_SYMBOL)
        add_smell(s, walk, "undocumented", d->row, 5, "public, but without documentation");
    if (d->n_methods > MOST_METHODS) /* S1448 */
        add_smell(s, walk, "too-many-methods", d->row, 60,
            arena_printf(
                walk->arena, "%u methods, at most %d are good", d->n_methods, MOST_METHODS));
}

static void judge_file(struct state *s, struct walk *walk, const double *metric)
{
    enum { MOST_LINES = 750, MOST_COPIES = 2 };
    if (metric[METRIC_LINES_CODE] > MOST_LINES) /* S104 */
        add_smell(s, walk, "long-file", 0, 60,
            arena_printf(walk->arena, "%.0f lines of code, at most %d are good",
                metric[METRIC_LINES_CODE], MOST_LINES));
    for (uint32_t i = 0; i < intern_count(s->texts); i++) /* S1192 */
        if (s->literals[i].n > MOST_COPIES)
            add_smell(s, walk, "repeated-literal", s->literals[i].row, 2 + 2 * s->literals[i].n,
                arena_printf(walk->arena, "the same string %u times", s->literals[i].n));
}

static void write_document(const struct state *s, struct walk *walk, struct code_facts *facts)
{
    struct buf text = BUF_INIT;
    struct json json = JSON_INIT(&text);
    json_array_begin(&json);
    for (const struct finding *f = s->first; f; f = f->next) {
        json_object_begin(&json);
        json_key_string(&json, "rule", f->rule);
        json_key_string(&json, "severity", f->severity);
        json_key_u64(&json, "line", (uint64_t)f->row + 1);
        json_key_string(&json, "message", f->message);
        json_key_u64(&json, "minutes", f->minutes);
        json_object_end(&json);
    }
    json_array_end(&json);
    facts->blob[BLOB_FINDINGS] =
        (struct text){arena_copy(walk->arena, buf_string(&text), text.length), text.length};
    buf_release(&text);
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    const struct outline *o = walk->outline;
    double *metric = facts->metric;
    for (uint32_t i = 1; i < o->n_functions; i++)
        judge_function(s, walk, &o->functions[i]);
    for (uint32_t i = 0; i < o->n_definitions; i++)
        judge_definition(s, walk, &o->definitions[i]);
    judge_file(s, walk, metric);
    write_document(s, walk, facts);
    metric[METRIC_CODE_SMELL_COUNT] =
        s->smells + metric[METRIC_TODO_COUNT]; /* S1135 costs nothing but counts */
    metric[METRIC_TECHNICAL_DEBT_MINUTES] = s->minutes;
    if (metric[METRIC_LINES_CODE] > 0)
        metric[METRIC_TECHNICAL_DEBT_RATIO] = 100 * s->minutes / (30 * metric[METRIC_LINES_CODE]);
    metric[METRIC_VULNERABILITY_COUNT] = s->counts[0];
    metric[METRIC_SECURITY_HOTSPOT_COUNT] = s->counts[1];
    metric[METRIC_SECRET_COUNT] = s->counts[2];
    metric[METRIC_SECURITY_SCORE] = s->penalty < 100 ? 100 - s->penalty : 0;
}

const struct measure findings_measure = {
    .name = "findings",
    .wants = NOTED_BIT | BIT(STRING),
    .begin = begin,
    .enter = enter,
    .finish = finish,
};
