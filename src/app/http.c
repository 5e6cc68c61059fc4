#include "app/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/sha256.h"

#define CONNECTIONS_MAX 32u
#define IDLE_TIMEOUT_S 10u
#define CONNECTION_BYTES ((size_t)16 * 1024)

struct http {
    struct MHD_Daemon *daemon;
    int epoll_fd;                  /* MHD's; readable when there is work */
    char **hosts;                  /* allowed Host names, lower case, ended by NULL */
    char *token;                   /* NULL: none is asked for */
    struct http_settings settings; /* the callbacks only */
};

/* ---- answers ---- */

static enum MHD_Result answer(
    struct MHD_Connection *connection, unsigned status, const char *type, const struct buf *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body->length, body->data != NULL ? body->data : (char[]){""}, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    if (status == MHD_HTTP_UNAUTHORIZED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer_line(
    struct MHD_Connection *connection, unsigned status, const char *line)
{
    AUTO_BUF body = BUF_INIT;
    buf_addf(&body, "%s\n", line);
    return answer(connection, status, "text/plain; charset=utf-8", &body);
}

/*
 * A page in a browser can make any name resolve to 127.0.0.1 and then read what answers there (DNS
 * rebinding), but it cannot change the Host header.
 */
static bool is_allowed_host(const struct http *http, const char *header)
{
    if (header == NULL)
        return false;
    const char *end = header[0] == '[' ? strchr(header, ']') : NULL;
    size_t length = end != NULL ? (size_t)(end - header) + 1 : strcspn(header, ":");
    if (header[length] != '\0' && header[length] != ':')
        return false;
    for (size_t i = 0; http->hosts[i] != NULL; i++)
        if (strlen(http->hosts[i]) == length && strncasecmp(http->hosts[i], header, length) == 0)
            return true;
    return false;
}

/* Digests are compared, so that the time taken says nothing about the token. */
static bool has_token(const struct http *http, const char *header)
{
    static const char scheme[] = "Bearer ";
    uint8_t wanted[SHA256_BYTES], given[SHA256_BYTES];
    if (http->token == NULL)
        return true;
    if (header == NULL || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
        return false;
    header += sizeof(scheme) - 1;
    sha256(http->token, strlen(http->token), wanted);
    sha256(header, strlen(header), given);
    return memcmp(wanted, given, sizeof(wanted)) == 0;
}

static enum MHD_Result answer_metrics(struct http *http, struct MHD_Connection *connection)
{
    AUTO_BUF body = BUF_INIT;
    http->settings.metrics(http->settings.user, &body);
    return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &body);
}

static enum MHD_Result answer_live(struct http *http UNUSED, struct MHD_Connection *connection)
{
    return answer_line(connection, MHD_HTTP_OK, "alive");
}

static enum MHD_Result answer_ready(struct http *http, struct MHD_Connection *connection)
{
    AUTO_BUF reason = BUF_INIT;
    if (http->settings.ready(http->settings.user, &reason))
        return answer_line(connection, MHD_HTTP_OK, "ready");
    return answer_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
        reason.length > 0 ? buf_string(&reason) : "not ready");
}

/* Probes carry no token; they tell nothing about the tree. */
static const struct page {
    const char *path;
    bool needs_token;
    enum MHD_Result (*answer)(struct http *http, struct MHD_Connection *connection);
} pages[] = {
    {"/metrics", true, answer_metrics},
    {"/livez", false, answer_live},
    {"/readyz", false, answer_ready},
};

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version UNUSED, const char *upload UNUSED,
    size_t *upload_size UNUSED, void **state UNUSED)
{
    struct http *http = user;
    if (!is_allowed_host(http, header(connection, MHD_HTTP_HEADER_HOST)))
        return answer_line(connection, MHD_HTTP_MISDIRECTED_REQUEST,
            "this name is not served here; see http.allowed_hosts");
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "read-only: GET and HEAD");
    const struct page *page = find_page(url);
    if (page == NULL)
        return answer_line(connection, MHD_HTTP_NOT_FOUND, "there is /metrics, /livez and /readyz");
    if (page->needs_token && !has_token(http, header(connection, MHD_HTTP_HEADER_AUTHORIZATION)))
        return answer_line(connection, MHD_HTTP_UNAUTHORIZED, "a token is needed");
    return page->answer(http, connection);
}

/* ---- setting up ---- */

static char *lower_copy(const char *string)
{
    char *copy = memory_string(string);
    for (char *at = copy; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + 32);
    return copy;
}

/* Names that come with every server: the loopback ones, and the address it listens on. */
static void set_hosts(struct http *http, const char *listen_host, const char *const *more)
{
    const char *const own[] = {"localhost", "127.0.0.1", "[::1]", listen_host};
    size_t n_more = 0, n = 0;
    while (more != NULL && more[n_more] != NULL)
        n_more++;
    http->hosts = memory_new(ARRAY_SIZE(own) + n_more + 1, sizeof(*http->hosts));
    for (size_t i = 0; i < ARRAY_SIZE(own); i++)
        http->hosts[n++] = lower_copy(own[i]);
    for (size_t i = 0; i < n_more; i++)
        http->hosts[n++] = lower_copy(more[i]);
}

