/* check - SQL as a lint rule: each row that a file's query returns is a finding. */
#include "app/commands.h"
#include "app/finding.h"
#include "app/link.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/number.h"
#include "store/pg_text.h"
#include "store/sql.h"

enum { MAX_RULE_BYTES = 1 << 20 };
enum field { FIELD_PATH, FIELD_LINE, FIELD_MESSAGE, FIELD_SEVERITY, FIELD_RULE, FIELDS };

static const char *const field_names[FIELDS] = {"path", "line", "message", "severity", "rule"};

struct check_run {
    struct session *session;
    struct link link;
    struct arena *arena;
    struct findings findings;
    const char *file, *rule; /* of the query that runs */
    size_t position[FIELDS]; /* column of each field; SIZE_MAX: the query has none */
    bool misses_column;
};

static bool take_columns(
    void *user, size_t n_columns, const char *const *names, const uint32_t *types)
{
    (void)types;
    struct check_run *run = user;
    for (size_t field = 0; field < FIELDS; field++) {
        run->position[field] = SIZE_MAX;
        for (size_t i = 0; i < n_columns; i++) {
            if (strcmp(names[i], field_names[field]) == 0)
                run->position[field] = i;
        }
    }
    run->misses_column =
        run->position[FIELD_PATH] == SIZE_MAX || run->position[FIELD_MESSAGE] == SIZE_MAX;
    return !run->misses_column;
}

static const char *value_of(
    const struct check_run *run, const char *const *values, enum field field, const char *missing)
{
    size_t at = run->position[field];
    return at == SIZE_MAX || values[at] == NULL ? missing : values[at];
}

static bool take_row(void *user, size_t n_columns, const char *const *values)
{
    struct check_run *run = user;
    struct finding finding = {
        .path = value_of(run, values, FIELD_PATH, ""),
        .line = 1,
        .message = value_of(run, values, FIELD_MESSAGE, ""),
        .severity = value_of(run, values, FIELD_SEVERITY, "warning"),
        .rule = value_of(run, values, FIELD_RULE, run->rule),
    };
    (void)n_columns;
    if (!number_u64(value_of(run, values, FIELD_LINE, "1"), 0, UINT32_MAX, &finding.line))
        finding.line = 1;
    findings_add(&run->findings, &finding);
    return true;
}

static const char *rule_name(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".sql") == 0)
        length -= 4;
    return arena_copy(arena, name, length);
}

/* Each rule has a transaction of its own that can read only, whatever it says. */
static bool run_rule(struct check_run *run, const char *codebase, struct error *err)
{
    static const struct pg_text_ops ops = {.columns = take_columns, .row = take_row};
    AUTO_BUF sql = BUF_INIT;
    const char *scope = codebase == NULL ? "" : codebase;
    if (!fd_read_file(run->file, MAX_RULE_BYTES, &sql, err)) {
        err->kind = ERROR_USAGE;
        return false;
    }
    struct pg *pg = run->link.pg;
    if (!pg_script(pg, sql_text("command/begin_read_only.sql"), err) ||
        !pg_text_run(pg, sql_text("command/check_scope.sql"), &scope, 1, NULL, NULL, err))
        return false;
    run->misses_column = true; /* until columns come: a statement without any is no rule */
    bool fine = pg_text_run(pg, buf_string(&sql), NULL, 0, &ops, run, err);
    pg_rollback(pg);
    if (fine && run->misses_column)
        return error_set(err, ERROR_USAGE, 0,
            "%.200s: the query must return the columns path and message (and line)", run->file);
    if (fine)
        return true;
    if (err->sqlstate[0] == '4' ||
        err->sqlstate[0] == '2') /* 42, 22, 25: the rule is wrong, not the database */
        err->kind = ERROR_USAGE;
    return error_wrap(err, "%.200s", run->file);
}

static bool run_rules(struct check_run *run, struct error *err)
{
    const char *codebase = NULL;
    const struct arguments *arguments = run->session->arguments;
    if (!link_open(&run->link, run->session, "srctab check", err) ||
        !link_codebase(&run->link, run->session, NULL, run->arena, &codebase, NULL, err))
        return false;
    for (size_t i = 0; i < arguments_operands(arguments); i++) {
        run->file = arguments_operand(arguments, i);
        run->rule = rule_name(run->arena, run->file);
        if (!run_rule(run, codebase, err))
            return false;
    }
    return true;
}

int cmd_check(struct session *session, struct error *err)
{
    struct check_run run = {.session = session, .arena = arena_new(0)};
    const char *form = arguments_value(session->arguments, "--format");
    if (form == NULL)
        form = session->output->json ? "json" : "text";
    findings_begin(&run.findings, session->output, form);
    bool fine = run_rules(&run, err);
    findings_end(&run.findings);
    if (fine)
        output_note(
            session->output, "%zu finding%s", run.findings.n, run.findings.n == 1 ? "" : "s");
    link_close(&run.link);
    arena_free(run.arena);
    if (!fine)
        return error_exit_code(err);
    return run.findings.n > 0 ? 1 : 0;
}
