#include "unit.h"

#include <fts.h>

#include "analyze/plan.h"
#include "analyze/walk.h"
#include "base/fd.h"

static char *sample_root(void)
{
    const char *root = getenv("SRCTAB_SOURCE_ROOT");
    struct buf path = BUF_INIT;
    buf_addf(&path, "%s/tests/lang", root ? root : ".");
    return buf_take(&path);
}

/* A language with one query file of our own. */
static struct language with_queries(const char *id, struct embedded_file *files, const char *text)
{
    struct language language = *language_by_id(id);
    files[0] =
        (struct embedded_file){"parsers/test/test.scm", (const unsigned char *)text, strlen(text)};
    files[1] = (struct embedded_file){0};
    language.queries = files;
    return language;
}

static void expect_refusal(const char *text, const char *message, const char *hint)
{
    struct embedded_file files[2];
    struct language language = with_queries("c", files, text);
    struct plan *plan = NULL;
    struct error err = ERROR_INIT;
    assert_false(plan_new(&language, PLAN_TABLES, &plan, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void an_unknown_capture_is_refused_with_its_line_and_the_nearest_word(void **state)
{
    (void)state;
    expect_refusal("; one\n(if_statement) @decison\n",
        "parsers/test/test.scm:2: unknown capture \"@decison\"", "Did you mean \"@decision\"?");
}

static void an_unknown_node_is_refused_with_its_line_and_the_nearest_kind(void **state)
{
    (void)state;
    expect_refusal("\n\n(if_statment) @nest",
        "parsers/test/test.scm:3: unknown node \"if_statment\"", "Did you mean \"if_statement\"?");
}

static void an_unknown_node_inside_a_pattern_is_refused(void **state)
{
    (void)state;
    expect_refusal("(if_statement\n  condition: (parenthesised_expression) @header)",
        "parsers/test/test.scm:2: unknown node \"parenthesised_expression\"",
        "Did you mean \"parenthesized_expression\"?");
}

static void an_unknown_field_is_refused(void **state)
{
    (void)state;
    expect_refusal(
        "(if_statement test: (_) @header)", "parsers/test/test.scm:1: unknown field \"test\"", "");
}

static void an_unknown_predicate_is_refused(void **state)
{
    (void)state;
    expect_refusal("((comment) @comment\n (#contains? @comment \"x\"))",
        "parsers/test/test.scm:2: unknown predicate \"#contains?\"",
        "Known are #eq? #any-of? #match?, each also with not-, and #set!.");
}

static void a_bad_regular_expression_is_refused(void **state)
{
    (void)state;
    expect_refusal("((comment) @comment (#match? @comment \"[a\"))",
        "parsers/test/test.scm:1: not a POSIX extended regular expression: \"[a\"", "");
}

static void an_attribute_without_an_owner_is_refused(void **state)
{
    (void)state;
    expect_refusal("(preproc_def name: (_) @name)",
        "parsers/test/test.scm:1: pattern has attributes (@name …) but nothing that owns them", "");
}

static void a_pattern_that_begins_anywhere_is_refused(void **state)
{
    (void)state;
    expect_refusal("((_) @statement (#eq? @statement \"x\"))",
        "parsers/test/test.scm:1: a pattern has to begin with one node of a named kind", "");
}

static void an_unfinished_pattern_is_refused(void **state)
{
    (void)state;
    expect_refusal(
        "(if_statement\n (else_clause)", "parsers/test/test.scm:1: expression without an end", "");
}

/* ---- tables, shapes and triggers against the library alone ---- */

struct recorder {
    struct buf text;
};

static struct recorder *recorder; /* begin() has no argument for it */

static void *recorder_begin(struct walk *walk)
{
    (void)walk;
    return recorder;
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void record_notes(struct recorder *r, const struct frame *frame)
{
    char *lines[256];
    size_t n = 0;
    for (const struct note *note = frame->notes; note; note = note->next) {
        char *attributes[1024];
        size_t n_attributes = 0;
        bool joined = word_bits(note->word) != 0;
        if (joined && !note->attributes)
            continue; /* says no more than the mark */
        struct buf line = BUF_INIT;
        buf_addf(&line, " %s:%u", word_infos[note->word].text, joined ? 0 : note->pattern->line);
        for (const struct attribute *a = note->attributes;
             a && n_attributes < ARRAY_SIZE(attributes); a = a->next) {
            struct buf one = BUF_INIT;
            buf_addf(&one, "%s@%u-%u", word_infos[a->word].text, ts_node_start_byte(a->node),
                ts_node_end_byte(a->node));
            attributes[n_attributes++] = buf_take(&one);
        }
        qsort(attributes, n_attributes, sizeof(*attributes), compare_lines);
        for (size_t i = 0; i < n_attributes; i++) {
            buf_addf(&line, ",%s", attributes[i]);
            free(attributes[i]);
        }
        assert_true(n < ARRAY_SIZE(lines));
        lines[n++] = buf_take(&line);
    }
    qsort(lines, n, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&r->text, lines[i]);
        free(lines[i]);
    }
}

/* The library stops at the first child of a repeated field when the rest is in a hidden repetition
 * (const a, b = 1, 2 in Go): ours does not, so such nodes are left out. */
static bool repeats_a_field(const struct walk *walk, const struct frame *frame)
{
    if (walk->depth == 0)
        return false;
    TSNode parent = walk->frames[walk->depth - 1].node;
    const char *seen = NULL;
    for (uint32_t i = 0; i < ts_node_child_count(parent); i++) {
        const char *field = ts_node_field_name_for_child(parent, i);
        if (ts_node_eq(ts_node_child(parent, i), frame->node))
            return field && seen && strcmp(field, seen) == 0;
        if (field)
            seen = field;
    }
    return false;
}

static void recorder_enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct recorder *r = state;
    if (((frame->marks & ~NOTED_BIT) == 0 && !frame->notes) || repeats_a_field(walk, frame))
        return;
    buf_addf(&r->text, "%u-%u %s %llx", frame->start, frame->end,
        ts_language_symbol_name(walk->plan->grammar, frame->symbol),
        (unsigned long long)(frame->marks & ~NOTED_BIT));
    record_notes(r, frame);
    buf_addc(&r->text, '\n');
}

static const struct measure recorder_measure = {
    .name = "recorder", .wants = UINT64_MAX, .begin = recorder_begin, .enter = recorder_enter};

static char *record(const struct plan *plan, const struct buf *source)
{
    struct recorder r = {BUF_INIT};
    const struct measure *const only[] = {&recorder_measure};
    void *states[1];
    struct arena *arena = arena_new(0);
    TSParser *parser = ts_parser_new();
    assert_true(ts_parser_set_language(parser, plan->grammar));
    TSTree *tree =
        ts_parser_parse_string(parser, NULL, buf_string(source), (uint32_t)source->length);
    struct walk walk = {.plan = plan,
        .bytes = (const uint8_t *)buf_string(source),
        .length = (uint32_t)source->length,
        .arena = arena};
    recorder = &r;
    assert_int_equal(walk_tree(&walk, tree, only, states, 1, NULL, NULL, NULL), WALK_DONE);
    ts_tree_delete(tree);
    ts_parser_delete(parser);
    arena_free(arena);
    return buf_take(&r.text);
}

static void compare_file(const struct plan *ours, const struct plan *library, const char *path)
{
    AUTO_BUF source = BUF_INIT;
    struct error err = ERROR_INIT;
    assert_true(fd_read_file(path, 1 << 24, &source, &err));
    AUTO_FREE char *left = record(ours, &source);
    AUTO_FREE char *right = record(library, &source);
    if (strcmp(left, right) == 0)
        return;
    size_t at = 0, line = 0;
    for (; left[at] && left[at] == right[at]; at++)
        line = left[at] == '\n' ? at + 1 : line;
    fail_msg("%s\n  ours:    %.*s\n  library: %.*s", path, (int)strcspn(left + line, "\n"),
        left + line, (int)strcspn(right + line, "\n"), right + line);
}

static void compare_language(const struct language *language, char *root)
{
    struct error err = ERROR_INIT;
    struct plan *ours = NULL, *library = NULL;
    if (!plan_new(language, PLAN_TABLES, &ours, &err) ||
        !plan_new(language, PLAN_LIBRARY, &library, &err))
        fail_msg("%s (%s)", err.message, err.hint);
    char *roots[] = {root, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));)
        if (entry->fts_info == FTS_F && strcmp(entry->fts_name, "expected.json") != 0)
            compare_file(ours, library, entry->fts_path);
    if (fts)
        fts_close(fts);
    plan_free(ours);
    plan_free(library);
}

