/* commands.h - what each command runs. Thread: main only. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/command.h"
#include "app/config.h"
#include "app/output.h"
#include "base/error.h"

/* What a command gets: parsed words, settings, where to print. All borrowed for the command's run.
 */
struct session {
    const struct arguments *arguments;
    struct config *config; /* NULL for commands that need none (explain, help, completion) */
    const struct config_request *request; /* for a reload */
    struct output *output;
};

/**
 * Each returns the exit status. When it also sets err, main prints err and exits with
 * error_exit_code(err); so `return error_exit_code(err)` after a failed call is the usual end.
 */
int cmd_watch(struct session *session, struct error *err);
int cmd_ingest(struct session *session, struct error *err);
int cmd_wait(struct session *session, struct error *err);
int cmd_verify(struct session *session, struct error *err);

int cmd_explain(struct session *session, struct error *err);
int cmd_files(struct session *session, struct error *err);
int cmd_languages(struct session *session, struct error *err);
int cmd_status(struct session *session, struct error *err);
int cmd_health(struct session *session, struct error *err);
int cmd_audit(struct session *session, struct error *err);
int cmd_enqueue(struct session *session, struct error *err);
int cmd_folders(struct session *session, struct error *err);
int cmd_q(struct session *session, struct error *err);
int cmd_check(struct session *session, struct error *err);
int cmd_report(struct session *session, struct error *err);
int cmd_psql(struct session *session, struct error *err);
int cmd_db(struct session *session, struct error *err);
int cmd_doctor(struct session *session, struct error *err);
int cmd_config(struct session *session, struct error *err);
int cmd_completion(struct session *session, struct error *err);
int cmd_help(struct session *session, struct error *err);

#endif
