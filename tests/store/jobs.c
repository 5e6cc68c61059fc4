#include "jobs.h"

#include <math.h>
#include <poll.h>

#include "base/clock.h"
#include "store/schema.h"

static const struct codebase codebase = {.codebase_id = "c",
    .tenant_id = "c",
    .source = "path:/tree",
    .host = "here",
    .root_path = "/tree"};

static void fill_facts(struct job *job, const char *content)
{
    static const char *const documents[BLOBS] = {
        [BLOB_AST] = ("{\"v\":1,\"kinds\":[\"module\",\"call\"],\"kind\":[0,1],\"start\":[0,2],"
                      "\"length\":[9,3],\"up\":[0,1]}"),
        [BLOB_FUNCTIONS] =
            "[{\"name\":\"f\",\"line\":1,\"end_line\":2,\"cyclomatic_complexity\":3}]",
        [BLOB_CLASSES] = "[]",
        [BLOB_IMPORTS] = "[{\"module\":\"os\",\"line\":1}]",
        [BLOB_EXPORTS] = "[]",
        [BLOB_SYMBOLS] = "[{\"name\":\"f\",\"kind\":\"function\",\"line\":1,\"column\":0}]",
        [BLOB_FINDINGS] = "[{\"rule\":\"x\",\"severity\":\"high\",\"line\":1,\"message\":\"m\"}]",
        [BLOB_DEPENDENCIES] = "[{\"specifier\":\"os\",\"kind\":\"import\",\"line\":1}]",
    };
    job->file.language = "python";
    job->file.size_bytes = strlen(content);
    job->file.mtime_ns = INT64_C(1700000000123456000);
    job->file.signature = 77;
    sha256(content, strlen(content), job->file.content_hash);
    job->file.content = (struct text){arena_string(job->arena, content), strlen(content)};
    job->file.line_count = 1;
    job->code = arena_alloc(job->arena, 1, sizeof(*job->code));
    job->code->parser_rev = 5;
    job->code->metrics_version = 6;
    for (unsigned i = 0; i < METRICS; i++)
        job->code->metric[i] = (double)i;
    job->code->metric[METRIC_EXPORT_COUNT] = NAN;
    for (unsigned i = 0; i < BLOBS; i++)
        job->code->blob[i] = (struct text){documents[i], strlen(documents[i])};
}

struct job *job_new(const char *path, enum operation operation, const char *content, unsigned sinks)
{
    static struct uuid_source ids;
    struct arena *arena = arena_new(4096);
    struct job *job = arena_alloc(arena, 1, sizeof(*job));
    job->magic = JOB_MAGIC;
    job->arena = arena;
    job->codebase = &codebase;
    job->branch = "main";
    job->path = arena_string(arena, path);
    job->operation = operation;
    job->origin = ORIGIN_WATCH;
    job->attempt_no = 1;
    job->attempted_at_us = clock_wall_us();
    job->attempt_id = uuid_v7(&ids, clock_wall_us());
    job->sinks_wanted = sinks;
    atomic_init(&job->sinks_left, (unsigned)__builtin_popcount(sinks));
    if (content != NULL)
        fill_facts(job, content);
    return job;
}

void job_free(struct job *job)
{
    arena_free(job->arena);
}

void make_schema(const struct server *server)
{
    const struct pg_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    struct pg *pg = NULL;
    struct schema_report report;
    struct error err = ERROR_INIT;
    if (!pg_open(&settings, &pg, &err) || !schema_migrate(pg, SCHEMA_ALL, &report, &err)) {
        fprintf(stderr, "schema: %s\n", err.message);
        abort();
    }
    pg_close(pg);
    server_run(server, "ALTER DATABASE postgres SET search_path = srctab");
}

static void finished(void *user, struct job *job)
{
    struct bench *bench = user;
    mailbox_post(bench->finished, job);
}

static void changed(void *user, enum sink_id id, enum sink_event event, const struct error *why)
{
    struct bench *bench = user;
    (void)id;
    if (why->kind != ERROR_NONE && event == SINK_EVENT_OPENED)
        snprintf(bench->last_why, sizeof(bench->last_why), "%s %s", why->sqlstate, why->message);
    atomic_fetch_add(&bench->events[event], 1);
}

void bench_open(struct bench *bench, struct server *server, struct sink_settings settings)
{
    struct error err = ERROR_INIT;
    *bench = (struct bench){.server = server, .finished = mailbox_new()};
    settings.conninfo = server->conninfo;
    settings.schema = "srctab";
    settings.user = bench;
    settings.finished = finished;
    settings.changed = changed;
    if (!sink_new(&settings, &bench->sink, &err))
        abort();
}

void bench_close(struct bench *bench)
{
    sink_free(bench->sink);
    mailbox_free(bench->finished);
}

void bench_take(struct bench *bench, struct job **ret_jobs, size_t n)
{
    void **items = NULL;
    size_t capacity = 0, got = 0;
    uint64_t deadline_ms = clock_monotonic_ms() + 40000;
    while (got < n) {
        struct pollfd fd = {.fd = mailbox_fd(bench->finished), .events = POLLIN};
        if (poll(&fd, 1, clock_poll_timeout_ms(clock_monotonic_ms(), deadline_ms)) != 1) {
            fprintf(stderr, "only %zu of %zu jobs finished\n", got, n);
            abort();
        }
        size_t more = mailbox_take(bench->finished, &items, &capacity);
        for (size_t i = 0; i < more; i++)
            ret_jobs[got++] = items[i];
    }
    free(items);
}

void bench_write(struct bench *bench, struct job *job)
{
    struct job *back;
    sink_submit(bench->sink, job, STAGE_NORMAL);
    bench_take(bench, &back, 1);
}

bool bench_event(struct bench *bench, enum sink_event event, int n)
{
    for (uint64_t end_ms = clock_monotonic_ms() + 20000; clock_monotonic_ms() < end_ms;) {
        if (atomic_load(&bench->events[event]) >= n)
            return true;
        poll(NULL, 0, 10);
    }
    return false;
}
