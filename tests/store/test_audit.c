#include "../unit/unit.h"

#include <unistd.h>

#include "base/clock.h"
#include "jobs.h"
#include "store/audit.h"
#include "store/pg.h"
#include "store/spool.h"

static struct server *server;

/* An audit with a spool, and the box where audited jobs arrive. */
struct office {
    struct audit *audit;
    struct spool *spool;
    struct bench box;
    atomic_int away, back;
    char dir[64];
};

static void done(void *user, struct job *job)
{
    struct office *office = user;
    mailbox_post(office->box.finished, job);
}

static void changed(void *user, bool reachable, const struct error *why)
{
    struct office *office = user;
    (void)why;
    atomic_fetch_add(reachable ? &office->back : &office->away, 1);
}

static void office_open(struct office *office, unsigned retention_days)
{
    struct error err = ERROR_INIT;
    *office = (struct office){.dir = "/tmp/srctab-spool-XXXXXX"};
    assert_non_null(mkdtemp(office->dir));
    office->box.finished = mailbox_new();
    assert_true(spool_open(office->dir, 1 << 20, &office->spool, &err));
    const struct audit_settings settings = {.conninfo = server->conninfo,
        .schema = "srctab",
        .daemon_id = "d1",
        .spool = office->spool,
        .retention_days = retention_days,
        .user = office,
        .done = done,
        .changed = changed};
    assert_true(audit_new(&settings, &office->audit, &err));
    server_run(server, "TRUNCATE sync_audit");
}

static void office_close(struct office *office)
{
    audit_free(office->audit);
    spool_close(office->spool);
    mailbox_free(office->box.finished);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", office->dir);
    assert_int_equal(system(command), 0);
}

static void submit(struct office *office, struct job *job)
{
    struct job *back;
    job_decide(job);
    audit_submit(office->audit, job);
    bench_take(&office->box, &back, 1);
    assert_ptr_equal(back, job);
}

static struct job *written(const char *path)
{
    struct job *job = job_new(path, OPERATION_UPDATE, "x", SINK_ALL);
    job->half[SINK_FILES] = (struct half){.status = HALF_OK, .attempts = 1, .duration_us = 1500};
    job->half[SINK_METADATA] = (struct half){.status = HALF_FAILED,
        .attempts = 4,
        .duration_us = 20,
        .sqlstate = "42P01",
        .error = "relation \"codebase_metadata\" does not exist"};
    job->noted_us = 1000;
    job->started_us = 4000;
    return job;
}

static void an_attempt_leaves_one_row_that_says_all(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, 0);
    struct job *job = written("a \"b\"\n.py");
    submit(&office, job);
    assert_string_equal(
        server_ask(server,
            "SELECT concat_ws('|', codebase_id, path, operation, origin, result, "
            "code_files_status, metadata_status, code_files_sqlstate, metadata_sqlstate, "
            "code_files_error, metadata_error, code_files_duration_us, "
            "metadata_duration_us, code_files_attempts, metadata_attempts, attempt_no, "
            "wait_us, content_hash = sha256('x'), daemon_id, branch, attempted_at > now() "
            "- interval '1 minute') FROM sync_audit"),
        "c|a \"b\"\n.py|update|watch|code_files_only|ok|failed|42P01|relation "
        "\"codebase_metadata\" does not exist|1500|20|1|4|1|3000|t|d1|main|t");
    submit(&office, job); /* the same attempt again */
    assert_string_equal(server_ask(server, "SELECT count(*) FROM sync_audit"), "1");
    job_free(job);
    office_close(&office);
}

static void each_outcome_has_its_word(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, 0);
    struct job *job = job_new("skipped", OPERATION_INGEST, NULL, 0);
    job->result = RESULT_SKIPPED;
    job->sinks_off = SINK_BIT(SINK_METADATA);
    snprintf(job->skipped_reason, sizeof(job->skipped_reason), "path_too_long");
    struct job *back;
    audit_submit(office.audit, job);
    bench_take(&office.box, &back, 1);
    job_free(job);
    job = job_new("to\xff", OPERATION_MOVE, NULL, SINK_ALL);
    job->old_path = "from\xfe";
    job->half[SINK_FILES].status = HALF_BREAKER_OPEN;
    job->half[SINK_METADATA].status = HALF_OK;
    submit(&office, job);
    job_free(job);
    assert_string_equal(
        server_ask(server,
            "SELECT string_agg(concat_ws('|', path, old_path, operation, result, "
            "code_files_status, metadata_status, reason), ' ' ORDER BY path) FROM sync_audit"),
        "skipped|ingest|skipped|none|off|path_too_long "
        "to\\xFF|from\\xFE|move|codebase_metadata_only|breaker_open|ok");
    office_close(&office);
}

