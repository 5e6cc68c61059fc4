#include "app/prepare.h"

#include <errno.h>
#include <fcntl.h>

#include "analyze/analyzer.h"
#include "analyze/language.h"
#include "analyze/read.h"
#include "app/git.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/signature.h"
#include "watch/busy.h"

#define TORN_TRIES 3 /* of a read that cannot wait for the writer */

struct preparer {
    const struct prepare_settings *settings;
    struct analyzer *analyzer;
    struct busy_table busy;
    struct git *git; /* opened with the first blob */
};

struct prepare_settings prepare_settings_of(
    const struct config *config, struct zygote *zygote, const struct revisions *revisions)
{
    return (struct prepare_settings){
        .zygote = zygote,
        .revisions = revisions,
        .limits = {.cpu_ms = config->analysis.parse_timeout_ms,
            .memory_bytes = (uint64_t)config->analysis.parse_memory_mb << 20,
            .minified = {.file_bytes = (uint64_t)config->analysis.minified.min_kb << 10,
                .line_bytes = config->analysis.minified.line_bytes,
                .mean_line_bytes = config->analysis.minified.mean_line_bytes}},
        .max_parse_bytes = {[LANGUAGE_CODE] = (uint64_t)config->analysis.max_parse_kb.code << 10,
            [LANGUAGE_DATA] = (uint64_t)config->analysis.max_parse_kb.data << 10,
            [LANGUAGE_MARKDOWN] = (uint64_t)config->analysis.max_parse_kb.markdown << 10},
        .max_content_bytes = (uint64_t)config->analysis.max_content_kb << 10,
        .busy_ms = config->watch.busy_ms,
        .store_content = config->analysis.store_content,
        .store_ast = config->store.ast == STORE_AST_COLUMNS,
    };
}

struct preparer *preparer_new(const struct prepare_settings *settings)
{
    struct preparer *preparer = memory_new(1, sizeof(*preparer));
    preparer->settings = settings;
    preparer->analyzer = analyzer_new(settings->zygote);
    return preparer;
}

void preparer_free(struct preparer *preparer)
{
    if (preparer == NULL)
        return;
    analyzer_free(preparer->analyzer);
    git_free(preparer->git);
    free(preparer);
}

static void skip(struct task *task, const char *reason)
{
    task->outcome = TASK_SKIPPED;
    task->job.result = RESULT_SKIPPED;
    (void)snprintf(task->job.skipped_reason, sizeof(task->job.skipped_reason), "%.127s", reason);
}

/* There is nothing to ingest under this name: its rows go, if it may have any. */
static void vanish(struct task *task)
{
    if (!task->row_exists) {
        task->outcome = TASK_UNWANTED;
        return;
    }
    task->job.operation = OPERATION_DELETE;
    task->outcome = TASK_WRITE;
}

/* Nothing to give to the sinks, and the file is not to blame: both halves failed, a debt each. */
static void fail(struct task *task, const struct error *err)
{
    task->outcome = TASK_WRITE;
    for (unsigned id = 0; id < SINKS; id++) {
        struct half *half = &task->job.half[id];
        if ((task->job.sinks_wanted & SINK_BIT(id)) == 0)
            continue;
        half->status = HALF_FAILED;
        half->retry_helps = true;
        (void)snprintf(half->error, sizeof(half->error), "%.255s", err->message);
    }
    atomic_store(&task->job.sinks_left, 0);
}

/* May the open file be read now? Sets the outcome when not. */
static bool is_ready(struct preparer *preparer, struct task *task, int fd, const struct stat *st)
{
    if (task->overdue || (task->fast && task->trust_close))
        return true;
    enum busy busy =
        busy_probe(&preparer->busy, fd, st, clock_wall_us() * 1000, preparer->settings->busy_ms);
    if (busy == BUSY_WRITING)
        task->outcome = TASK_BUSY;
    else if (busy == BUSY_UNKNOWN && task->fast)
        task->outcome = TASK_UNPROVEN;
    else
        return true;
    return false;
}

