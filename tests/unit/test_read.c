#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>

#include "analyze/blob_id.h"
#include "analyze/read.h"
#include "analyze/text_lines.h"

#define NO_LIMIT UINT64_MAX

struct fixture {
    struct arena *arena;
    struct reading reading;
};

static int set_up(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->arena = arena_new(0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    free(f);
    return 0;
}

#define BYTES(literal) (literal), (sizeof(literal) - 1)

static void read_bytes(struct fixture *f, const char *bytes, size_t length)
{
    read_block(bytes, length, 0100644, NO_LIMIT, f->arena, &f->reading);
}

static void check_content(
    const struct fixture *f, enum content_state state, const char *text, size_t length)
{
    assert_int_equal(f->reading.file.content_state, state);
    assert_non_null(f->reading.file.content.bytes);
    assert_int_equal(f->reading.file.content.length, length);
    assert_memory_equal(f->reading.file.content.bytes, text, length);
}

static bool metadata_has(const struct fixture *f, const char *part)
{
    const struct text *metadata = &f->reading.file.metadata;
    return memmem(metadata->bytes, metadata->length, part, strlen(part)) != NULL;
}

static void plain_utf8_is_exact_and_not_copied(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "a\nb\xc3\xa9\n";
    read_bytes(f, BYTES(text));
    check_content(f, CONTENT_EXACT, BYTES(text));
    assert_ptr_equal(f->reading.file.content.bytes, text);
    assert_ptr_equal(f->reading.source, text);
    assert_int_equal(f->reading.file.line_count, 2);
    assert_true(metadata_has(f, "\"encoding\":\"utf-8\",\"bom\":false,\"line_ending\":\"lf\""));
}

static void an_empty_file_has_empty_content_not_null(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, NULL, 0);
    check_content(f, CONTENT_EXACT, "", 0);
    assert_int_equal(f->reading.file.line_count, 0);
    /* git hash-object of nothing */
    assert_true(metadata_has(f, "\"git_blob\":\"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\""));
    assert_true(metadata_has(f, "\"line_ending\":\"none\",\"final_newline\":false"));
}

static void a_byte_order_mark_stays_in_the_content(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xef\xbb\xbfx\n"));
    check_content(f, CONTENT_EXACT, BYTES("\xef\xbb\xbfx\n"));
    assert_true(metadata_has(f, "\"encoding\":\"utf-8\",\"bom\":true"));
}

static void utf16_of_both_orders_is_transcoded(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xff\xfe"
                        "a\0\n\0\xe9\0\x3d\xd8\x00\xde"));
    check_content(f, CONTENT_TRANSCODED, BYTES("a\n\xc3\xa9\xf0\x9f\x98\x80"));
    assert_true(metadata_has(f, "\"encoding\":\"utf-16le\",\"bom\":true"));
    read_bytes(f, BYTES("\xfe\xff\0a\0\n"));
    check_content(f, CONTENT_TRANSCODED, BYTES("a\n"));
    assert_true(metadata_has(f, "\"encoding\":\"utf-16be\""));
    assert_int_equal(f->reading.file.line_count, 1);
}

static void half_a_surrogate_pair_makes_utf16_lossy(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xff\xfe"
                        "a\0\x3d\xd8z\0"));
    check_content(f, CONTENT_LOSSY, BYTES("a\xef\xbf\xbdz"));
}

static void an_odd_last_byte_makes_utf16_lossy(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xff\xfe"
                        "a\0b"));
    check_content(f, CONTENT_LOSSY, BYTES("a\xef\xbf\xbd"));
}

static void utf16_that_is_mostly_nul_is_binary(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xff\xfe"
                        "a\0\0\0\0\0\0\0b\0"));
    assert_int_equal(f->reading.file.content_state, CONTENT_BINARY);
    assert_null(f->reading.file.content.bytes);
}

static void utf32_is_binary(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("\xff\xfe\0\0a\0\0\0"));
    assert_int_equal(f->reading.file.content_state, CONTENT_BINARY);
}

static void latin1_is_lossy_with_replacement_characters(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("caf\xe9\n"));
    check_content(f, CONTENT_LOSSY, BYTES("caf\xef\xbf\xbd\n"));
    assert_int_equal(f->reading.file.size_bytes, 5);
    assert_true(metadata_has(f, "\"encoding\":\"unknown\""));
}