static void a_path_longer_than_an_index_entry_is_audited(void **state)
{
    (void)state;
    struct office office;
    char path[4001];
    memset(path, 'p', sizeof(path) - 1);
    path[4000] = '\0';
    for (size_t i = 0; i < 4000; i++)
        path[i] = (char)('a' + (i * 7 + i / 26) % 26);
    office_open(&office, 0);
    struct job *job = written(path);
    submit(&office, job);
    job_free(job);
    assert_string_equal(server_ask(server, "SELECT octet_length(path) FROM sync_audit"), "4000");
    office_close(&office);
}

static void records_of_an_outage_become_rows_afterwards(void **state)
{
    (void)state;
    struct office office;
    struct job *jobs[500], *back[500];
    office_open(&office, 0);
    struct job *job = written("before");
    submit(&office, job);
    job_free(job);
    server_stop(server);
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        char path[32];
        snprintf(path, sizeof(path), "during/%zu", i);
        jobs[i] = written(path);
        job_decide(jobs[i]);
        audit_submit(office.audit, jobs[i]);
    }
    bench_take(&office.box, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
        job_free(jobs[i]);
    struct audit_counts counts;
    audit_counts(office.audit, &counts);
    assert_int_equal(counts.rows_spooled, 500);
    assert_false(counts.reachable);
    server_start(server);
    assert_true(server_wait_for(server, "SELECT count(*) FROM sync_audit", "501"));
    assert_int_equal(atomic_load(&office.away), 1);
    office_close(&office);
}

static void a_revoked_right_spools_and_heals(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, 0);
    server_run(server, "ALTER TABLE sync_audit RENAME TO elsewhere");
    struct job *job = written("a");
    submit(&office, job);
    job_free(job);
    struct audit_counts counts;
    audit_counts(office.audit, &counts);
    assert_int_equal(counts.rows_spooled, 1);
    server_run(server, "ALTER TABLE elsewhere RENAME TO sync_audit");
    assert_true(server_wait_for(server, "SELECT path FROM sync_audit", "a"));
    office_close(&office);
}

static void what_a_full_spool_dropped_is_said(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, 0);
    server_stop(server);
    for (size_t i = 0; i < 6000; i++) {
        char path[300];
        memset(path, 'q', sizeof(path));
        snprintf(path + 200, 100, "%zu", i);
        struct job *job = written(path);
        submit(&office, job);
        job_free(job);
    }
    server_start(server);
    assert_true(
        server_wait_for(server, "SELECT count(*) FROM sync_audit WHERE reason LIKE 'lost %'", "1"));
    office_close(&office);
    assert_string_equal(
        server_ask(server,
            "SELECT (substring(reason FROM '^lost (\\d+), from ')::int + (SELECT count(*) FROM "
            "sync_audit WHERE path <> '')) FROM sync_audit WHERE reason LIKE 'lost %'"),
        "6000");
}

static void a_batch_is_one_insert(void **state)
{
    (void)state;
    struct office office;
    struct job *jobs[200], *back[200];
    office_open(&office, 0);
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = written("same");
        job_decide(jobs[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
        audit_submit(office.audit, jobs[i]);
    bench_take(&office.box, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
        job_free(jobs[i]);
    assert_string_equal(
        server_ask(
            server, "SELECT count(*) || ' ' || (count(DISTINCT xmin::text) < 20) FROM sync_audit"),
        "200 true");
    office_close(&office);
}

static void old_rows_can_be_pruned_but_not_those_of_today(void **state)
{
    (void)state;
    struct office office;
    office_open(&office, 0);
    struct job *job = written("new");
    submit(&office, job);
    job->attempt_id.bytes[15] ^= 1;
    job->path = "old";
    job->attempted_at_us -= INT64_C(10) * 86400 * 1000000;
    submit(&office, job);
    job_free(job);
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct pg_values days;
    const struct pg_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    assert_true(pg_open(&settings, &pg, &err));
    pg_values_clear(&days);
    pg_values_i32(&days, 11);
    assert_true(pg_run(pg, "write/audit_prune.sql", &days, NULL, NULL, &err));
    pg_close(pg);
    assert_string_equal(server_ask(server, "SELECT count(*) FROM sync_audit"), "2");
    assert_string_equal(server_ask(server, "SELECT prune_audit(interval '1 second', 100)"), "1");
    assert_string_equal(server_ask(server, "SELECT string_agg(path, ' ') FROM sync_audit"), "new");
    office_close(&office);
}

static int setup(void **state)
{
    (void)state;
    server = server_new();
    make_schema(server);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_free(server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_leaves_one_row_that_says_all),
        cmocka_unit_test(each_outcome_has_its_word),
        cmocka_unit_test(a_path_longer_than_an_index_entry_is_audited),
        cmocka_unit_test(records_of_an_outage_become_rows_afterwards),
        cmocka_unit_test(a_revoked_right_spools_and_heals),
        cmocka_unit_test(what_a_full_spool_dropped_is_said),
        cmocka_unit_test(a_batch_is_one_insert),
        cmocka_unit_test(old_rows_can_be_pruned_but_not_those_of_today),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