static void a_plan_captures_what_the_whole_query_captures(void **state)
{
    (void)state;
    AUTO_FREE char *samples = sample_root();
    for (size_t i = 0; i < language_count; i++) {
        if (!languages[i].grammar)
            continue;
        AUTO_BUF root = BUF_INIT;
        buf_addf(&root, "%s/%s", samples, languages[i].id);
        compare_language(&languages[i], root.data);
    }
}

/* What a language declares and what its queries capture is one thing said twice: NULL or not. */
struct capability {
    const char *name;
    enum word word, or_word;
};

static const struct capability capabilities[] = {
    {"comments", WORD_COMMENT, WORDS},
    {"code", WORD_DECISION, WORDS},
    {"code", WORD_NEST, WORDS},
    {"code", WORD_NPATH_IF, WORDS},
    {"code", WORD_ABC_BRANCH, WORDS},
    {"code", WORD_ABC_ASSIGNMENT, WORDS},
    {"code", WORD_ABC_CONDITION, WORDS},
    {"code", WORD_CALL, WORDS},
    {"code", WORD_H_OPERATOR, WORDS},
    {"code", WORD_H_OPERAND, WORDS},
    {"code", WORD_IMPORT, WORDS},
    {"logical_lines", WORD_STATEMENT, WORDS},
    {"oo", WORD_MEMBER, WORD_MEMBER_BARE},
    {"exports", WORD_EXPORT, WORDS},
    {"tests", WORD_TEST, WORDS},
    {"security", WORD_FINDING, WORDS},
    {"class", WORD_CLASS, WORDS},
    {"struct", WORD_STRUCT, WORDS},
    {"enum", WORD_ENUM, WORDS},
    {"trait", WORD_TRAIT, WORDS},
    {"interface", WORD_INTERFACE, WORDS},
    {"module", WORD_MODULE, WORDS},
    {"impl", WORD_IMPL, WORDS},
    {"type_alias", WORD_TYPE_ALIAS, WORDS},
    {"macro", WORD_MACRO, WORDS},
};

