#include "app/config_key.h"

#include <ctype.h>

#include "app/config.h"

#define AT(field) offsetof(struct config, field)
#define FOLDER(field) offsetof(struct config_folder, field)
#define PRIORITY(field) offsetof(struct config_priority, field)

static const char *const mode_words[] = {"auto", "external", "embedded", NULL};
static const char *const watch_mode_words[] = {"auto", "inotify", "poll", NULL};
static const char *const fast_path_words[] = {"auto", "close", "off", NULL};
static const char *const ast_words[] = {"columns", "off", NULL};
static const char *const audit_words[] = {"change", "all", NULL};
static const char *const log_level_words[] = {"error", "warn", "info", "debug", NULL};
static const char *const log_form_words[] = {"auto", "text", "json", NULL};
static const char *const automatic[] = {"auto", NULL};

/* clang-format off */
static const struct config_key folder_keys[] = {
    {.name = "path", .type = CONFIG_PATH, .offset = FOLDER(path), .required = true,
     .help = "absolute, or relative to this file"},
    {.name = "codebase", .type = CONFIG_TEXT, .offset = FOLDER(codebase),
     .help = "codebase_id; derived from the git remote or the path unless set"},
    {.name = "include", .type = CONFIG_LIST, .offset = FOLDER(include),
     .help = "patterns as in .gitignore; empty: files of known languages"},
    {.name = "exclude", .type = CONFIG_LIST, .offset = FOLDER(exclude),
     .help = "patterns that are never ingested"},
    {.name = "enabled", .type = CONFIG_BOOL, .offset = FOLDER(enabled), .missing = "true",
     .help = "false: leave the folder alone, keep its rows"},
    {.name = "recursive", .type = CONFIG_BOOL, .offset = FOLDER(recursive), .missing = "true",
     .help = "false: files of the folder itself only"},
    {.name = "debounce_ms", .type = CONFIG_NUMBER, .offset = FOLDER(debounce_ms), .min = 0, .max = 60000, .unit = "ms",
     .help = "instead of watch.debounce_ms"},
    {.name = "sinks", .type = CONFIG_SINKS, .offset = FOLDER(sinks), .missing = "code_files codebase_metadata",
     .help = "which tables are written"},
    {.name = NULL},
};

static const struct config_record folder_record = {
    .keys = folder_keys, .n_keys = ARRAY_SIZE(folder_keys) - 1, .size_bytes = sizeof(struct config_folder)};

static const struct config_key priority_keys[] = {
    {.name = "match", .type = CONFIG_TEXT, .offset = PRIORITY(match), .help = "glob of the path"},
    {.name = "language", .type = CONFIG_TEXT, .offset = PRIORITY(language), .help = "name of a language"},
    {.name = "add", .type = CONFIG_NUMBER, .offset = PRIORITY(add), .min = -4, .max = 4, .required = true,
     .help = "added to the priority, within its class"},
    {.name = NULL},
};

static const struct config_record priority_record = {
    .keys = priority_keys, .n_keys = ARRAY_SIZE(priority_keys) - 1, .size_bytes = sizeof(struct config_priority)};

