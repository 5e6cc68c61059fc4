#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/audit.h"

struct half_keys {
    const char *status, *sqlstate, *error, *duration_us, *attempts;
};

static const struct half_keys half_keys[SINKS] = {
    [SINK_FILES] = {"code_files_status", "code_files_sqlstate", "code_files_error",
        "code_files_duration_us", "code_files_attempts"},
    [SINK_METADATA] = {"metadata_status", "metadata_sqlstate", "metadata_error",
        "metadata_duration_us", "metadata_attempts"},
};

static void add_path(struct json *json, const char *key, const char *path)
{
    AUTO_BUF text = BUF_INIT;
    (void)utf8_add_path(&text, path, strlen(path));
    json_key_bytes(json, key, buf_string(&text), text.length);
}

static void add_half(struct json *json, const struct job *job, enum sink_id id)
{
    const struct half_keys *keys = &half_keys[id];
    const struct half *half = &job->half[id];
    bool off = half->status == HALF_NONE && (job->sinks_off & SINK_BIT(id)) != 0;
    json_key_string(json, keys->status, half_status_word(off ? HALF_OFF : half->status));
    if (half->sqlstate[0] != '\0')
        json_key_string(json, keys->sqlstate, half->sqlstate);
    if (half->error[0] != '\0')
        json_key_string(json, keys->error, half->error);
    if (half->attempts == 0)
        return;
    json_key_u64(
        json, keys->duration_us, half->duration_us < INT32_MAX ? half->duration_us : INT32_MAX);
    json_key_u64(json, keys->attempts, half->attempts);
}

static void add_hash(struct json *json, const uint8_t *hash)
{
    static const uint8_t unread[SHA256_BYTES];
    char text[2 + 2 * SHA256_BYTES + 1] = "\\x";
    if (memcmp(hash, unread, SHA256_BYTES) == 0)
        return;
    sha256_hex(hash, text + 2);
    json_key_string(json, "content_hash", text);
}

static void add_reason(struct json *json, const struct job *job)
{
    if (job->skipped_reason[0] != '\0')
        json_key_string(json, "reason", job->skipped_reason);
    else if (job->code != NULL && job->code->reason[0] != '\0')
        json_key_string(json, "reason", job->code->reason);
}

void audit_record(const struct job *job, const char *daemon_id, struct buf *out)
{
    struct json json = JSON_INIT(out);
    char attempt_id[37];
    AUTO_BUF attempted_at = BUF_INIT;
    uuid_text(&job->attempt_id, attempt_id);
    clock_add_rfc3339(&attempted_at, job->attempted_at_us);
    json_object_begin(&json);
    json_key_string(&json, "codebase_id", job->codebase->codebase_id);
    add_path(&json, "path", job->path);
    json_key_string(&json, "attempt_id", attempt_id);
    json_key_string(&json, "attempted_at", buf_string(&attempted_at));
    json_key_string(&json, "operation", operation_word(job->operation));
    json_key_string(&json, "origin", origin_word(job->origin));
    json_key_string(&json, "result", result_word(job->result));
    for (unsigned id = 0; id < SINKS; id++)
        add_half(&json, job, (enum sink_id)id);
    json_key_u64(&json, "attempt_no", job->attempt_no);
    if (job->old_path != NULL)
        add_path(&json, "old_path", job->old_path);
    if (job->code != NULL)
        json_key_u64(
            &json, "parse_us", job->code->parse_us < INT32_MAX ? job->code->parse_us : INT32_MAX);
    if (job->noted_us > 0 && job->started_us >= job->noted_us)
        json_key_u64(&json, "wait_us", job->started_us - job->noted_us);
    add_hash(&json, job->file.content_hash);
    if (daemon_id != NULL)
        json_key_string(&json, "daemon_id", daemon_id);
    if (job->branch != NULL)
        json_key_string(&json, "branch", job->branch);
    add_reason(&json, job);
    json_object_end(&json);
}
