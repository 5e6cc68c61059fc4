/* q - the ready queries of sql/queries. */
#include "app/commands.h"
#include "app/link.h"
#include "app/query.h"
#include "app/rows.h"
#include "base/arena.h"

static const char missing_limit[] = "20";

static void list_as_json(struct output *output, const struct query *query)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "name", query->name);
    json_key(&json, "arguments");
    json_array_begin(&json);
    for (size_t i = 0; i < query->n_arguments; i++)
        json_string(&json, query->arguments[i]);
    json_array_end(&json);
    json_key_string(&json, "summary", query->summary);
    json_object_end(&json);
    output_json(output, &line);
}

static int list_queries(struct session *session, struct arena *arena)
{
    static const char *const headings[] = {"query", "what it shows"};
    struct output_table *table = output_table_new(ARRAY_SIZE(headings), headings);
    struct query query;
    for (size_t i = 0; query_at(arena, i, &query); i++) {
        AUTO_BUF call = BUF_INIT;
        buf_adds(&call, query.name);
        for (size_t k = 0; k < query.n_arguments; k++)
            buf_addf(&call, " %s", query.arguments[k]);
        output_table_cell(table, buf_string(&call));
        output_table_cell(table, query.summary);
        if (session->output->json)
            list_as_json(session->output, &query);
    }
    if (!session->output->json)
        output_table_print(session->output, table);
    output_table_free(table);
    return 0;
}

static bool find(
    struct session *session, struct arena *arena, struct query *query, struct error *err)
{
    const char *near = NULL;
    const char *name = arguments_operand(session->arguments, 0);
    if (!query_find(arena, name, query, &near)) {
        if (near != NULL)
            error_set(
                err, ERROR_USAGE, 0, "unknown query \"%.80s\" (did you mean \"%s\"?)", name, near);
        else
            error_set(err, ERROR_USAGE, 0, "unknown query \"%.80s\"", name);
        return error_hint(err, "see: srctab q");
    }
    size_t n_given = arguments_operands(session->arguments) - 1;
    if (n_given < query->n_arguments)
        return error_set(err, ERROR_USAGE, 0, "q %s needs an argument: %s", query->name,
            query->arguments[n_given]);
    if (n_given > query->n_arguments)
        return error_set(err, ERROR_USAGE, 0, "q %s: unexpected argument \"%.80s\"", query->name,
            arguments_operand(session->arguments, 1 + query->n_arguments));
    return true;
}

static size_t collect_values(const struct session *session, const struct query *query,
    const char *codebase, const char **values)
{
    const char *limit = arguments_value(session->arguments, "--number");
    values[0] = codebase == NULL ? "" : codebase;
    values[1] = limit == NULL ? missing_limit : limit;
    for (size_t i = 0; i < query->n_arguments; i++)
        values[2 + i] = arguments_operand(session->arguments, 1 + i);
    return 2 + query->n_arguments;
}

static bool run_query(struct session *session, struct link *link, struct arena *arena,
    const struct query *query, struct error *err)
{
    const char *values[2 + QUERY_ARGUMENTS_MAX];
    const char *codebase = NULL;
    struct rows rows = {.output = session->output};
    if (!link_open(link, session, "srctab q", err) ||
        !link_codebase(link, session, NULL, arena, &codebase, NULL, err))
        return false;
    if (session->output->json)
        rows.form = ROWS_JSON;
    else if (arguments_has(session->arguments, "--csv"))
        rows.form = ROWS_CSV;
    size_t n = collect_values(session, query, codebase, values);
    AUTO_BUF sql = BUF_INIT;
    query_parameters(&sql, query);
    bool fine = pg_text_run(link->pg, buf_string(&sql), values, n, &rows_ops, &rows, err);
    if (fine && rows.n_rows == 0)
        output_note(session->output, "no rows%s%s", codebase == NULL ? "" : " in ",
            codebase == NULL ? "" : codebase);
    rows_finish(&rows);
    return fine;
}

int cmd_q(struct session *session, struct error *err)
{
    struct query query;
    struct link link = {0};
    struct arena *arena = arena_new(0);
    int status = 0;
    if (arguments_operands(session->arguments) == 0) {
        status = list_queries(session, arena);
    } else if (!find(session, arena, &query, err)) {
        status = error_exit_code(err);
    } else if (arguments_has(session->arguments, "--sql")) {
        const char *values[2 + QUERY_ARGUMENTS_MAX];
        AUTO_BUF text = BUF_INIT;
        (void)collect_values(session, &query, arguments_value(session->arguments, "--id"), values);
        query_for_psql(&text, &query, values);
        output_document(session->output, buf_string(&text));
    } else if (!run_query(session, &link, arena, &query, err)) {
        status = error_exit_code(err);
    }
    link_close(&link);
    arena_free(arena);
    return status;
}