static void a_nul_near_the_start_means_binary(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("int x;\0int y;\n"));
    assert_int_equal(f->reading.file.content_state, CONTENT_BINARY);
    assert_null(f->reading.file.content.bytes);
    assert_null(f->reading.source);
    assert_false(f->reading.has_lines);
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_BINARY);
    assert_true(metadata_has(f, "\"encoding\":\"binary\""));
}

static char *filled(size_t length, char fill)
{
    char *bytes = memory_new(length, 1);
    memset(bytes, fill, length);
    return bytes;
}

static void a_late_nul_is_stripped_and_said_so(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *bytes = filled(20000, 'x');
    bytes[9000] = 0;
    read_bytes(f, bytes, 20000);
    assert_int_equal(f->reading.file.content_state, CONTENT_NUL_STRIPPED);
    assert_int_equal(f->reading.file.content.length, 19999);
    assert_null(memchr(f->reading.file.content.bytes, 0, 19999));
    assert_int_equal(f->reading.source_length, 19999);
}

static void more_than_one_percent_of_nul_means_binary(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *bytes = filled(20000, 'x');
    memset(bytes + 10000, 0, 201);
    read_bytes(f, bytes, 20000);
    assert_int_equal(f->reading.file.content_state, CONTENT_BINARY);
}

static void a_lone_cr_becomes_lf_for_the_parser_only(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("a\rb\r\nc\r"));
    check_content(f, CONTENT_EXACT, BYTES("a\rb\r\nc\r"));
    assert_int_equal(f->reading.source_length, 7);
    assert_memory_equal(f->reading.source, "a\nb\r\nc\n", 7);
    assert_int_equal(f->reading.file.line_count, 3);
    assert_true(metadata_has(f, "\"line_ending\":\"mixed\",\"final_newline\":true"));
}

static void line_endings_are_named(void **state)
{
    struct fixture *f = *state;
    read_bytes(f, BYTES("a\r\nb\r\n"));
    assert_true(metadata_has(f, "\"line_ending\":\"crlf\""));
    read_bytes(f, BYTES("a\rb\r"));
    assert_true(metadata_has(f, "\"line_ending\":\"cr\""));
    read_bytes(f, BYTES("a"));
    assert_true(metadata_has(f, "\"line_ending\":\"none\",\"final_newline\":false"));
}

static void shebang_and_mode_are_metadata(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "#!/usr/bin/env bash\r\necho\n";
    read_block(text, sizeof(text) - 1, 0100755, NO_LIMIT, f->arena, &f->reading);
    assert_true(metadata_has(f, "\"shebang\":\"#!/usr/bin/env bash\""));
    assert_true(metadata_has(f, "\"mode\":\"0755\",\"executable\":true"));
    read_bytes(f, BYTES("# no\n"));
    assert_true(metadata_has(f, "\"shebang\":null,\"mode\":\"0644\",\"executable\":false"));
}

static void the_git_blob_id_is_that_of_git(void **state)
{
    struct fixture *f = *state;
    /* printf 'hello\n' | git hash-object --stdin */
    read_bytes(f, BYTES("hello\n"));
    assert_true(metadata_has(f, "\"git_blob\":\"ce013625030ba8dba906f756967f9e9ca394464a\""));
}

static void the_hash_is_that_of_the_bytes_on_disk(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[SHA256_BYTES];
    sha256("caf\xe9", 4, digest);
    read_bytes(f, BYTES("caf\xe9"));
    assert_memory_equal(f->reading.file.content_hash, digest, SHA256_BYTES);
}