static void a_language_declares_what_its_queries_capture(void **state)
{
    (void)state;
    for (size_t i = 0; i < language_count; i++) {
        const struct language *language = &languages[i];
        struct error err = ERROR_INIT;
        struct plan *plan = NULL;
        if (!language->grammar)
            continue;
        assert_true(plan_new(language, PLAN_TABLES, &plan, &err));
        for (size_t k = 0; k < ARRAY_SIZE(capabilities); k++) {
            const struct capability *c = &capabilities[k];
            bool captured = plan->uses[c->word] || (c->or_word != WORDS && plan->uses[c->or_word]);
            bool declared = language_has(language, c->name);
            bool tolerated = c->word == WORD_COMMENT; /* JSON has none, but parses some */
            if (captured != declared && !(captured && tolerated))
                fail_msg("%s: capability \"%s\" is %sdeclared, @%s is %scaptured", language->id,
                    c->name, captured ? "not " : "", word_infos[c->word].text,
                    captured ? "" : "not ");
        }
        plan_free(plan);
    }
}

/* Further trees for a search by hand: SRCTAB_COMPARE=LANGUAGE:DIR. */
static void a_plan_captures_the_same_in_a_given_tree(void **state)
{
    (void)state;
    const char *given = getenv("SRCTAB_COMPARE");
    assert_non_null(given);
    AUTO_FREE char *copy = memory_string(given);
    char *colon = strchr(copy, ':');
    assert_non_null(colon);
    *colon = '\0';
    compare_language(language_by_id(copy), colon + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_capture_is_refused_with_its_line_and_the_nearest_word),
        cmocka_unit_test(an_unknown_node_is_refused_with_its_line_and_the_nearest_kind),
        cmocka_unit_test(an_unknown_node_inside_a_pattern_is_refused),
        cmocka_unit_test(an_unknown_field_is_refused),
        cmocka_unit_test(an_unknown_predicate_is_refused),
        cmocka_unit_test(a_bad_regular_expression_is_refused),
        cmocka_unit_test(an_attribute_without_an_owner_is_refused),
        cmocka_unit_test(a_pattern_that_begins_anywhere_is_refused),
        cmocka_unit_test(an_unfinished_pattern_is_refused),
        cmocka_unit_test(a_plan_captures_what_the_whole_query_captures),
        cmocka_unit_test(a_language_declares_what_its_queries_capture),
    };
    const struct CMUnitTest by_hand[] = {
        cmocka_unit_test(a_plan_captures_the_same_in_a_given_tree),
    };
    if (getenv("SRCTAB_COMPARE"))
        return cmocka_run_group_tests(by_hand, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
