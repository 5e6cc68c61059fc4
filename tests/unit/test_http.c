#include "scratch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "app/http.h"
#include "app/metrics_text.h"
#include "base/clock.h"

static bool is_ready = true;

static void give_metrics(void *user UNUSED, struct buf *ret_body)
{
    buf_adds(ret_body, "srctab_up 1\n");
}

static bool give_ready(void *user UNUSED, struct buf *ret_reason)
{
    if (!is_ready)
        buf_adds(ret_reason, "catching up");
    return is_ready;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

struct page {
    struct http *http;
    int port;
};

static struct page open_http(struct http_settings settings)
{
    struct page page = {.port = free_port()};
    struct error err = ERROR_INIT;
    char listen[32];
    snprintf(listen, sizeof(listen), "127.0.0.1:%d", page.port);
    settings.listen = listen;
    settings.metrics = give_metrics;
    settings.ready = give_ready;
    assert_true(http_new(&settings, &page.http, &err));
    return page;
}

/* Send the request and serve until the server has closed the connection. */
static void ask(const struct page *page, const char *request, struct buf *ret_answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)page->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (clock_monotonic_ms() < deadline_ms) {
        struct pollfd fds[] = {
            {.fd = http_fd(page->http), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        (void)poll(fds, 2, 100);
        http_run(page->http);
        char bytes[4096];
        ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (n == 0)
            return;
        if (n > 0)
            buf_add(ret_answer, bytes, (size_t)n);
    }
    fail_msg("no answer");
}

static void expect(
    const struct page *page, const char *request, const char *status, const char *part)
{
    AUTO_BUF answer = BUF_INIT;
    ask(page, request, &answer);
    assert_int_equal(strncmp(buf_string(&answer), "HTTP/1.1 ", 9), 0);
    assert_int_equal(strncmp(buf_string(&answer) + 9, status, strlen(status)), 0);
    assert_non_null(strstr(buf_string(&answer), part));
}

#define GET(path, host) "GET " path " HTTP/1.1\r\nHost: " host "\r\nConnection: close\r\n\r\n"

static void metrics_and_probes_are_served_on_loopback(void **state)
{
    (void)state;
    struct page page = open_http((struct http_settings){0});
    expect(&page, GET("/metrics", "localhost:8471"), "200", "srctab_up 1\n");
    expect(&page, GET("/metrics", "127.0.0.1"), "200", "text/plain; version=0.0.4");
    expect(&page, GET("/livez", "[::1]:1"), "200", "alive");
    is_ready = false;
    expect(&page, GET("/readyz", "LOCALHOST"), "503", "catching up");
    is_ready = true;
    expect(&page, GET("/readyz", "localhost"), "200", "ready");
    expect(&page, GET("/", "localhost"), "404", "/metrics");
    http_free(page.http);
}

static void other_host_names_are_misdirected_unless_allowed(void **state)
{
    (void)state;
    const char *const more[] = {"Metrics.Example", NULL};
    struct page page = open_http((struct http_settings){.allowed_hosts = more});
    expect(&page, GET("/metrics", "evil.example"), "421", "http.allowed_hosts");
    expect(&page, GET("/metrics", "localhost.evil.example"), "421", "");
    expect(&page, GET("/metrics", "[::1]evil"), "421", "");
    expect(&page, "GET /metrics HTTP/1.0\r\n\r\n", "421", "");
    expect(&page, GET("/metrics", "metrics.example:80"), "200", "srctab_up");
    http_free(page.http);
}

static void nothing_can_be_written(void **state)
{
    (void)state;
    struct page page = open_http((struct http_settings){0});
    expect(&page,
        "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: "
        "close\r\n\r\n",
        "405", "Allow: GET, HEAD");
    http_free(page.http);
}

static void a_token_guards_the_metrics_but_not_the_probes(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    AUTO_BUF path = BUF_INIT;
    scratch_write(&scratch, "token", "s3cret\nrest");
    scratch_add_path(&scratch, "token", &path);
    struct page page = open_http((struct http_settings){.token_file = buf_string(&path)});
    expect(&page, GET("/metrics", "localhost"), "401", "WWW-Authenticate: Bearer");
    expect(&page, GET("/metrics", "localhost\r\nAuthorization: Bearer s3cre"), "401", "");
    expect(&page, GET("/metrics", "localhost\r\nAuthorization: Bearer s3cret"), "200", "srctab_up");
    expect(&page, GET("/livez", "localhost"), "200", "alive");
    http_free(page.http);
    scratch_remove(&scratch);
}

static void addresses_that_cannot_be_are_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "8471", "localhost", "::1:8471", "[::1]",
        "127.0.0.1:http", "no such host:1", "127.0.0.1:"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct error err = ERROR_INIT;
        struct http *http = NULL;
        assert_false(http_new(&(struct http_settings){.listen = bad[i]}, &http, &err));
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_true(err.hint[0] != '\0');
    }
}

static void other_machines_need_a_token(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct http *http = NULL;
    assert_false(http_new(&(struct http_settings){.listen = "0.0.0.0:1"}, &http, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.message, "http.token_file"));
}

static void metrics_text_escapes_labels_and_names_every_counter(void **state)
{
    (void)state;
    struct counters counters = {0};
    AUTO_BUF out = BUF_INIT;
    counters.value[COUNTER_FILES_SYNCED] = 7;
    counters.value[COUNTER_QUEUE_DEPTH] = 3;
    counters.value[COUNTER_OLDEST_PENDING_MS] = 1250;
    const struct metrics_root root = {
        .codebase_id = "a\"b\\c\nd", .counters = &counters, .owned = true};
    const struct metrics_process process = {.version = "1", .database_up = true};
    metrics_text(&out, &process, &root, 1);
    const char *text = buf_string(&out);
    assert_non_null(strstr(text, "srctab_files_synced_total{codebase=\"a\\\"b\\\\c\\nd\"} 7\n"));
    assert_non_null(strstr(text, "# TYPE srctab_files_synced_total counter\n"));
    assert_non_null(strstr(text, "srctab_queue_depth{codebase=\"a\\\"b\\\\c\\nd\"} 3\n"));
    assert_non_null(strstr(text, "srctab_owned{codebase=\"a\\\"b\\\\c\\nd\"} 1\n"));
    assert_non_null(strstr(text, "srctab_database_up 1\n"));
    for (size_t i = 0; i < COUNTERS; i++)
        if (counter_infos[i].kind != COUNTER_AGE)
            assert_non_null(strstr(text, counter_infos[i].word));
    assert_non_null(
        strstr(text, "srctab_oldest_pending_seconds{codebase=\"a\\\"b\\\\c\\nd\"} 1.250\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_and_probes_are_served_on_loopback),
        cmocka_unit_test(other_host_names_are_misdirected_unless_allowed),
        cmocka_unit_test(nothing_can_be_written),
        cmocka_unit_test(a_token_guards_the_metrics_but_not_the_probes),
        cmocka_unit_test(addresses_that_cannot_be_are_refused_with_a_sentence),
        cmocka_unit_test(other_machines_need_a_token),
        cmocka_unit_test(metrics_text_escapes_labels_and_names_every_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
