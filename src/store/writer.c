#include "store/writer.h"

#include <assert.h>

#include "base/arena.h"
#include "store/lock_key.h"
#include "store/row.h"

struct writer {
    const struct pg_settings *settings;
    const struct row_table *table;
    struct pg *pg;
    struct arena *fences; /* names of the codebases whose fence this connection holds */
    const char **fenced;
    size_t n_fenced, fenced_capacity;
};

/* One statement of a pipeline and the jobs that it serves. */
struct step {
    size_t first, n; /* into order[] */
};

struct group {
    struct job *const *jobs;
    size_t n;
    bool apart;
    size_t *order; /* jobs by step: what is merged stands side by side */
    struct step *steps;
    size_t n_steps;
    struct write_outcome *outcomes;
    struct arena *scratch;
};

struct writer *writer_new(const struct pg_settings *settings, enum sink_id id)
{
    struct writer *writer = memory_new(1, sizeof(*writer));
    writer->settings = settings;
    writer->table = &row_tables[id];
    return writer;
}

void writer_disconnect(struct writer *writer)
{
    pg_close(writer->pg);
    writer->pg = NULL;
    arena_free(writer->fences);
    writer->fences = NULL;
    writer->n_fenced = 0;
}

void writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    writer_disconnect(writer);
    free(writer->fenced);
    free(writer);
}

bool writer_connected(const struct writer *writer)
{
    return writer->pg != NULL;
}

struct pg *writer_pg(struct writer *writer)
{
    return writer->pg;
}

/* A job like any other, of a codebase that cannot exist: for types and for probes. */
static void with_model_job(struct arena *scratch,
    void (*encode)(const struct job *, struct pg_values *, struct arena *),
    struct pg_values *values)
{
    static const struct codebase nowhere = {.codebase_id = "srctab probe"};
    struct code_facts *code = arena_alloc(scratch, 1, sizeof(*code));
    struct job *job = arena_alloc(scratch, 1, sizeof(*job));
    job->codebase = &nowhere;
    job->path = job->old_path = "probe";
    job->file.language = "unknown";
    job->code = code;
    encode(job, values, scratch);
}

static bool prepare_all(struct writer *writer, struct error *err)
{
    struct arena *scratch = arena_new(0);
    const struct row_table *table = writer->table;
    struct job nobody = {.codebase = &(struct codebase){.codebase_id = ""}, .path = ""};
    struct job *const one[] = {&nobody};
    struct pg_values values;
    with_model_job(scratch, table->upsert_values, &values);
    bool ok = pg_prepare(writer->pg, table->upsert, &values, err);
    with_model_job(scratch, table->move_values, &values);
    ok = ok && pg_prepare(writer->pg, table->move, &values, err);
    row_remove_values(one, 1, &values, scratch);
    ok = ok && pg_prepare(writer->pg, table->remove, &values, err);
    arena_free(scratch);
    return ok;
}

bool writer_connect(struct writer *writer, struct error *err)
{
    if (writer->pg != NULL)
        return true;
    if (!pg_open(writer->settings, &writer->pg, err))
        return false;
    writer->fences = arena_new(0);
    if (prepare_all(writer, err))
        return true;
    writer_disconnect(writer);
    return false;
}

bool writer_fence(struct writer *writer, const char *codebase_id, struct error *err)
{
    for (size_t i = 0; i < writer->n_fenced; i++)
        if (strcmp(writer->fenced[i], codebase_id) == 0)
            return true;
    AUTO_PG_RESULT *granted = NULL;
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_i64(&values, lock_key(LOCK_PURPOSE_WRITE, writer->settings->schema, codebase_id));
    if (!pg_run(writer->pg, "write/fence.sql", &values, &granted, NULL, err))
        return false;
    if (pg_i64(granted, 0, 0) == 0) {
        error_set(
            err, ERROR_OWNED, 0, "another daemon is taking codebase \"%s\" over", codebase_id);
        memcpy(err->sqlstate, "55P03", sizeof(err->sqlstate));
        return false;
    }
    if (writer->n_fenced == writer->fenced_capacity) {
        writer->fenced_capacity = writer->fenced_capacity > 0 ? 2 * writer->fenced_capacity : 8;
        writer->fenced =
            memory_resize(writer->fenced, writer->fenced_capacity, sizeof(*writer->fenced));
    }
    writer->fenced[writer->n_fenced++] = arena_string(writer->fences, codebase_id);
    return true;
}

static bool merges(const struct group *group, const struct job *a, const struct job *b)
{
    return !group->apart && a->operation == OPERATION_DELETE && b->operation == OPERATION_DELETE &&
           strcmp(a->codebase->codebase_id, b->codebase->codebase_id) == 0;
}

/* Deletes of one codebase become one statement; the order of the others does not matter, since all
 * paths differ. */
static void plan_steps(struct group *group)
{
    bool *taken = arena_alloc(group->scratch, group->n, sizeof(*taken));
    size_t used = 0;
    group->order = arena_alloc(group->scratch, group->n, sizeof(*group->order));
    group->steps = arena_alloc(group->scratch, group->n, sizeof(*group->steps));
    for (size_t i = 0; i < group->n; i++) {
        if (taken[i])
            continue;
        struct step *step = &group->steps[group->n_steps++];
        step->first = used;
        group->order[used++] = i;
        for (size_t k = i + 1; k < group->n; k++)
            if (!taken[k] && merges(group, group->jobs[i], group->jobs[k])) {
                taken[k] = true;
                group->order[used++] = k;
            }
        step->n = used - step->first;
    }
}

