#include "unit.h"

#include <endian.h>
#include <math.h>

#include "store/row.h"
#include "store/row_metadata.h"
#include "store/sql.h"

static const struct codebase codebase = {.codebase_id = "c"};

static void an_sqlstate_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum pg_class class;
    } cases[] = {
        {"", PG_CLASS_CONNECTION},
        {"08006", PG_CLASS_CONNECTION},
        {"57P01", PG_CLASS_CONNECTION},
        {"53300", PG_CLASS_CONNECTION},
        {"25P03", PG_CLASS_CONNECTION},
        {"40001", PG_CLASS_TRANSIENT},
        {"40P01", PG_CLASS_TRANSIENT},
        {"55P03", PG_CLASS_TRANSIENT},
        {"57014", PG_CLASS_TRANSIENT},
        {"26000", PG_CLASS_TRANSIENT},
        {"25006", PG_CLASS_RESOURCES},
        {"53100", PG_CLASS_RESOURCES},
        {"53200", PG_CLASS_RESOURCES},
        {"58030", PG_CLASS_RESOURCES},
        {"22021", PG_CLASS_BAD_ROW},
        {"22P05", PG_CLASS_BAD_ROW},
        {"23514", PG_CLASS_BAD_ROW},
        {"54001", PG_CLASS_BAD_ROW},
        {"21000", PG_CLASS_BAD_ROW},
        {"42501", PG_CLASS_SCHEMA},
        {"42P01", PG_CLASS_SCHEMA},
        {"42703", PG_CLASS_SCHEMA},
        {"3F000", PG_CLASS_SCHEMA},
        {"XX000", PG_CLASS_UNKNOWN},
        {"0A000", PG_CLASS_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(pg_class_of(cases[i].sqlstate), cases[i].class);
}

static void the_worst_finding_rates_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *findings, *rating;
    } cases[] = {
        {NULL, "A"},
        {"[]", "A"},
        {"[{\"rule\":\"x\",\"severity\":\"smell\",\"message\":\"\\\"severity\\\":"
         "\\\"critical\\\"\"}]",
            "A"},
        {"[{\"rule\":\"x\",\"severity\":\"low\"}]", "B"},
        {"[{\"severity\":\"low\"},{\"severity\":\"medium\"}]", "C"},
        {"[{\"severity\":\"high\"},{\"severity\":\"low\"}]", "D"},
        {"[{\"severity\":\"high\"},{\"severity\":\"critical\"}]", "E"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct text findings = {
            cases[i].findings, cases[i].findings != NULL ? strlen(cases[i].findings) : 0};
        assert_string_equal(row_security_rating(&findings), cases[i].rating);
    }
}

static struct job *job_in(struct arena *arena)
{
    struct job *job = arena_alloc(arena, 1, sizeof(*job));
    job->codebase = &codebase;
    job->path = "a";
    job->file.language = "c";
    job->code = arena_alloc(arena, 1, sizeof(*job->code));
    return job;
}

/* How many parameters a statement has. */
static size_t parameters(const char *sql_file)
{
    size_t most = 0;
    for (const char *at = sql_text(sql_file); *at != '\0'; at++) {
        size_t n = 0;
        for (const char *digit = at + 1; *at == '$' && *digit >= '0' && *digit <= '9'; digit++)
            n = 10 * n + (size_t)(*digit - '0');
        most = n > most ? n : most;
    }
    return most;
}

static void each_statement_gets_as_many_values_as_it_has_parameters(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct job *job = job_in(arena);
    struct pg_values values;
    job->old_path = "b";
    for (unsigned id = 0; id < SINKS; id++) {
        const struct row_table *table = &row_tables[id];
        table->upsert_values(job, &values, arena);
        assert_int_equal(values.n, parameters(table->upsert));
        table->move_values(job, &values, arena);
        assert_int_equal(values.n, parameters(table->move));
        row_remove_values(&job, 1, &values, arena);
        assert_int_equal(values.n, parameters(table->remove));
    }
    arena_free(arena);
}