static void a_file_over_the_limit_is_hashed_without_content(void **state)
{
    struct fixture *f = *state;
    struct reading whole;
    AUTO_FREE char *bytes = filled(700000, 'x');
    for (size_t i = 70; i < 700000; i += 71)
        bytes[i] = '\n';
    memcpy(bytes + 262143, "\xf0\x9f\x98\x80", 4); /* across the end of the first piece */
    read_block(bytes, 700000, 0100644, NO_LIMIT, f->arena, &whole);
    int fd = memfd_create("file", MFD_CLOEXEC);
    struct stat st;
    struct error err = ERROR_INIT;
    assert_int_equal(write(fd, bytes, 700000), 700000);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(read_file(fd, &st, 1000, f->arena, &f->reading, &err), READ_DONE);
    close(fd);
    assert_int_equal(f->reading.file.content_state, CONTENT_TOO_BIG);
    assert_null(f->reading.file.content.bytes);
    assert_null(f->reading.source);
    assert_memory_equal(f->reading.file.content_hash, whole.file.content_hash, SHA256_BYTES);
    assert_int_equal(f->reading.file.line_count, whole.file.line_count);
    assert_int_equal(f->reading.lines.longest, whole.lines.longest);
    assert_true(metadata_has(f, "\"encoding\":\"utf-8\""));
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_TOO_BIG);
}

static void a_broken_sequence_in_a_large_file_is_noticed(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "abc\xc3";
    read_block(text, 4, 0100644, 1, f->arena, &f->reading);
    assert_true(metadata_has(f, "\"encoding\":\"unknown\""));
    read_block("ab\xc3\xa9", 4, 0100644, 1, f->arena, &f->reading);
    assert_true(metadata_has(f, "\"encoding\":\"utf-8\""));
}

static int file_of(const char *bytes, size_t length, struct stat *ret_stat)
{
    char name[] = "/tmp/srctab-read-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    assert_int_equal(fstat(fd, ret_stat), 0);
    return fd;
}

static void a_quiet_file_is_read_with_signature_and_time(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err = ERROR_INIT;
    AUTO_CLOSE int fd = file_of("x = 1\n", 6, &st);
    assert_int_equal(read_file(fd, &st, NO_LIMIT, f->arena, &f->reading, &err), READ_DONE);
    check_content(f, CONTENT_EXACT, BYTES("x = 1\n"));
    assert_true(f->reading.file.signature != 0);
    assert_true(f->reading.file.mtime_ns == st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
}

static void a_file_that_grew_since_fstat_is_torn(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err = ERROR_INIT;
    AUTO_CLOSE int fd = file_of("x = 1\n", 6, &st);
    assert_int_equal(pwrite(fd, "y", 1, 6), 1);
    assert_int_equal(read_file(fd, &st, NO_LIMIT, f->arena, &f->reading, &err), READ_TORN);
}

static void a_file_that_was_cut_since_fstat_is_torn(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err = ERROR_INIT;
    AUTO_CLOSE int fd = file_of("x = 1\n", 6, &st);
    assert_int_equal(ftruncate(fd, 2), 0);
    assert_int_equal(read_file(fd, &st, NO_LIMIT, f->arena, &f->reading, &err), READ_TORN);
    assert_int_equal(read_file(fd, &st, 1, f->arena, &f->reading, &err), READ_TORN);
}

static void a_file_that_changed_in_place_is_torn(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err = ERROR_INIT;
    AUTO_CLOSE int fd = file_of("x = 1\n", 6, &st);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(read_file(fd, &st, NO_LIMIT, f->arena, &f->reading, &err), READ_TORN);
}

static void a_descriptor_that_cannot_be_read_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err = ERROR_INIT;
    AUTO_CLOSE int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(read_file(fd, &st, NO_LIMIT, f->arena, &f->reading, &err), READ_FAILED);
    assert_string_equal(err.message, "could not read file: Is a directory");
}

static void the_verdict_knows_minified_and_large_text(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *bytes = filled(400000, 'x');
    read_bytes(f, bytes, 400000);
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_MINIFIED);
    assert_int_equal(read_verdict(&f->reading, 399999, &ANALYZE_LIMITS_DEFAULT), PARSE_TOO_BIG);
    for (size_t i = 0; i < 400000; i += 600)
        bytes[i] = '\n';
    read_bytes(f, bytes, 400000);
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_MINIFIED);
    for (size_t i = 0; i < 400000; i += 400)
        bytes[i] = '\n';
    read_bytes(f, bytes, 400000);
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_OK);
    struct analyze_limits limits = ANALYZE_LIMITS_DEFAULT;
    limits.minified.file_bytes = 1000;
    limits.minified.line_bytes = 398;
    limits.minified.mean_line_bytes = 1000;
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &limits), PARSE_MINIFIED);
    limits.minified.file_bytes = 400000;
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &limits), PARSE_OK);
    read_bytes(f, bytes + 1, 250000);
    assert_int_equal(read_verdict(&f->reading, NO_LIMIT, &ANALYZE_LIMITS_DEFAULT), PARSE_OK);
}