/* Open and read from disk. False: the outcome is set. */
static bool read_from_disk(struct preparer *preparer, struct task *task, struct reading *reading)
{
    struct job *job = &task->job;
    AUTO_CLOSE int fd = fd_open_beneath(job->root_fd, job->path, O_RDONLY | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EIO)) {
        skip(task, strerrordesc_np(errno));
        return false;
    }
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV ||
                      errno == ENXIO)) {
        task->not_found = true;
        vanish(task);
        return false;
    }
    if (fd < 0 || fstat(fd, &st) != 0) {
        skip(task, strerrordesc_np(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        vanish(task);
        return false;
    }
    if (!is_ready(preparer, task, fd, &st))
        return false;
    for (int tries = 1;; tries++) {
        struct error err = ERROR_INIT;
        enum read_outcome outcome =
            read_file(fd, &st, preparer->settings->max_content_bytes, job->arena, reading, &err);
        if (outcome == READ_DONE)
            break;
        if (outcome == READ_FAILED) {
            skip(task, err.message);
            return false;
        }
        if (!task->overdue || tries == TORN_TRIES || fstat(fd, &st) != 0) {
            task->outcome = TASK_TORN;
            return false;
        }
    }
    task->read_signature = reading->file.signature;
    if (stat_is_racy(&st, clock_wall_us() * 1000))
        reading->file.signature =
            0; /* git's racy rule: another write within the clock's grain would not show */
    task->size_bytes = reading->file.size_bytes;
    return true;
}

static bool read_from_git(struct preparer *preparer, struct task *task, struct reading *reading)
{
    struct error err = ERROR_INIT;
    struct job *job = &task->job;
    AUTO_BUF bytes = BUF_INIT;
    if (preparer->git == NULL && !git_open(preparer->settings->git_root, &preparer->git, &err)) {
        fail(task, &err);
        return false;
    }
    if (!git_read_blob(preparer->git, task->blob_id, UINT32_MAX, &bytes, &err)) {
        skip(task, err.message);
        return false;
    }
    const char *copy = arena_copy(job->arena, buf_string(&bytes), bytes.length);
    read_block(copy, bytes.length, task->blob_mode, preparer->settings->max_content_bytes,
        job->arena, reading);
    task->size_bytes = bytes.length;
    return true;
}

/* The rows hold this content, and nothing that shapes them has changed since: known is kept
 * only for current revisions. */
static bool is_unchanged(const struct task *task, const struct reading *reading)
{
    const struct fingerprint version =
        fingerprint_of(reading->file.content_hash, reading->file.mode);
    return !task->full && task->has_known && fingerprint_equal(&task->known, &version);
}

static void analyse(struct preparer *preparer, struct task *task, const struct language *language,
    const struct reading *reading)
{
    struct job *job = &task->job;
    struct error err = ERROR_INIT;
    job->code = arena_alloc(job->arena, 1, sizeof(*job->code));
    if (language == NULL || language->grammar == NULL) {
        analyzer_text_only(reading, job->code);
    } else if (!analyzer_run(preparer->analyzer, (unsigned)(language - languages), job->path,
                   reading, preparer->settings->max_parse_bytes[language->class],
                   &preparer->settings->limits, job->arena, job->code, &err)) {
        fail(task, &err);
        return;
    }
    const struct revision revision = revision_of(preparer->settings->revisions, language);
    job->code->parser_rev = revision.parser_rev;
    job->code->metrics_version = revision.metrics_version;
    task->outcome = TASK_WRITE;
}

void prepare(struct preparer *preparer, struct task *task)
{
    struct job *job = &task->job;
    struct reading reading;
    job->started_us = clock_monotonic_us();
    task->outcome = TASK_WRITE;
    if (job->operation == OPERATION_DELETE || job->operation == OPERATION_MOVE)
        return;
    bool read = task->blob_id != NULL ? read_from_git(preparer, task, &reading)
                                      : read_from_disk(preparer, task, &reading);
    if (!read)
        return;
    const struct language *language =
        language_of_content(job->path, reading.head, reading.head_length);
    if (language == NULL && task->must_have_language) {
        vanish(task);
        return;
    }
    job->file = reading.file;
    job->file.language = language != NULL ? language->id : "unknown";
    if (is_unchanged(task, &reading)) {
        task->outcome = TASK_UNCHANGED;
        job->result = RESULT_UNCHANGED;
        return;
    }
    analyse(preparer, task, language, &reading);
    if (!preparer->settings->store_content)
        job->file.content = (struct text){0};
    if (!preparer->settings->store_ast && job->code != NULL)
        job->code->blob[BLOB_AST] = (struct text){0};
}
