#include "app/audit_print.h"

#include <assert.h>

#include "app/json_flat.h"
#include "base/arena.h"
#include "base/number.h"

enum column {
    ATTEMPT_ID,
    ATTEMPTED_AT,
    CODEBASE_ID,
    PATH,
    OPERATION,
    ORIGIN,
    RESULT,
    CODE_FILES_STATUS,
    METADATA_STATUS,
    CODE_FILES_SQLSTATE,
    METADATA_SQLSTATE,
    CODE_FILES_ERROR,
    METADATA_ERROR,
    CODE_FILES_DURATION_US,
    METADATA_DURATION_US,
    CODE_FILES_ATTEMPTS,
    METADATA_ATTEMPTS,
    ATTEMPT_NO,
    OLD_PATH,
    PARSE_US,
    WAIT_US,
    CONTENT_HASH,
    DAEMON_ID,
    BRANCH,
    REASON,
    COLUMNS
};

static const struct {
    const char *name;
    bool is_number;
} columns[COLUMNS] = {
    [ATTEMPT_ID] = {"attempt_id", false},
    [ATTEMPTED_AT] = {"attempted_at", false},
    [CODEBASE_ID] = {"codebase_id", false},
    [PATH] = {"path", false},
    [OPERATION] = {"operation", false},
    [ORIGIN] = {"origin", false},
    [RESULT] = {"result", false},
    [CODE_FILES_STATUS] = {"code_files_status", false},
    [METADATA_STATUS] = {"metadata_status", false},
    [CODE_FILES_SQLSTATE] = {"code_files_sqlstate", false},
    [METADATA_SQLSTATE] = {"metadata_sqlstate", false},
    [CODE_FILES_ERROR] = {"code_files_error", false},
    [METADATA_ERROR] = {"metadata_error", false},
    [CODE_FILES_DURATION_US] = {"code_files_duration_us", true},
    [METADATA_DURATION_US] = {"metadata_duration_us", true},
    [CODE_FILES_ATTEMPTS] = {"code_files_attempts", true},
    [METADATA_ATTEMPTS] = {"metadata_attempts", true},
    [ATTEMPT_NO] = {"attempt_no", true},
    [OLD_PATH] = {"old_path", false},
    [PARSE_US] = {"parse_us", true},
    [WAIT_US] = {"wait_us", true},
    [CONTENT_HASH] = {"content_hash", false},
    [DAEMON_ID] = {"daemon_id", false},
    [BRANCH] = {"branch", false},
    [REASON] = {"reason", false},
};

bool audit_print_fits(size_t n_columns, const char *const *names)
{
    assert(n_columns == COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        assert(strcmp(columns[i].name, names[i]) == 0);
    return true;
}

static void print_json(struct output *output, const char *const *values, bool spooled)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    for (size_t i = 0; i < COLUMNS; i++) {
        json_key(&json, columns[i].name);
        if (values[i] == NULL)
            json_null(&json);
        else if (columns[i].is_number)
            json_raw(&json, values[i], strlen(values[i]));
        else
            json_string(&json, values[i]);
    }
    json_key_bool(&json, "spooled", spooled);
    json_object_end(&json);
    output_json(output, &line);
}

static enum style style_of(const char *result)
{
    if (strcmp(result, "both_tables") == 0 || strcmp(result, "unchanged") == 0)
        return STYLE_GOOD;
    return strcmp(result, "both_failed") == 0 ? STYLE_BAD : STYLE_WARN;
}

static void print_side(struct output *output, const char *name, const char *status,
    const char *sqlstate, const char *error)
{
    if (status == NULL || strcmp(status, "failed") != 0)
        return;
    output_text(output, "  %s failed", name);
    if (sqlstate != NULL)
        output_text(output, " (%s)", sqlstate);
    if (error != NULL) {
        output_text(output, ": ");
        output_safe(output, STYLE_PLAIN, error);
    }
}

static void print_text(struct output *output, const char *const *values, bool spooled)
{
    uint64_t parse_us = 0, files_us = 0, metadata_us = 0;
    output_text(output, "%.19s  ", values[ATTEMPTED_AT] == NULL ? "" : values[ATTEMPTED_AT]);
    output_text(output, "%-7s ", values[OPERATION]);
    output_safe(output, style_of(values[RESULT]), values[RESULT]);
    output_text(output, "  ");
    if (values[OLD_PATH] != NULL) {
        output_safe(output, STYLE_PLAIN, values[OLD_PATH]);
        output_text(output, " → ");
    }
    output_safe(output, STYLE_BOLD, values[PATH]);
    const char *parse = values[PARSE_US] == NULL ? "0" : values[PARSE_US];
    const char *files =
        values[CODE_FILES_DURATION_US] == NULL ? "0" : values[CODE_FILES_DURATION_US];
    const char *metadata =
        values[METADATA_DURATION_US] == NULL ? "0" : values[METADATA_DURATION_US];
    if (number_u64(parse, 0, UINT64_MAX, &parse_us) &&
        number_u64(files, 0, UINT64_MAX, &files_us) &&
        number_u64(metadata, 0, UINT64_MAX, &metadata_us))
        output_text(output, "  %.1f ms",
            (double)(parse_us + (files_us > metadata_us ? files_us : metadata_us)) / 1000);
    print_side(output, "code_files", values[CODE_FILES_STATUS], values[CODE_FILES_SQLSTATE],
        values[CODE_FILES_ERROR]);
    print_side(output, "codebase_metadata", values[METADATA_STATUS], values[METADATA_SQLSTATE],
        values[METADATA_ERROR]);
    if (values[REASON] != NULL && values[REASON][0] != '\0') {
        output_text(output, "  ");
        output_safe(output, STYLE_DIM, values[REASON]);
    }
    output_text(output, spooled ? "  (spooled)\n" : "\n");
}

void audit_print_row(struct output *output, const char *const *values)
{
    if (output->json)
        print_json(output, values, false);
    else
        print_text(output, values, false);
}

static bool at_or_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static bool is_wanted(
    const char *const *values, const char *codebase_id, const char *path, bool only_failed)
{
    if (values[ATTEMPT_ID] == NULL || values[PATH] == NULL || values[RESULT] == NULL ||
        values[OPERATION] == NULL || values[CODEBASE_ID] == NULL)
        return false;
    if (codebase_id != NULL && strcmp(codebase_id, values[CODEBASE_ID]) != 0)
        return false;
    if (path != NULL && !at_or_below(values[PATH], path))
        return false;
    return !only_failed || style_of(values[RESULT]) != STYLE_GOOD;
}

void audit_print_record(struct output *output, const void *bytes, size_t length,
    const char *codebase_id, const char *path, bool only_failed)
{
    struct arena *arena = arena_new(0);
    struct json_flat *record = NULL;
    struct error err = ERROR_INIT;
    const char *values[COLUMNS] = {0};
    if (json_flat_parse(arena_copy(arena, bytes, length), arena, &record, &err)) {
        for (size_t i = 0; i < COLUMNS; i++)
            values[i] = columns[i].is_number ? json_flat_raw(record, columns[i].name)
                                             : json_flat_string(record, columns[i].name);
        bool wanted = is_wanted(values, codebase_id, path, only_failed);
        if (wanted && output->json)
            print_json(output, values, true);
        else if (wanted)
            print_text(output, values, true);
    }
    arena_free(arena);
}