static bool bad_address(const char *listen, struct error *err)
{
    error_set(err, ERROR_CONFIG, 0, "http.listen: \"%s\" is not an address", listen);
    return error_hint(err, "write host:port, e.g. 127.0.0.1:8471 or [::1]:8471");
}

/* "host:port" with the host as a Host header would name it ("[::1]" keeps its brackets). */
static bool split_address(
    const char *listen, char **ret_host, const char **ret_port, struct error *err)
{
    const char *colon = strrchr(listen, ':');
    bool bracketed = listen[0] == '[';
    if (colon == NULL || colon[1] == '\0' || (bracketed && (colon == listen || colon[-1] != ']')) ||
        (!bracketed && memchr(listen, ':', (size_t)(colon - listen)) != NULL))
        return bad_address(listen, err);
    *ret_host = colon == listen ? strdup("127.0.0.1") : strndup(listen, (size_t)(colon - listen));
    *ret_port = colon + 1;
    return *ret_host != NULL || bad_address(listen, err);
}

static bool resolve(const char *listen, const char *host, const char *port,
    struct sockaddr_storage *ret_address, bool *ret_loopback, struct error *err)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    size_t length = strlen(host);
    bool bracketed = host[0] == '[';
    AUTO_FREE char *bare = bracketed ? strndup(host + 1, length - 2) : strdup(host);
    if (bare == NULL || getaddrinfo(bare, port, &hints, &found) != 0)
        return bad_address(listen, err);
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)ret_address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ret_address;
    *ret_loopback = ret_address->ss_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)
                                                       : (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    return true;
}

static bool read_token(const char *path, char **ret_token, struct error *err)
{
    AUTO_BUF text = BUF_INIT;
    if (!fd_read_file(path, 4096, &text, err))
        return false;
    char *token = strndup(buf_string(&text), strcspn(buf_string(&text), "\r\n"));
    if (token != NULL && token[0] != '\0') {
        *ret_token = token;
        return true;
    }
    free(token);
    return error_set(err, ERROR_CONFIG, 0, "http.token_file: \"%s\" has no token in it", path);
}

static bool start(struct http *http, const char *listen, const struct sockaddr_storage *address,
    struct error *err)
{
    unsigned flags = MHD_USE_EPOLL | (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    errno = 0;
    http->daemon = MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_SOCK_ADDR,
        (const struct sockaddr *)address, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_BYTES, MHD_OPTION_END);
    if (http->daemon == NULL)
        return error_set(err, ERROR_IO, errno, "could not listen on http://%s", listen);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    http->epoll_fd = info != NULL ? info->epoll_fd : -1;
    return http->epoll_fd >= 0 ||
           error_set(err, ERROR_IO, 0, "could not poll the server on http://%s", listen);
}

static bool set_up(struct http *http, const struct http_settings *settings, struct error *err)
{
    struct sockaddr_storage address = {0};
    AUTO_FREE char *host = NULL;
    const char *port = NULL;
    bool loopback = false;
    bool with_token = settings->token_file != NULL && settings->token_file[0] != '\0';
    if (!split_address(settings->listen, &host, &port, err) ||
        !resolve(settings->listen, host, port, &address, &loopback, err))
        return false;
    if (!loopback && !with_token) {
        error_set(err, ERROR_CONFIG, 0,
            "http.listen: \"%s\" can be reached from other machines and needs http.token_file",
            settings->listen);
        return error_hint(err, "listen on 127.0.0.1, or set http.token_file");
    }
    set_hosts(http, host, settings->allowed_hosts);
    if (with_token && !read_token(settings->token_file, &http->token, err))
        return false;
    return start(http, settings->listen, &address, err);
}

bool http_new(const struct http_settings *settings, struct http **ret_http, struct error *err)
{
    struct http *http = memory_new(1, sizeof(*http));
    http->epoll_fd = -1;
    http->settings = (struct http_settings){
        .metrics = settings->metrics, .ready = settings->ready, .user = settings->user};
    if (!set_up(http, settings, err)) {
        http_free(http);
        return false;
    }
    *ret_http = http;
    return true;
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    for (size_t i = 0; http->hosts != NULL && http->hosts[i] != NULL; i++)
        free(http->hosts[i]);
    free(http->hosts);
    free(http->token);
    free(http);
}

int http_fd(const struct http *http)
{
    return http->epoll_fd;
}

uint64_t http_timeout_ms(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    return MHD_get_timeout(http->daemon, &timeout_ms) == MHD_YES ? timeout_ms : CLOCK_NEVER;
}

void http_run(struct http *http)
{
    (void)MHD_run(http->daemon);
}