/* ── lines ── */

static struct text_lines count(const char *text, size_t length, size_t piece)
{
    struct text_lines lines = {0};
    for (size_t at = 0; at < length; at += piece)
        text_lines_add(&lines, text + at, piece < length - at ? piece : length - at);
    text_lines_finish(&lines);
    return lines;
}

static void pieces_of_any_size_count_the_same(void **state)
{
    (void)state;
    static const char text[] = "one\r\n \t\r\r\n\xc3\xa9\xc3\xa9 two\n\n\rlast";
    struct text_lines whole = count(BYTES(text), sizeof(text));
    assert_int_equal(whole.lines, 7);
    assert_int_equal(whole.blank, 4);
    assert_int_equal(whole.longest, 6);
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct text_lines pieces = count(BYTES(text), piece);
        assert_memory_equal(&pieces, &whole, sizeof(whole));
    }
}

static void a_last_line_without_end_counts(void **state)
{
    (void)state;
    assert_int_equal(count(BYTES("a"), 1).lines, 1);
    assert_int_equal(count(BYTES("a\n"), 1).lines, 1);
    assert_int_equal(count(BYTES("a\n "), 1).lines, 2);
    assert_int_equal(count(BYTES("a\n "), 1).blank, 1);
    assert_int_equal(count(BYTES("\n"), 1).blank, 1);
}

static void text_measures_leave_all_else_unknown(void **state)
{
    (void)state;
    struct text_lines lines = count(BYTES("abc\n\n"), 9);
    struct code_facts code;
    text_lines_measure(&lines, 5, &code);
    assert_true(code.metric[METRIC_LINES_TOTAL] == 2);
    assert_true(code.metric[METRIC_LINES_BLANK] == 1);
    assert_true(code.metric[METRIC_LINE_LENGTH_MAX] == 3);
    assert_true(code.metric[METRIC_LINE_LENGTH_MEAN] == 1.5);
    assert_true(code.metric[METRIC_SIZE_BYTES] == 5);
    assert_true(isnan(code.metric[METRIC_LINES_CODE]));
    assert_null(code.blob[BLOB_AST].bytes);
    text_lines_measure(NULL, 5, &code);
    assert_true(isnan(code.metric[METRIC_LINES_TOTAL]));
    assert_true(code.metric[METRIC_SIZE_BYTES] == 5);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest cases[] = {
        CASE(plain_utf8_is_exact_and_not_copied),
        CASE(an_empty_file_has_empty_content_not_null),
        CASE(a_byte_order_mark_stays_in_the_content),
        CASE(utf16_of_both_orders_is_transcoded),
        CASE(half_a_surrogate_pair_makes_utf16_lossy),
        CASE(an_odd_last_byte_makes_utf16_lossy),
        CASE(utf16_that_is_mostly_nul_is_binary),
        CASE(utf32_is_binary),
        CASE(latin1_is_lossy_with_replacement_characters),
        CASE(a_nul_near_the_start_means_binary),
        CASE(a_late_nul_is_stripped_and_said_so),
        CASE(more_than_one_percent_of_nul_means_binary),
        CASE(a_lone_cr_becomes_lf_for_the_parser_only),
        CASE(line_endings_are_named),
        CASE(shebang_and_mode_are_metadata),
        CASE(the_git_blob_id_is_that_of_git),
        CASE(the_hash_is_that_of_the_bytes_on_disk),
        CASE(a_file_over_the_limit_is_hashed_without_content),
        CASE(a_broken_sequence_in_a_large_file_is_noticed),
        CASE(a_quiet_file_is_read_with_signature_and_time),
        CASE(a_file_that_grew_since_fstat_is_torn),
        CASE(a_file_that_was_cut_since_fstat_is_torn),
        CASE(a_file_that_changed_in_place_is_torn),
        CASE(a_descriptor_that_cannot_be_read_is_an_error),
        CASE(the_verdict_knows_minified_and_large_text),
        CASE(pieces_of_any_size_count_the_same),
        CASE(a_last_line_without_end_counts),
        CASE(text_measures_leave_all_else_unknown),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
