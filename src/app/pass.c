#include "app/pass.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/utf8.h"

struct failures {
    struct output *output;
    size_t shown;
};

static void show_debt(void *user, const struct debt *debt)
{
    struct failures *failures = user;
    AUTO_BUF path = BUF_INIT;
    if (failures->shown++ >= 20)
        return;
    utf8_add_path(&path, debt->path, strlen(debt->path));
    output_note(failures->output, "failed: %s: %s", buf_string(&path), debt->reason);
}

static void say_summary(struct daemon *daemon)
{
    struct counters sum = {0};
    struct failures failures = {.output = daemon->output};
    uint64_t guarded = 0, files = 0, folders = 0, bytes = 0;
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        struct counters counters;
        root_counters(root, &counters);
        counters_add(&sum, &counters);
        guarded += root->guarded_deletes;
        files += watch_root_files(root->watched) - root->unwanted;
        folders += root->folders_skipped;
        bytes += root->done_bytes;
        debts_each(root->debts, show_debt, &failures);
    }
    uint64_t written = sum.value[COUNTER_FILES_SYNCED], deleted = sum.value[COUNTER_FILES_DELETED];
    uint64_t skipped = sum.value[COUNTER_FILES_SKIPPED], others = written + skipped - folders,
             unchanged = files > others ? files - others : 0;
    double seconds = (double)(clock_monotonic_ms() - daemon->started_ms) / 1000;
    if (daemon->output->json)
        output_text(daemon->output,
            "{\"v\":1,\"files\":%" PRIu64 ",\"written\":%" PRIu64 ",\"unchanged\":%" PRIu64
            ",\"deleted\":%" PRIu64 ",\"skipped\":%" PRIu64
            ",\"failed\":%zu,\"refused_deletes\":%" PRIu64 ",\"bytes\":%" PRIu64
            ",\"seconds\":%.3f}\n",
            files, written, unchanged, deleted, skipped, failures.shown, guarded, bytes, seconds);
    else
        output_note(daemon->output,
            "ingest: %" PRIu64 " files: %" PRIu64 " written, %" PRIu64 " unchanged, %" PRIu64
            " deleted, %" PRIu64 " skipped, %zu failed in %.1f s",
            files, written, unchanged, deleted, skipped, failures.shown, seconds);
    if (guarded > 0)
        output_note(daemon->output,
            "refused to delete %" PRIu64
            " rows (safety.max_delete_percent); if the files really are gone: --allow-mass-delete",
            guarded);
}

int pass_run(struct session *session, const struct daemon_options *options, struct error *err)
{
    struct daemon *daemon = NULL;
    int status = 0;
    if (daemon_open(session->config, session->output, options, &daemon, err))
        status = daemon_run(daemon, err);
    else
        status = error_exit_code(err);
    if (daemon != NULL && err->kind == ERROR_NONE && !options->dry_run)
        say_summary(daemon);
    daemon_close(daemon);
    return status;
}
