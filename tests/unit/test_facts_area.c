#include "unit.h"

#include <math.h>

#include "analyze/facts_area.h"
#include "analyze/json_check.h"
#include "analyze/text_lines.h"

#define AREA_BYTES ((size_t)1 << 16)
#define SEQUENCE 7u

struct fixture {
    struct arena *arena;
    unsigned char *area;
    struct facts_header *header; /* at the start of area */
    struct code_facts read;
    struct error err;
};

static const struct text documents[BLOBS] = {
    [BLOB_AST] = {"{\"v\":1,\"kinds\":[\"module\"]}", 26},
    [BLOB_FUNCTIONS] = {"[{\"name\":\"f\"}]", 14},
    [BLOB_SYMBOLS] = {"[]", 2},
};

static void write_good(struct fixture *f)
{
    struct code_facts code;
    text_lines_measure(NULL, 12, &code);
    code.parse_status = PARSE_PARTIAL;
    code.parser_rev = 11;
    code.metrics_version = 12;
    code.metric[METRIC_LINES_TOTAL] = 3;
    memcpy(code.blob, documents, sizeof(documents));
    assert_true(facts_area_write(f->area, AREA_BYTES, SEQUENCE, &code));
}

static int set_up(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->arena = arena_new(0);
    f->area =
        memory_new(AREA_BYTES, 1); /* exact, so that the address sanitizer sees a step beyond */
    f->header = (struct facts_header *)(void *)f->area;
    write_good(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    free(f->area);
    free(f);
    return 0;
}

static bool read_area(struct fixture *f)
{
    f->err = ERROR_INIT;
    return facts_area_read(f->area, AREA_BYTES, SEQUENCE, f->arena, &f->read, &f->err);
}

static void refuses(struct fixture *f, const char *message)
{
    assert_false(read_area(f));
    assert_string_equal(f->err.message, message);
    assert_int_equal(f->err.kind, ERROR_ANALYSIS);
    write_good(f);
    assert_true(read_area(f));
}

static void what_was_written_is_read(void **state)
{
    struct fixture *f = *state;
    assert_true(read_area(f));
    assert_int_equal(f->read.parse_status, PARSE_PARTIAL);
    assert_int_equal(f->read.parser_rev, 11);
    assert_int_equal(f->read.metrics_version, 12);
    assert_true(f->read.metric[METRIC_LINES_TOTAL] == 3);
    assert_true(isnan(f->read.metric[METRIC_LINES_CODE]));
    for (size_t i = 0; i < BLOBS; i++) {
        assert_int_equal(f->read.blob[i].bytes == NULL, documents[i].bytes == NULL);
        assert_int_equal(f->read.blob[i].length, documents[i].length);
        if (documents[i].bytes != NULL)
            assert_memory_equal(f->read.blob[i].bytes, documents[i].bytes, documents[i].length);
    }
}

static void facts_that_do_not_fit_are_not_written(void **state)
{
    struct fixture *f = *state;
    struct code_facts code;
    AUTO_FREE char *large = memory_new(AREA_BYTES, 1);
    text_lines_measure(NULL, 12, &code);
    code.blob[BLOB_AST] = (struct text){.bytes = large, .length = AREA_BYTES};
    assert_false(facts_area_write(f->area, AREA_BYTES, SEQUENCE, &code));
}

static void an_answer_to_another_request_is_refused(void **state)
{
    struct fixture *f = *state;
    f->header->sequence++;
    refuses(f, "facts area has no answer to this request");
    f->header->magic++;
    refuses(f, "facts area has no answer to this request");
}

static void a_status_that_no_worker_may_claim_is_refused(void **state)
{
    struct fixture *f = *state;
    f->header->parse_status = PARSE_BINARY;
    refuses(f, "facts area has parse status 7");
    f->header->parse_status = UINT32_MAX;
    refuses(f, "facts area has parse status 4294967295");
}

static void impossible_numbers_are_refused(void **state)
{
    struct fixture *f = *state;
    static const double impossible[] = {1.5, 2147483648.0, -2147483649.0, HUGE_VAL, -HUGE_VAL};
    for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
        f->header->metric[METRIC_LINES_TOTAL] = impossible[i];
        refuses(f, "facts area has an impossible value in lines_total");
    }
    f->header->parser_rev = -1;
    refuses(f, "facts area has a negative revision");
}

static void a_nan_with_a_payload_becomes_the_plain_one(void **state)
{
    struct fixture *f = *state;
    static const uint64_t signalling = 0xfff0dead0000beefu;
    const double plain = (double)NAN;
    memcpy(&f->header->metric[METRIC_LINES_CODE], &signalling, sizeof(signalling));
    assert_true(read_area(f));
    assert_memory_equal(&f->read.metric[METRIC_LINES_CODE], &plain, sizeof(plain));
}

static void offsets_outside_of_the_area_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint64_t offset, length;
    } outside[] = {
        {0, 2}, /* inside the header */
        {sizeof(struct facts_header) - 1, 2},
        {AREA_BYTES - 1, 2},
        {AREA_BYTES + 1, 0},
        {UINT64_MAX, 2}, /* offset + length overflows */
        {UINT64_MAX - 1, UINT64_MAX},
        {sizeof(struct facts_header), UINT64_MAX},
        {sizeof(struct facts_header), UINT64_MAX - sizeof(struct facts_header)},
        {sizeof(struct facts_header), AREA_BYTES},
        {(uint64_t)1 << 63, (uint64_t)1 << 63},
    };
    for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
        f->header->blob[BLOB_FUNCTIONS].offset = outside[i].offset;
        f->header->blob[BLOB_FUNCTIONS].length = outside[i].length;
        refuses(f, "facts area has document 1 outside of its bounds");
    }
}

