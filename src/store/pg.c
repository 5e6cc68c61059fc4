#include "store/pg.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/number.h"
#include "store/pg_private.h"
#include "store/sql.h"

#define POLL_SLICE_MS 100 /* how soon a shorter give_up_ms is noticed */

/* libpq's messages are lines; ours is one sentence. A line that begins with a tab is advice, which
 * our hints give. */
static void add_sentence(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (length > 0 && line[0] != '\t' && used + 2 < size) {
            int n = snprintf(
                out + used, size - used, "%s%.*s", used > 0 ? "; " : "", (int)length, line);
            used += (size_t)n < size - used ? (size_t)n : size - used - 1;
        }
        line += length + (line[length] == '\n');
    }
    out[used] = '\0';
}

bool pg_lost(struct pg *pg, struct error *err)
{
    char reason[sizeof(err->message)];
    add_sentence(reason, sizeof(reason), PQerrorMessage(pg->conn));
    pg->lost = true;
    error_set(err, ERROR_DATABASE, 0, "lost connection to the database%s%s",
        reason[0] != '\0' ? ": " : "", reason);
    memcpy(err->sqlstate, "08006", sizeof(err->sqlstate));
    return false;
}

static bool gave_up(struct pg *pg, struct error *err, uint64_t waited_ms)
{
    pg->lost = true;
    error_set(err, ERROR_DATABASE, 0, "the database did not answer within %llu ms",
        (unsigned long long)waited_ms);
    memcpy(err->sqlstate, "08006", sizeof(err->sqlstate));
    return false;
}

bool pg_failure(struct pg *pg, const PGresult *result, struct error *err)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    char sentence[sizeof(err->message)];
    add_sentence(
        sentence, sizeof(sentence), primary != NULL ? primary : PQresultErrorMessage(result));
    if (PQstatus(pg->conn) == CONNECTION_BAD)
        pg->lost = true;
    error_set(err, ERROR_DATABASE, 0, "%s", sentence);
    if (hint != NULL)
        error_hint(err, "%s", hint);
    (void)snprintf(
        err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate != NULL ? sqlstate : "08006");
    /* 26000, 42P05: the session is not ours alone; 0A000: a cached plan whose result type changed
     */
    static const char *const forgotten[] = {"26000", "42P05", "0A000"};
    for (size_t i = 0; i < ARRAY_SIZE(forgotten); i++)
        if (strcmp(err->sqlstate, forgotten[i]) == 0)
            pg->unnamed = true;
    return false;
}

/* Wait until the socket is ready or the deadline, in slices, since give_up_ms may move. Returns
 * poll's revents, 0 when the time is up. */
static short wait_socket(struct pg *pg, short events, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now_ms = clock_monotonic_ms();
        uint64_t until_ms = deadline_ms;
        if (pg->settings.give_up_ms != NULL) {
            uint64_t give_up_ms = atomic_load(pg->settings.give_up_ms);
            until_ms = give_up_ms < until_ms ? give_up_ms : until_ms;
        }
        if (now_ms >= until_ms)
            return 0;
        uint64_t slice_ms = until_ms - now_ms < POLL_SLICE_MS ? until_ms - now_ms : POLL_SLICE_MS;
        struct pollfd fd = {.fd = PQsocket(pg->conn), .events = events};
        int n = poll(&fd, 1, (int)slice_ms);
        if (n > 0)
            return fd.revents;
        if (n < 0 && errno != EINTR)
            return POLLERR;
    }
}

bool pg_flush(struct pg *pg, struct error *err)
{
    uint64_t start_ms = clock_monotonic_ms();
    uint64_t deadline_ms = start_ms + pg->patience_ms;
    pg->unflushed_bytes = 0;
    for (;;) {
        int left = PQflush(pg->conn);
        if (left == 0)
            return true;
        if (left < 0)
            return pg_lost(pg, err);
        short ready = wait_socket(pg, POLLIN | POLLOUT, deadline_ms);
        if (ready == 0)
            return gave_up(pg, err, clock_monotonic_ms() - start_ms);
        if ((ready & (POLLIN | POLLERR | POLLHUP)) != 0 && !PQconsumeInput(pg->conn))
            return pg_lost(pg, err);
        if ((ready & POLLOUT) != 0)
            deadline_ms =
                clock_monotonic_ms() + pg->patience_ms; /* the server takes it: it lives */
    }
}

bool pg_next_result(struct pg *pg, PGresult **ret_result, struct error *err)
{
    uint64_t start_ms = clock_monotonic_ms();
    uint64_t deadline_ms = start_ms + pg->patience_ms;
    if (!pg_flush(pg, err))
        return false;
    while (PQisBusy(pg->conn)) {
        short ready = wait_socket(pg, POLLIN, deadline_ms);
        if (ready == 0)
            return gave_up(pg, err, clock_monotonic_ms() - start_ms);
        if (!PQconsumeInput(pg->conn))
            return pg_lost(pg, err);
    }
    *ret_result = PQgetResult(pg->conn);
    return true;
}