static void the_metrics_of_the_upsert_stand_in_the_order_of_the_table(void **state)
{
    (void)state;
    const char *at = strstr(sql_text("write/codebase_metadata_upsert.sql"), "dependencies,");
    assert_non_null(at);
    at += strlen("dependencies,");
    for (unsigned i = 0; i < METRICS; i++) {
        at += strspn(at, " \n,");
        size_t length = strcspn(at, ",)");
        assert_int_equal(length, strlen(metric_infos[i].column));
        assert_memory_equal(at, metric_infos[i].column, length);
        at += length;
    }
    assert_int_equal(*at, ')');
}

static void what_was_not_measured_or_does_not_fit_is_null(void **state)
{
    (void)state;
    static const double lost[] = {NAN, INFINITY, -INFINITY, 3e9, 1e300};
    struct arena *arena = arena_new(0);
    struct job *job = job_in(arena);
    struct pg_values values;
    size_t first = parameters("write/codebase_metadata_upsert.sql") - METRICS;
    for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
        job->code->metric[METRIC_LINES_TOTAL] = lost[i];
        row_tables[SINK_METADATA].upsert_values(job, &values, arena);
        assert_null(values.bytes[first + METRIC_LINES_TOTAL]);
    }
    job->code->metric[METRIC_LINES_TOTAL] = 41.6;
    job->code->metric[METRIC_SIZE_BYTES] = 3e9;
    job->code->metric[METRIC_SECURITY_SCORE] = NAN;
    row_tables[SINK_METADATA].upsert_values(job, &values, arena);
    uint32_t lines;
    uint64_t size;
    memcpy(&lines, values.bytes[first + METRIC_LINES_TOTAL], sizeof(lines));
    memcpy(&size, values.bytes[first + METRIC_SIZE_BYTES], sizeof(size));
    assert_int_equal(be32toh(lines), 42);
    assert_int_equal(be64toh(size), 3000000000);
    assert_null(values.bytes[first - 2]); /* no score, no rating */
    arena_free(arena);
}

static void a_list_of_texts_is_an_array_on_the_wire(void **state)
{
    (void)state;
    static const char wire[] = "\0\0\0\1\0\0\0\0\0\0\0\31\0\0\0\2\0\0\0\1\0\0\0\1x\0\0\0\0";
    const char *const strings[] = {"x", ""};
    struct arena *arena = arena_new(0);
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_strings(&values, strings, 2, arena);
    pg_values_strings(&values, strings, 0, arena);
    pg_values_strings(&values, NULL, 0, arena);
    assert_int_equal(values.length[0], sizeof(wire) - 1);
    assert_memory_equal(values.bytes[0], wire, sizeof(wire) - 1);
    assert_int_equal(values.length[1], 12);
    assert_null(values.bytes[2]);
    arena_free(arena);
}

static void header_lines_say_what_a_file_is_for(void **state)
{
    (void)state;
    static const char text[] =
        "-- part: files metadata\n-- min_binary: 3\n-- words\nSELECT 1 -- part: main\n";
    assert_true(sql_header_has(text, "part", "files"));
    assert_true(sql_header_has(text, "part", "metadata"));
    assert_false(sql_header_has(text, "part", "main"));
    assert_false(sql_header_has(text, "part", "file"));
    assert_int_equal(sql_header_number(text, "min_binary", 9), 3);
    assert_int_equal(sql_header_number(text, "other", 9), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_sqlstate_says_what_to_do),
        cmocka_unit_test(the_worst_finding_rates_a_file),
        cmocka_unit_test(each_statement_gets_as_many_values_as_it_has_parameters),
        cmocka_unit_test(the_metrics_of_the_upsert_stand_in_the_order_of_the_table),
        cmocka_unit_test(what_was_not_measured_or_does_not_fit_is_null),
        cmocka_unit_test(a_list_of_texts_is_an_array_on_the_wire),
        cmocka_unit_test(header_lines_say_what_a_file_is_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
