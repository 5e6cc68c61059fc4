#include "store/pg_text.h"

#include "store/pg_private.h"

/* An answer that is being read. */
struct answer {
    const struct pg_text_ops *ops;
    void *user;
    bool announced, wanted;
    const char **cells; /* room for one row */
};

static void announce(struct answer *answer, const PGresult *result)
{
    size_t n = (size_t)PQnfields(result);
    if (answer->announced)
        return;
    answer->announced = true;
    answer->cells = memory_new(n + 1, sizeof(*answer->cells));
    uint32_t *types = memory_new(n + 1, sizeof(*types));
    for (size_t i = 0; i < n; i++) {
        answer->cells[i] = PQfname(result, (int)i);
        types[i] = PQftype(result, (int)i);
    }
    if (answer->ops != NULL && answer->ops->columns != NULL)
        answer->wanted = answer->ops->columns(answer->user, n, answer->cells, types);
    free(types);
}

static void take_rows(struct answer *answer, const PGresult *result)
{
    size_t n = (size_t)PQnfields(result);
    announce(answer, result);
    for (int row = 0; row < PQntuples(result) && answer->wanted; row++) {
        for (size_t i = 0; i < n; i++)
            answer->cells[i] =
                PQgetisnull(result, row, (int)i) ? NULL : PQgetvalue(result, row, (int)i);
        answer->wanted = answer->ops->row(answer->user, n, answer->cells);
    }
}

static bool read_answer(struct pg *pg, struct answer *answer, struct error *err)
{
    bool ok = true;
    for (;;) {
        PGresult *next = NULL;
        struct error lost = ERROR_INIT;
        if (!pg_next_result(pg, &next, &lost)) {
            if (ok)
                *err = lost;
            return false;
        }
        if (next == NULL)
            return ok;
        ExecStatusType status = PQresultStatus(next);
        if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK)
            take_rows(answer, next);
        else if (status == PGRES_FATAL_ERROR && ok)
            ok = pg_failure(pg, next, err);
        PQclear(next);
    }
}

bool pg_text_run(struct pg *pg, const char *sql, const char *const *parameters, size_t n_parameters,
    const struct pg_text_ops *ops, void *user, struct error *err)
{
    struct answer answer = {.ops = ops, .user = user, .wanted = ops != NULL};
    if (pg->lost ||
        !PQsendQueryParams(pg->conn, sql, (int)n_parameters, NULL, parameters, NULL, NULL, 0) ||
        !PQsetSingleRowMode(pg->conn))
        return pg_lost(pg, err);
    bool ok = read_answer(pg, &answer, err);
    free(answer.cells);
    return ok;
}

int pg_server_version(const struct pg *pg)
{
    return PQserverVersion(pg->conn);
}

const char *pg_connected_to(const struct pg *pg, const char *what)
{
    static const struct {
        const char *what;
        char *(*get)(const PGconn *conn);
    } getters[] = {{"host", PQhost}, {"port", PQport}, {"dbname", PQdb}, {"user", PQuser}};
    for (size_t i = 0; i < ARRAY_SIZE(getters); i++) {
        if (strcmp(getters[i].what, what) == 0) {
            const char *value = getters[i].get(pg->conn);
            return value == NULL ? "" : value;
        }
    }
    return "";
}
