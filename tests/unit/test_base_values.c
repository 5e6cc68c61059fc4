#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "base/sha256.h"
#include "base/uuid.h"

static void numbers_are_whole_and_in_range(void **state)
{
    (void)state;
    uint64_t u = 0;
    int64_t i = 0;
    assert_true(number_u64("60000", 0, 60000, &u));
    assert_int_equal(u, 60000);
    static const char *const bad[] = {
        "", " 1", "1 ", "-1", "+1", "60001", "1.5", "0x10", "99999999999999999999"};
    for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
        assert_false(number_u64(bad[k], 0, 60000, &u));
    assert_true(number_i64("-4", -4, 4, &i));
    assert_int_equal(i, -4);
    assert_false(number_i64("-5", -4, 4, &i));
}

static void durations_need_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"0", 0}, {"200ms", 200}, {"2s", 2000}, {"1.5s", 1500}, {"10m", 600000},
        {"1h", 3600000}, {"7d", 604800000}};
    uint64_t ms = 0;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_true(number_duration_ms(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {"", "2", "s", "-2s", "2 s", "2sec", "0x2s", "1e300d"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_false(number_duration_ms(bad[i], &ms));
}

/* NIST FIPS 180-4 example vectors. */
static void sha256_matches_the_standard(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256("abc", 3, digest);
    sha256_hex(digest, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sha256 *parts = sha256_new();
    sha256_add(parts, "abcdbcdecdefdefgefghfghighij", 28);
    sha256_add(parts, "hijkijkljklmklmnlmnomnopnopq", 28);
    sha256_finish(parts, digest);
    sha256_hex(digest, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void uuids_are_version_7_and_never_go_back(void **state)
{
    (void)state;
    struct uuid_source source = {0};
    struct uuid last = uuid_v7(&source, 1700000000000000);
    for (int i = 0; i < 10000; i++) {
        struct uuid next = uuid_v7(&source, 1700000000000000 - i * 1000);
        assert_true(memcmp(last.bytes, next.bytes, 8) < 0);
        assert_int_equal(next.bytes[6] >> 4, 7);
        assert_int_equal(next.bytes[8] >> 6, 2);
        last = next;
    }
    char text[37];
    uuid_text(&last, text);
    assert_int_equal(strlen(text), 36);
    assert_int_equal(text[14], '7');
}

static void poll_timeouts_cover_the_range(void **state)
{
    (void)state;
    assert_int_equal(clock_poll_timeout_ms(5, CLOCK_NEVER), -1);
    assert_int_equal(clock_poll_timeout_ms(5, 5), 0);
    assert_int_equal(clock_poll_timeout_ms(5, 3), 0);
    assert_int_equal(clock_poll_timeout_ms(5, 8), 3);
    assert_int_equal(clock_poll_timeout_ms(0, (uint64_t)1 << 40), INT32_MAX);
}

static void opening_beneath_refuses_links_and_parents(void **state)
{
    (void)state;
    char dir[] = "/tmp/srctab-unit-XXXXXX";
    assert_non_null(mkdtemp(dir));
    AUTO_CLOSE int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error err = ERROR_INIT;
    struct buf path = BUF_INIT;
    buf_addf(&path, "%s/a/b/c", dir);
    assert_true(fd_make_dirs(buf_string(&path), 0700, &err));
    int fd = openat(root, "a/b/c/f", O_CREAT | O_WRONLY, 0600);
    assert_true(fd_write_all(fd, "hello", 5));
    close(fd);
    assert_int_equal(symlinkat("a", root, "l"), 0);
    fd = fd_open_beneath(root, "a/b/c/f", O_RDONLY);
    struct buf bytes = BUF_INIT;
    assert_true(fd_read_all(fd, 5, &bytes));
    assert_string_equal(buf_string(&bytes), "hello");
    lseek(fd, 0, SEEK_SET);
    buf_clear(&bytes);
    assert_false(fd_read_all(fd, 4, &bytes));
    assert_int_equal(errno, EFBIG);
    close(fd);
    assert_int_equal(fd_open_beneath(root, "l/b/c/f", O_RDONLY), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(fd_open_beneath(root, "../etc/passwd", O_RDONLY), -1);
    assert_int_equal(errno, EXDEV);
    buf_clear(&path);
    buf_addf(&path, "%s/missing", dir);
    assert_false(fd_read_file(buf_string(&path), 10, &bytes, &err));
    assert_non_null(strstr(err.message, "missing\": No such file or directory"));
    buf_release(&bytes);
    buf_release(&path);
    unlinkat(root, "l", 0);
    unlinkat(root, "a/b/c/f", 0);
    unlinkat(root, "a/b/c", AT_REMOVEDIR);
    unlinkat(root, "a/b", AT_REMOVEDIR);
    unlinkat(root, "a", AT_REMOVEDIR);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_and_in_range),
        cmocka_unit_test(durations_need_a_unit),
        cmocka_unit_test(sha256_matches_the_standard),
        cmocka_unit_test(uuids_are_version_7_and_never_go_back),
        cmocka_unit_test(poll_timeouts_cover_the_range),
        cmocka_unit_test(opening_beneath_refuses_links_and_parents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