/* Read everything a statement leaves. The first failure is kept; result may be NULL. */
static bool finish_statement(struct pg *pg, PGresult **ret_result, struct error *err)
{
    PGresult *kept = NULL;
    bool ok = true;
    for (;;) {
        PGresult *next;
        struct error lost = ERROR_INIT;
        if (!pg_next_result(pg, &next, &lost)) {
            if (ok)
                *err = lost;
            PQclear(kept);
            return false;
        }
        if (next == NULL)
            break;
        ExecStatusType status = PQresultStatus(next);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && ok)
            ok = pg_failure(pg, next, err);
        PQclear(kept);
        kept = next;
    }
    if (ok && ret_result != NULL)
        *ret_result = kept;
    else
        PQclear(kept);
    return ok;
}

static struct statement *find_statement(struct pg *pg, const char *sql_file)
{
    struct statement *found;
    HASH_FIND_STR(pg->prepared, sql_file, found);
    return found;
}

bool pg_prepare(
    struct pg *pg, const char *sql_file, const struct pg_values *types, struct error *err)
{
    if (pg->unnamed || find_statement(pg, sql_file) != NULL)
        return true;
    int n = types != NULL ? (int)types->n : 0;
    if (!PQsendPrepare(pg->conn, sql_file, sql_text(sql_file), n, n > 0 ? types->type : NULL))
        return pg_lost(pg, err);
    if (!finish_statement(pg, NULL, err))
        return false;
    struct statement *statement = memory_new(1, sizeof(*statement));
    statement->sql_file = sql_file;
    HASH_ADD_KEYPTR(hh, pg->prepared, sql_file, strlen(sql_file), statement);
    return true;
}

bool pg_send(struct pg *pg, const char *sql_file, const struct pg_values *values, struct error *err)
{
    int n = values != NULL ? (int)values->n : 0;
    const char *const *bytes = n > 0 ? values->bytes : NULL;
    const int *length = n > 0 ? values->length : NULL;
    int sent = pg->unnamed
                   ? PQsendQueryParams(pg->conn, sql_text(sql_file), n, n > 0 ? values->type : NULL,
                         bytes, length, pg->binary, 1)
                   : PQsendQueryPrepared(pg->conn, sql_file, n, bytes, length, pg->binary, 1);
    return sent ? true : pg_lost(pg, err);
}

bool pg_run(struct pg *pg, const char *sql_file, const struct pg_values *values,
    struct pg_result **ret_result, int64_t *ret_rows, struct error *err)
{
    PGresult *result = NULL;
    if (pg->lost)
        return pg_lost(pg, err);
    if (!pg_prepare(pg, sql_file, values, err) || !pg_send(pg, sql_file, values, err) ||
        !finish_statement(pg, &result, err))
        return false;
    if (ret_rows != NULL) {
        int64_t rows = 0;
        if (!number_i64(PQcmdTuples(result), 0, INT64_MAX, &rows))
            rows = PQntuples(result);
        *ret_rows = rows;
    }
    if (ret_result != NULL)
        *ret_result = (struct pg_result *)result;
    else
        PQclear(result);
    return true;
}

bool pg_script(struct pg *pg, const char *script, struct error *err)
{
    if (pg->lost || !PQsendQuery(pg->conn, script))
        return pg_lost(pg, err);
    return finish_statement(pg, NULL, err);
}

bool pg_stream(struct pg *pg, const char *sql_file, const struct pg_values *values,
    bool (*row)(void *user, const struct pg_result *row), void *user, struct error *err)
{
    if (pg->lost)
        return pg_lost(pg, err);
    if (!pg_prepare(pg, sql_file, values, err) || !pg_send(pg, sql_file, values, err))
        return false;
    if (!PQsetSingleRowMode(pg->conn))
        return pg_lost(pg, err);
    bool wanted = true, ok = true;
    for (;;) {
        PGresult *next;
        struct error lost = ERROR_INIT;
        if (!pg_next_result(pg, &next, &lost)) {
            if (ok)
                *err = lost;
            return false;
        }
        if (next == NULL)
            return ok;
        ExecStatusType status = PQresultStatus(next);
        if (status == PGRES_SINGLE_TUPLE && wanted)
            wanted = row(user, (const struct pg_result *)next);
        else if (status == PGRES_FATAL_ERROR && ok)
            ok = pg_failure(pg, next, err);
        PQclear(next);
    }
}

bool pg_begin(struct pg *pg, struct error *err)
{
    return pg_run(pg, "session/begin.sql", NULL, NULL, NULL, err);
}

bool pg_commit(struct pg *pg, struct error *err)
{
    return pg_run(pg, "session/commit.sql", NULL, NULL, NULL, err);
}

void pg_rollback(struct pg *pg)
{
    struct error ignored = ERROR_INIT;
    if (!pg->lost)
        (void)!pg_run(pg, "session/rollback.sql", NULL, NULL, NULL, &ignored);
}