const struct config_key config_keys[] = {
    {.name = "database.mode", .type = CONFIG_CHOICE, .offset = AT(database.mode), .missing = "auto", .choices = mode_words, .restart = true,
     .help = "auto: private cluster unless a connection is given"},
    {.name = "database.conninfo", .type = CONFIG_TEXT, .offset = AT(database.conninfo), .missing = "", .restart = true,
     .help = "keywords or URI; passwords belong in ~/.pgpass"},
    {.name = "database.schema", .type = CONFIG_TEXT, .offset = AT(database.schema), .missing = "srctab", .restart = true,
     .help = "where the tables live"},
    {.name = "database.migrate", .type = CONFIG_BOOL, .offset = AT(database.migrate), .missing = "true", .restart = true,
     .help = "run pending migrations at start"},
    {.name = "database.connect_timeout_s", .type = CONFIG_NUMBER, .offset = AT(database.connect_timeout_s), .missing = "5", .min = 1, .max = 3600, .unit = "s", .restart = true,
     .help = "longest wait for one connection"},
    {.name = "database.retry_max_s", .type = CONFIG_NUMBER, .offset = AT(database.retry_max_s), .missing = "30", .min = 1, .max = 3600, .unit = "s", .restart = true,
     .help = "longest pause between attempts while it is away"},
    {.name = "database.synchronous_commit", .type = CONFIG_BOOL, .offset = AT(database.synchronous_commit), .missing = "false", .restart = true,
     .help = "of the two tables; the audit log is always durable"},
    {.name = "embedded.dir", .type = CONFIG_PATH, .offset = AT(embedded.dir), .missing = "", .restart = true,
     .help = "private cluster; empty: XDG_STATE_HOME/srctab"},
    {.name = "embedded.socket_dir", .type = CONFIG_PATH, .offset = AT(embedded.socket_dir), .missing = "", .restart = true,
     .help = "at most 93 bytes; empty: XDG_RUNTIME_DIR/srctab"},
    {.name = "embedded.bin_dir", .type = CONFIG_PATH, .offset = AT(embedded.bin_dir), .missing = "auto", .choices = automatic, .restart = true,
     .help = "auto: newest /usr/lib/postgresql/*/bin"},
    {.name = "embedded.user", .type = CONFIG_TEXT, .offset = AT(embedded.user), .missing = "postgres", .restart = true,
     .help = "runs the server; used only when started as root"},
    {.name = "embedded.shared_buffers_mb", .type = CONFIG_NUMBER, .offset = AT(embedded.shared_buffers_mb), .missing = "128", .min = 1, .max = 65536, .unit = "MB", .restart = true,
     .help = "memory of the server's buffer"},
    {.name = "embedded.keep_running", .type = CONFIG_BOOL, .offset = AT(embedded.keep_running), .missing = "false", .restart = true,
     .help = "false: the last user of the cluster stops it"},
    {.name = "folders", .type = CONFIG_RECORDS, .offset = AT(folders), .record = &folder_record,
     .help = "what to watch when no DIR is given"},
    {.name = "watch.mode", .type = CONFIG_CHOICE, .offset = AT(watch.mode), .missing = "auto", .choices = watch_mode_words,
     .help = "auto: poll where the file system gives no events"},
    {.name = "watch.debounce_ms", .type = CONFIG_NUMBER, .offset = AT(watch.debounce_ms), .missing = "500", .min = 0, .max = 60000, .unit = "ms",
     .help = "quiet time before a changed file is read"},
    {.name = "watch.busy_ms", .type = CONFIG_NUMBER, .offset = AT(watch.busy_ms), .missing = "100", .min = 0, .max = 60000, .unit = "ms",
     .help = "age of the last write where leases are refused"},
    {.name = "watch.fast_path", .type = CONFIG_CHOICE, .offset = AT(watch.fast_path), .missing = "auto", .choices = fast_path_words,
     .help = "10 ms when the writer is provably done"},
    {.name = "watch.max_delay_ms", .type = CONFIG_NUMBER, .offset = AT(watch.max_delay_ms), .missing = "2000", .min = 10, .max = 3600000, .unit = "ms",
     .help = "a file that is never quiet is read after this"},
    {.name = "watch.max_depth", .type = CONFIG_NUMBER, .offset = AT(watch.max_depth), .missing = "0", .min = 0, .max = 4096,
     .help = "folders below the root; 0: no limit"},
    {.name = "watch.poll_ms", .type = CONFIG_NUMBER, .offset = AT(watch.poll_ms), .missing = "2000", .min = 50, .max = 86400000, .unit = "ms",
     .help = "pause between sweeps of polled folders"},
    {.name = "watch.reconcile_s", .type = CONFIG_NUMBER, .offset = AT(watch.reconcile_s), .missing = "600", .min = 0, .max = 86400, .unit = "s",
     .help = "compare the tree with what is known; 0: never"},
    {.name = "watch.gitignore", .type = CONFIG_BOOL, .offset = AT(watch.gitignore), .missing = "true",
     .help = "also .ignore, info/exclude, core.excludesFile"},
    {.name = "watch.hidden", .type = CONFIG_BOOL, .offset = AT(watch.hidden), .missing = "true",
     .help = "names that begin with a dot are taken"},
    {.name = "watch.ignore", .type = CONFIG_LIST, .offset = AT(watch.ignore),
     .help = "the built-in list; replaced as a whole when set"},
    {.name = "sinks.code_files.enabled", .type = CONFIG_BOOL, .offset = AT(sinks[SINK_FILES].enabled), .missing = "true", .restart = true,
     .help = "write code_files"},
    {.name = "sinks.code_files.conninfo", .type = CONFIG_TEXT, .offset = AT(sinks[SINK_FILES].conninfo), .missing = "", .restart = true,
     .help = "empty: the main database"},
    {.name = "sinks.codebase_metadata.enabled", .type = CONFIG_BOOL, .offset = AT(sinks[SINK_METADATA].enabled), .missing = "true", .restart = true,
     .help = "write codebase_metadata"},
    {.name = "sinks.codebase_metadata.conninfo", .type = CONFIG_TEXT, .offset = AT(sinks[SINK_METADATA].conninfo), .missing = "", .restart = true,
     .help = "empty: the main database"},
    {.name = "store.ast", .type = CONFIG_CHOICE, .offset = AT(store.ast), .missing = "columns", .choices = ast_words, .restart = true,
     .help = "how syntax trees are kept"},
    {.name = "store.batch_ms", .type = CONFIG_NUMBER, .offset = AT(store.batch_ms), .missing = "20", .min = 0, .max = 1000, .unit = "ms", .restart = true,
     .help = "longest wait for more rows before a commit"},
    {.name = "store.writers", .type = CONFIG_NUMBER, .offset = AT(store.writers), .missing = "1", .min = 1, .max = 4, .restart = true,
     .help = "connections per table"},
    {.name = "retry.max_retries", .type = CONFIG_NUMBER, .offset = AT(retry.max_retries), .missing = "3", .min = 0, .max = 20, .restart = true,
     .help = "of a write whose error may pass"},
    {.name = "retry.delays_ms", .type = CONFIG_NUMBERS, .offset = AT(retry.delays_ms), .missing = "500 1000 2000", .min = 1, .max = 3600000, .unit = "ms", .restart = true,
     .help = "before each retry; the last one repeats"},
    {.name = "analysis.languages", .type = CONFIG_LIST, .offset = AT(analysis.languages), .restart = true,
     .help = "empty: all (srctab languages)"},
    {.name = "analysis.store_content", .type = CONFIG_BOOL, .offset = AT(analysis.store_content), .missing = "true", .restart = true,
     .help = "false: code_files.content stays NULL"},
    {.name = "analysis.quick", .type = CONFIG_BOOL, .offset = AT(analysis.quick), .missing = "false", .restart = true,
     .help = "ingest trusts size and mtime, like --quick"},
    {.name = "analysis.jobs", .type = CONFIG_NUMBER, .offset = AT(analysis.jobs), .missing = "0", .min = 0, .max = 256, .restart = true,
     .help = "files analysed at once; 0: number of CPUs"},
    {.name = "analysis.max_content_kb", .type = CONFIG_NUMBER, .offset = AT(analysis.max_content_kb), .missing = "8192", .min = 0, .max = 262144, .unit = "kB", .restart = true,
     .help = "longer files: content NULL; parsing not affected"},
    {.name = "analysis.max_parse_kb.code", .type = CONFIG_NUMBER, .offset = AT(analysis.max_parse_kb.code), .missing = "2048", .min = 0, .max = 262144, .unit = "kB", .restart = true,
     .help = "longer files: text metrics only"},
    {.name = "analysis.max_parse_kb.data", .type = CONFIG_NUMBER, .offset = AT(analysis.max_parse_kb.data), .missing = "4096", .min = 0, .max = 262144, .unit = "kB", .restart = true,
     .help = "JSON, YAML, TOML"},
    {.name = "analysis.max_parse_kb.markdown", .type = CONFIG_NUMBER, .offset = AT(analysis.max_parse_kb.markdown), .missing = "1024", .min = 0, .max = 262144, .unit = "kB", .restart = true,
     .help = "Markdown"},
    {.name = "analysis.parse_timeout_ms", .type = CONFIG_NUMBER, .offset = AT(analysis.parse_timeout_ms), .missing = "2000", .min = 10, .max = 600000, .unit = "ms", .restart = true,
     .help = "CPU time of one file"},
    {.name = "analysis.parse_memory_mb", .type = CONFIG_NUMBER, .offset = AT(analysis.parse_memory_mb), .missing = "256", .min = 16, .max = 65536, .unit = "MB", .restart = true,
     .help = "memory of one file's analysis"},
    {.name = "analysis.memory_mb", .type = CONFIG_NUMBER, .offset = AT(analysis.memory_mb), .missing = "512", .min = 64, .max = 65536, .unit = "MB", .restart = true,
     .help = "memory of all workers together"},
    {.name = "analysis.minified.min_kb", .type = CONFIG_NUMBER, .offset = AT(analysis.minified.min_kb), .missing = "256", .min = 0, .max = 262144, .unit = "kB", .restart = true,
     .help = "smaller files are never taken for minified"},
    {.name = "analysis.minified.line_bytes", .type = CONFIG_NUMBER, .offset = AT(analysis.minified.line_bytes), .missing = "20480", .min = 80, .max = 1000000000, .unit = "bytes", .restart = true,
     .help = "one line longer than this is minified"},
    {.name = "analysis.minified.mean_line_bytes", .type = CONFIG_NUMBER, .offset = AT(analysis.minified.mean_line_bytes), .missing = "500", .min = 80, .max = 1000000000, .unit = "bytes", .restart = true,
     .help = "so is a mean line longer than this"},
    {.name = "audit.retention_days", .type = CONFIG_NUMBER, .offset = AT(audit.retention_days), .missing = "30", .min = 0, .max = 36500, .unit = "days",
     .help = "older rows go; 0: keep all"},
    {.name = "audit.level", .type = CONFIG_CHOICE, .offset = AT(audit.level), .missing = "change", .choices = audit_words,
     .help = "all: unchanged files leave a row too"},
    {.name = "audit.spool_mb", .type = CONFIG_NUMBER, .offset = AT(audit.spool_mb), .missing = "64", .min = 1, .max = 65536, .unit = "MB", .restart = true,
     .help = "local file of records while the database is away"},
    {.name = "http.listen", .type = CONFIG_TEXT, .offset = AT(http.listen), .missing = "", .restart = true,
     .help = "e.g. 127.0.0.1:8471; empty: off"},
    {.name = "http.allowed_hosts", .type = CONFIG_LIST, .offset = AT(http.allowed_hosts), .restart = true,
     .help = "besides localhost, 127.0.0.1 and [::1]"},
    {.name = "http.token_file", .type = CONFIG_PATH, .offset = AT(http.token_file), .missing = "", .restart = true,
     .help = "required where listen is not loopback"},
    {.name = "log.level", .type = CONFIG_CHOICE, .offset = AT(log.level), .missing = "info", .choices = log_level_words,
     .help = "least severe record that is written"},
    {.name = "log.format", .type = CONFIG_CHOICE, .offset = AT(log.format), .missing = "auto", .choices = log_form_words,
     .help = "auto: text on a terminal, JSON lines otherwise"},
    {.name = "log.file", .type = CONFIG_PATH, .offset = AT(log.file), .missing = "",
     .help = "empty: standard error"},
    {.name = "safety.max_delete_percent", .type = CONFIG_NUMBER, .offset = AT(safety.max_delete_percent), .missing = "30", .min = 0, .max = 100, .unit = "%",
     .help = "a scan that misses more asks --allow-mass-delete"},
    {.name = "safety.allowed_roots", .type = CONFIG_PATHS, .offset = AT(safety.allowed_roots),
     .help = "bounds of folders that come from the database"},
    {.name = "queue.priorities", .type = CONFIG_RECORDS, .offset = AT(queue.priorities), .record = &priority_record,
     .help = "files that overtake others of their class"},
    {.name = "daemon.host", .type = CONFIG_TEXT, .offset = AT(daemon.host), .missing = "", .restart = true,
     .help = "name in watch_folders.host; empty: the host's"},
    {.name = NULL},
};
/* clang-format on */