static bool send_step(
    struct writer *writer, struct group *group, const struct step *step, struct error *err)
{
    const struct row_table *table = writer->table;
    struct job *job = group->jobs[group->order[step->first]];
    struct pg_values values;
    if (job->operation == OPERATION_DELETE) {
        struct job **jobs = arena_alloc(group->scratch, step->n, sizeof(*jobs));
        for (size_t i = 0; i < step->n; i++)
            jobs[i] = group->jobs[group->order[step->first + i]];
        row_remove_values(jobs, step->n, &values, group->scratch);
        return pg_pipeline_send(writer->pg, table->remove, &values, err);
    }
    if (job->operation == OPERATION_MOVE) {
        table->move_values(job, &values, group->scratch);
        return pg_pipeline_send(writer->pg, table->move, &values, err);
    }
    assert(job->code != NULL);
    table->upsert_values(job, &values, group->scratch);
    return pg_pipeline_send(writer->pg, table->upsert, &values, err);
}

static bool send_group(struct writer *writer, struct group *group, struct error *err)
{
    for (size_t i = 0; i < group->n_steps; i++) {
        if (!send_step(writer, group, &group->steps[i], err))
            return false;
        bool last = i + 1 == group->n_steps;
        if ((group->apart || last) && !pg_pipeline_sync(writer->pg, err))
            return false;
    }
    return true;
}

/* Write down the outcome of the jobs of one step. Of a statement for several deletes only the sum
 * is known. */
static void note(struct group *group, const struct step *step, enum write_status status,
    int64_t rows, const struct error *failure)
{
    for (size_t i = 0; i < step->n; i++) {
        struct write_outcome *outcome = &group->outcomes[group->order[step->first + i]];
        outcome->status = status;
        outcome->rows = step->n > 1 && rows > 1 ? 1 : rows;
        if (status == WRITE_FAILED)
            outcome->error = *failure;
    }
}

static void note_committed(struct group *group, const struct step *step)
{
    for (size_t i = 0; i < step->n; i++)
        group->outcomes[group->order[step->first + i]].status = WRITE_OK;
}

/* Read the answers of steps [first, last), one transaction; only its sync says that they count. */
static bool read_transaction(
    struct writer *writer, struct group *group, size_t first, size_t last, struct error *err)
{
    bool failed = false;
    for (size_t at = first;;) {
        enum pg_outcome outcome;
        struct error failure = ERROR_INIT;
        int64_t rows;
        if (!pg_pipeline_next(writer->pg, &outcome, &rows, &failure, err))
            return false;
        if (outcome == PG_OUTCOME_SYNC)
            break;
        /* a failure after the last answer is that of the commit itself: the first one stands for it
         */
        const struct step *step = &group->steps[at < last ? at : first];
        if (outcome == PG_OUTCOME_FAILED)
            note(group, step, WRITE_FAILED, 0, &failure);
        else if (outcome == PG_OUTCOME_DONE)
            note(group, step, WRITE_NOT_TRIED, rows, NULL);
        failed = failed || outcome != PG_OUTCOME_DONE;
        at++;
    }
    for (size_t at = first; at < last && !failed; at++)
        note_committed(group, &group->steps[at]);
    return true;
}

static bool read_group(struct writer *writer, struct group *group, struct error *err)
{
    if (!group->apart)
        return read_transaction(writer, group, 0, group->n_steps, err);
    for (size_t i = 0; i < group->n_steps; i++)
        if (!read_transaction(writer, group, i, i + 1, err))
            return false;
    return true;
}

bool writer_write(struct writer *writer, struct job *const *jobs, size_t n, bool apart,
    struct write_outcome *ret_outcomes, struct error *err)
{
    struct group group = {.jobs = jobs, .n = n, .apart = apart, .outcomes = ret_outcomes};
    for (size_t i = 0; i < n; i++)
        ret_outcomes[i] = (struct write_outcome){.status = WRITE_NOT_TRIED};
    group.scratch = arena_new(0);
    plan_steps(&group);
    bool ok = pg_pipeline_begin(writer->pg, err) && send_group(writer, &group, err) &&
              read_group(writer, &group, err) && pg_pipeline_end(writer->pg, err);
    arena_free(group.scratch);
    if (!ok)
        writer_disconnect(writer);
    return ok;
}

bool writer_probe(struct writer *writer, struct error *err)
{
    writer_disconnect(writer);
    if (!writer_connect(writer, err))
        return false;
    struct arena *scratch = arena_new(0);
    struct pg_values values;
    with_model_job(scratch, writer->table->upsert_values, &values);
    bool ok = pg_begin(writer->pg, err) &&
              pg_run(writer->pg, writer->table->upsert, &values, NULL, NULL, err);
    arena_free(scratch);
    pg_rollback(writer->pg);
    if (!ok || !pg_alive(writer->pg))
        writer_disconnect(writer);
    return ok;
}
