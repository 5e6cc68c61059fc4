#include "base/number.h"
#include "store/pg_private.h"

bool pg_pipeline_begin(struct pg *pg, struct error *err)
{
    if (pg->lost || !PQenterPipelineMode(pg->conn))
        return pg_lost(pg, err);
    return true;
}

bool pg_pipeline_send(
    struct pg *pg, const char *sql_file, const struct pg_values *values, struct error *err)
{
    if (pg->lost || !pg_send(pg, sql_file, values, err))
        return pg_lost(pg, err);
    pg->unflushed_bytes += values->size_bytes;
    return pg->unflushed_bytes < 65536 || pg_flush(pg, err);
}

bool pg_pipeline_sync(struct pg *pg, struct error *err)
{
    if (pg->lost || !PQpipelineSync(pg->conn))
        return pg_lost(pg, err);
    return true;
}

bool pg_pipeline_next(struct pg *pg, enum pg_outcome *ret_outcome, int64_t *ret_rows,
    struct error *ret_failure, struct error *err)
{
    PGresult *result = NULL;
    while (result == NULL) /* NULL only ends the statement before */
        if (!pg_next_result(pg, &result, err))
            return false;
        else if (result == NULL && PQstatus(pg->conn) == CONNECTION_BAD)
            return pg_lost(pg, err);
    int64_t rows = 0;
    enum pg_outcome outcome = PG_OUTCOME_DONE;
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        outcome = PG_OUTCOME_SYNC;
        break;
    case PGRES_PIPELINE_ABORTED:
        outcome = PG_OUTCOME_ABORTED;
        break;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (!number_i64(PQcmdTuples(result), 0, INT64_MAX, &rows))
            rows = PQntuples(result);
        break;
    default:
        outcome = PG_OUTCOME_FAILED;
        pg_failure(pg, result, ret_failure);
    }
    PQclear(result);
    if (pg->lost) {
        *err = *ret_failure;
        return false;
    }
    *ret_outcome = outcome;
    *ret_rows = rows;
    return true;
}

bool pg_pipeline_end(struct pg *pg, struct error *err)
{
    if (pg->lost || !PQexitPipelineMode(pg->conn))
        return pg_lost(pg, err);
    return true;
}