const size_t config_n_keys = ARRAY_SIZE(config_keys) - 1;

size_t config_key_find(const char *name)
{
    size_t i = 0;
    while (i < config_n_keys && strcmp(config_keys[i].name, name) != 0)
        i++;
    return i;
}

void config_key_environment(struct buf *out, const char *name)
{
    buf_adds(out, "SRCTAB_");
    for (; *name != '\0'; name++)
        buf_addc(out, *name == '.' ? '_' : (char)toupper((unsigned char)*name));
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool config_key_in_tree(const char *name)
{
    return strcmp(name, "folders") == 0 || starts_with(name, "folders[") ||
           starts_with(name, "watch.") || starts_with(name, "analysis.");
}

bool config_key_is_secret(const char *name)
{
    const char *last = strrchr(name, '.');
    return last != NULL && strcmp(last, ".conninfo") == 0;
}

static const char *unit_in_words(const char *unit)
{
    static const char *const words[][2] = {{"ms", "milliseconds"}, {"s", "seconds"},
        {"kB", "kilobytes"}, {"MB", "megabytes"}, {"%", "percent"}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcmp(words[i][0], unit) == 0)
            return words[i][1];
    }
    return unit;
}

static void describe_number(struct buf *out, const struct config_key *key)
{
    buf_adds(out, key->type == CONFIG_NUMBERS ? "a list of whole numbers (" : "a whole number (");
    if (key->unit != NULL)
        buf_addf(out, "%s, ", unit_in_words(key->unit));
    buf_addf(out, "%lld to %lld", (long long)key->min, (long long)key->max);
    if (key->missing != NULL)
        buf_addf(out, "; default %s", key->missing);
    buf_addc(out, ')');
}

void config_key_describe(struct buf *out, const struct config_key *key)
{
    static const char *const words[] = {
        [CONFIG_BOOL] = "true or false",
        [CONFIG_TEXT] = "a text",
        [CONFIG_PATH] = "a path",
        [CONFIG_LIST] = "a list of texts",
        [CONFIG_PATHS] = "a list of paths",
        [CONFIG_SINKS] = "a list of code_files, codebase_metadata",
        [CONFIG_RECORDS] = "a list of mappings",
    };
    if (key->type == CONFIG_NUMBER || key->type == CONFIG_NUMBERS) {
        describe_number(out, key);
    } else if (key->type == CONFIG_CHOICE) {
        buf_adds(out, "one of ");
        for (size_t i = 0; key->choices[i] != NULL; i++)
            buf_addf(out, "%s%s", i == 0 ? "" : ", ", key->choices[i]);
    } else {
        buf_adds(out, words[key->type]);
    }
}