static void documents_larger_than_the_area_together_are_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < BLOBS; i++) {
        f->header->blob[i].present = 1;
        f->header->blob[i].offset = sizeof(struct facts_header);
        f->header->blob[i].length = AREA_BYTES / 2;
    }
    refuses(f, "facts area has documents that overlap");
    f->header->blob[BLOB_AST].present = 2;
    refuses(f, "facts area has a broken document table");
}

static void documents_that_are_not_json_are_refused(void **state)
{
    struct fixture *f = *state;
    f->area[f->header->blob[BLOB_FUNCTIONS].offset + 3] = 0;
    refuses(f, "facts area has document 1 that is not JSON");
    f->area[f->header->blob[BLOB_FUNCTIONS].offset + 3] = 0xff;
    refuses(f, "facts area has document 1 that is not JSON");
    f->header->blob[BLOB_FUNCTIONS].length--;
    refuses(f, "facts area has document 1 that is not JSON");
    f->area[f->header->blob[BLOB_AST].offset] = '[';
    refuses(f, "facts area has document 0 that is not JSON");
}

static void a_reason_without_end_or_sense_becomes_one_line_of_text(void **state)
{
    struct fixture *f = *state;
    memset(f->header->reason, 0xff, sizeof(f->header->reason));
    assert_true(read_area(f));
    assert_int_equal(strlen(f->read.reason), 126); /* 42 replacement characters */
    memset(f->header->reason, 0, sizeof(f->header->reason));
    memcpy(f->header->reason, "a\n\x1b[31mb", 9);
    assert_true(read_area(f));
    assert_string_equal(f->read.reason, "a  [31mb");
}

static void no_flipped_bit_is_dangerous(void **state)
{
    struct fixture *f = *state;
    size_t written = sizeof(struct facts_header) + 64;
    for (size_t bit = 0; bit < 8 * written; bit++) {
        f->area[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (read_area(f)) {
            for (size_t i = 0; i < BLOBS; i++)
                assert_true(f->read.blob[i].bytes == NULL ||
                            json_check(f->read.blob[i].bytes, f->read.blob[i].length, 0));
        }
        f->area[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_true(read_area(f));
}

/* ── json_check ── */

static void json_of_all_forms_is_taken(void **state)
{
    (void)state;
    static const char *const good[] = {"[]", "{}", "[ ]", "[1,-2.5e+10,0,0.1,1E5]",
        "[\"\\u00e9\\n\\\"\"]", "{\"a\":{\"b\":[true,false,null]},\"c\":[]}", "[[],{},[{}]]",
        "[\"\\ud83d\\ude00\"]", " [1] ", "\"x\"", "1", "[\"\xc3\xa9\"]",
        "{\"a\" : 1 , \"b\" : [ 2 ] }"};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        if (!json_check(good[i], strlen(good[i]), 0))
            fail_msg("refused %s", good[i]);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "[", "]", "[1", "[1,]", "[,1]", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "[01]", "[1.]", "[.5]", "[+1]", "[1e]", "[--1]",
        "[tru]", "[nullx]", "[\"a]", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\u0000\"]", "[\"\\ud800\"]",
        "[\"\\ude00\"]", "[\"\\ud800\\u0041\"]", "[\"\t\"]", "[\"\xff\"]", "[1]2", "[1}",
        "{\"a\":1]", "[1 2]", "[1e99999]", "[NaN]", "[\"\\", "[\"\\u00G0\"]", "{\"a\":1 \"b\":2}",
        "[11111111111111111111111111111111111111111]"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (json_check(bad[i], strlen(bad[i]), 0))
            fail_msg("took %s", bad[i]);
}

static void json_that_is_too_deep_is_refused(void **state)
{
    (void)state;
    char text[2 * JSON_CHECK_DEPTH + 2];
    memset(text, '[', JSON_CHECK_DEPTH + 1);
    memset(text + JSON_CHECK_DEPTH + 1, ']', JSON_CHECK_DEPTH + 1);
    assert_false(json_check(text, sizeof(text), '['));
    assert_true(json_check(text + 1, sizeof(text) - 2, '['));
}

static void the_first_byte_must_be_the_one_asked_for(void **state)
{
    (void)state;
    assert_true(json_check("[]", 2, '['));
    assert_false(json_check("[]", 2, '{'));
    assert_false(json_check(" []", 3, '['));
}

static void a_nul_inside_a_document_is_refused(void **state)
{
    (void)state;
    assert_false(json_check("[\"a\0b\"]", 7, '['));
    assert_false(json_check("[1\0]", 4, '['));
    assert_false(json_check("[\0]", 3, '['));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest cases[] = {
        CASE(what_was_written_is_read),
        CASE(facts_that_do_not_fit_are_not_written),
        CASE(an_answer_to_another_request_is_refused),
        CASE(a_status_that_no_worker_may_claim_is_refused),
        CASE(impossible_numbers_are_refused),
        CASE(a_nan_with_a_payload_becomes_the_plain_one),
        CASE(offsets_outside_of_the_area_are_refused),
        CASE(documents_larger_than_the_area_together_are_refused),
        CASE(documents_that_are_not_json_are_refused),
        CASE(a_reason_without_end_or_sense_becomes_one_line_of_text),
        CASE(no_flipped_bit_is_dangerous),
        cmocka_unit_test(json_of_all_forms_is_taken),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(json_that_is_too_deep_is_refused),
        cmocka_unit_test(the_first_byte_must_be_the_one_asked_for),
        cmocka_unit_test(a_nul_inside_a_document_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
