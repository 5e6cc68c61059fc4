/* The table of commands and options. Help, man page and completion say what stands here. */
#include "app/command.h"

#include "app/commands.h"

/* clang-format off */
#define END_OF_OPTIONS {.name = NULL}
#define ANY_NUMBER SIZE_MAX

#define JOBS {.name = "--jobs", .letter = 'j', .type = OPTION_NUMBER, .argument = "N", .key = "analysis.jobs", .max = 256, \
     .help = "files analysed at once (0: number of CPUs)"}
#define ALLOW_MASS_DELETE {.name = "--allow-mass-delete", .type = OPTION_FLAG, \
     .help = "let a scan remove more rows than safety.max_delete_percent"}
#define REBIND {.name = "--rebind", .type = OPTION_FLAG, \
     .help = "give the codebase to this directory, although its rows came from another one"}
#define NULL_ENDED {.name = "--null", .letter = '0', .type = OPTION_FLAG, .help = "end each path with a NUL byte, not a newline"}
#define TIMEOUT {.name = "--timeout", .type = OPTION_DURATION, .argument = "D", .help = "give up after this time (exit status 124)"}

static const char *const colour_words[] = {"auto", "always", "never", NULL};
static const char *const format_words[] = {"auto", "text", "json", NULL};
static const char *const check_words[] = {"text", "github", "gitlab", "json", NULL};
static const char *const operation_words[] = {"update", "delete", "rescan", NULL};
static const char *const sink_words[] = {"both", "code_files", "codebase_metadata", NULL};
static const char *const shell_words[] = {"bash", "zsh", "fish", NULL};
static const char *const folder_words[] = {"list", "add", "remove", "enable", "disable", NULL};
static const char *const db_words[] = {"start", "stop", "status", "url", "destroy", NULL};
static const char *const config_words[] = {"show", "check", "example", NULL};

const char *const command_groups[COMMAND_GROUPS] = {
    "Keep the tables equal to the tree", "Look at what is there", "The database", "The program"};

const struct option global_options[] = {
    {.name = "--config", .letter = 'c', .type = OPTION_TEXT, .argument = "FILE", .environment = "SRCTAB_CONFIG",
     .help = "read this configuration file and no other"},
    {.name = "--db", .type = OPTION_TEXT, .argument = "CONNINFO", .environment = "SRCTAB_DATABASE", .key = "database.conninfo",
     .help = "database to use: keywords or URI, as psql takes them"},
    {.name = "--embedded", .type = OPTION_FLAG, .key = "database.mode", .key_value = "embedded",
     .help = "use the private cluster, whatever the environment says"},
    {.name = "--id", .type = OPTION_TEXT, .argument = "CODEBASE", .environment = "SRCTAB_ID",
     .help = "codebase_id, instead of the derived one"},
    {.name = "--json", .type = OPTION_FLAG, .environment = "SRCTAB_JSON",
     .help = "print one JSON object, or one a line"},
    {.name = "--quiet", .letter = 'q', .type = OPTION_FLAG, .help = "say nothing but errors on stderr"},
    {.name = "--verbose", .letter = 'v', .type = OPTION_FLAG, .help = "say more on stderr"},
    {.name = "--color", .type = OPTION_CHOICE, .argument = "WHEN", .environment = "SRCTAB_COLOR", .choices = colour_words,
     .help = "auto, always or never; NO_COLOR is honoured"},
    {.name = "--log-format", .type = OPTION_CHOICE, .argument = "FORM", .key = "log.format", .choices = format_words,
     .help = "auto, text or json"},
    {.name = "--help", .letter = 'h', .type = OPTION_FLAG, .help = "show the help of a command"},
    {.name = "--version", .type = OPTION_FLAG, .help = "show the version"},
    END_OF_OPTIONS,
};

static const struct option no_options[] = {END_OF_OPTIONS};

static const struct option watch_options[] = {
    {.name = "--debounce", .type = OPTION_DURATION, .argument = "D", .key = "watch.debounce_ms",
     .help = "quiet time before a changed file is read"},
    {.name = "--no-debounce", .type = OPTION_FLAG, .key = "watch.debounce_ms", .key_value = "0",
     .help = "read a changed file at once"},
    {.name = "--poll", .type = OPTION_OPTIONAL_DURATION, .argument = "D", .key = "watch.mode", .key_value = "poll", .argument_key = "watch.poll_ms",
     .help = "compare again and again instead of listening to the kernel"},
    {.name = "--http", .type = OPTION_TEXT, .argument = "ADDRESS", .key = "http.listen",
     .help = "serve /metrics, /livez and /readyz, e.g. 127.0.0.1:8471"},
    JOBS, ALLOW_MASS_DELETE, REBIND, END_OF_OPTIONS,
};

static const struct option ingest_options[] = {
    {.name = "--since", .type = OPTION_TEXT, .argument = "TIME|REV",
     .help = "only what changed since a time (\"2 hours ago\", 2026-01-31) or a git revision"},
    {.name = "--rev", .type = OPTION_TEXT, .argument = "REV",
     .help = "read the files of a git revision, not those on disk"},
    {.name = "--quick", .type = OPTION_FLAG, .key = "analysis.quick", .key_value = "true",
     .help = "trust size and mtime: read only what they say is new"},
    {.name = "--full", .type = OPTION_FLAG, .help = "analyse and write every file again"},
    {.name = "--dry-run", .letter = 'n', .type = OPTION_FLAG, .help = "say what would be done, write nothing"},
    JOBS, ALLOW_MASS_DELETE, REBIND, END_OF_OPTIONS,
};

static const struct option wait_options[] = {TIMEOUT, END_OF_OPTIONS};

static const struct option verify_options[] = {
    {.name = "--repair", .type = OPTION_FLAG, .help = "write what differs"},
    {.name = "--hash", .type = OPTION_FLAG, .help = "compare paths, hashes and revisions only"},
    TIMEOUT, JOBS, END_OF_OPTIONS,
};

static const struct option explain_options[] = {
    {.name = "--lang", .letter = 'l', .type = OPTION_TEXT, .argument = "LANGUAGE",
     .help = "take this language, whatever name and content say"},
    END_OF_OPTIONS,
};

static const struct option files_options[] = {
    {.name = "--ignored", .type = OPTION_FLAG, .help = "list what is not ingested, and by which rule"},
    {.name = "--language", .letter = 'l', .type = OPTION_TEXT, .argument = "LANGUAGE", .help = "only files of this language"},
    NULL_ENDED, END_OF_OPTIONS,
};

static const struct option status_options[] = {
    {.name = "--watch", .type = OPTION_OPTIONAL_DURATION, .argument = "D", .help = "show it again and again (1s)"},
    END_OF_OPTIONS,
};

static const struct option audit_options[] = {
    {.name = "--follow", .letter = 'f', .type = OPTION_FLAG, .help = "go on with what comes"},
    {.name = "--failed", .type = OPTION_FLAG, .help = "only attempts that did not reach every table"},
    {.name = "--since", .type = OPTION_TEXT, .argument = "TIME", .help = "not older than this: 1h, \"2 days ago\", 2026-01-31"},
    {.name = "--number", .letter = 'n', .type = OPTION_NUMBER, .argument = "N", .min = 1, .max = 1000000, .help = "at most N rows, the newest (20)"},
    END_OF_OPTIONS,
};

static const struct option enqueue_options[] = {
    {.name = "--flash", .type = OPTION_FLAG, .help = "before everything else (priority 10)"},
    {.name = "--priority", .type = OPTION_NUMBER, .argument = "N", .min = 0, .max = 10, .help = "higher first (5)"},
    {.name = "--operation", .type = OPTION_CHOICE, .argument = "WORD", .choices = operation_words, .help = "update, delete or rescan"},
    {.name = "--sinks", .type = OPTION_CHOICE, .argument = "WHICH", .choices = sink_words, .help = "both, code_files or codebase_metadata"},
    END_OF_OPTIONS,
};

static const struct option folders_options[] = {
    {.name = "--include", .type = OPTION_TEXT, .repeats = true, .argument = "PATTERN", .help = "ingest what matches; may be repeated"},
    {.name = "--exclude", .type = OPTION_TEXT, .repeats = true, .argument = "PATTERN", .help = "never ingest what matches; may be repeated"},
    {.name = "--debounce", .type = OPTION_DURATION, .argument = "D", .help = "quiet time of this folder"},
    {.name = "--no-recursive", .type = OPTION_FLAG, .help = "files of the folder itself only"},
    {.name = "--sinks", .type = OPTION_CHOICE, .argument = "WHICH", .choices = sink_words, .help = "both, code_files or codebase_metadata"},
    {.name = "--purge", .type = OPTION_FLAG, .help = "with remove: delete its rows too"},
    END_OF_OPTIONS,
};

static const struct option q_options[] = {
    {.name = "--sql", .type = OPTION_FLAG, .help = "show the text of the query, do not run it"},
    {.name = "--csv", .type = OPTION_FLAG, .help = "print CSV with a heading"},
    {.name = "--number", .letter = 'n', .type = OPTION_NUMBER, .argument = "N", .min = 1, .max = 1000000, .help = "at most N rows (20)"},
    END_OF_OPTIONS,
};

static const struct option check_options[] = {
    {.name = "--format", .type = OPTION_CHOICE, .argument = "FORM", .choices = check_words, .help = "text, github, gitlab or json"},
    END_OF_OPTIONS,
};

static const struct option report_options[] = {
    {.name = "--output", .letter = 'o', .type = OPTION_TEXT, .argument = "FILE", .help = "where to write it; - is standard output"},
    END_OF_OPTIONS,
};

static const struct option db_options[] = {
    {.name = "--old", .type = OPTION_FLAG, .help = "with destroy: only clusters of other PostgreSQL versions"},
    {.name = "--force", .type = OPTION_FLAG, .help = "with destroy: although somebody uses it"},
    END_OF_OPTIONS,
};

static const struct option health_options[] = {
    {.name = "--live", .type = OPTION_FLAG, .help = "is the daemon running and answering? (default)"},
    {.name = "--ready", .type = OPTION_FLAG, .help = "does it watch, and is the database there or being tried?"},
    END_OF_OPTIONS,
};

static const struct option languages_options[] = {
    {.name = "--metrics", .type = OPTION_FLAG, .help = "which metric is valid for which language"},
    {.name = "--reference", .type = OPTION_FLAG, .help = "the reference of all metrics, in Markdown"},
    END_OF_OPTIONS,
};

static const struct option help_options[] = {
    {.name = "--man", .type = OPTION_FLAG, .help = "print the manual page, for man(1)"},
    END_OF_OPTIONS,
};

const struct command commands[] = {
    {.name = "watch", .group = GROUP_TABLES, .operands = "[DIR...]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = watch_options, .run = cmd_watch,
     .summary = "catch up, then keep the tables in step",
     .description =
         "Ingests what changed since the last time, then follows every change until SIGTERM or SIGINT: these finish what was "
         "begun; a second one ends at once. SIGHUP reads the configuration again and keeps the old one if the new one is bad.\n\n"
         "Without DIR the folders of the configuration are watched, else the current directory."},
    {.name = "ingest", .group = GROUP_TABLES, .operands = "[DIR...]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = ingest_options, .run = cmd_ingest,
     .summary = "one pass over the tree, then exit",
     .description =
         "Files whose content did not change are not written again. Exit status 1 says that some file did not reach every table."},
    {.name = "wait", .group = GROUP_TABLES, .operands = "[DIR...]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = wait_options, .run = cmd_wait,
     .summary = "return when all earlier writes are in the tables",
     .description =
         "\"Edit; srctab wait; psql\": every write that ended before the call is committed when it returns 0. It is a barrier on "
         "the kernel's events, not a pause. Not covered: stores through mmap before munmap, writes through hard links from "
         "outside the tree, and writes that another host still holds in the cache of a network file system."},
    {.name = "verify", .group = GROUP_TABLES, .operands = "[DIR...]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = verify_options, .run = cmd_verify,
     .summary = "compare both tables with the disk",
     .description =
         "Analyses the tree afresh and compares row by row and column by column. Differences are listed; exit status 1 if there "
         "are any."},
    {.name = "enqueue", .group = GROUP_TABLES, .operands = "PATH...", .min_operands = 1, .max_operands = ANY_NUMBER, .needs_config = true,
     .options = enqueue_options, .run = cmd_enqueue,
     .summary = "ask the daemon, here or elsewhere, to take paths first",
     .description =
         "The same as SELECT enqueue_file(codebase_id, path) in psql. PATH is a file or folder on this host; it need not exist "
         "any more."},
    {.name = "folders", .group = GROUP_TABLES, .operands = "list|add|remove|enable|disable [DIR...]", .min_operands = 0, .max_operands = ANY_NUMBER, .needs_config = true,
     .words = folder_words, .options = folders_options, .run = cmd_folders,
     .summary = "edit watch_folders, the live configuration",
     .description = "A running daemon applies the change in less than a second."},

    {.name = "explain", .group = GROUP_LOOK, .operands = "FILE...", .min_operands = 1, .max_operands = ANY_NUMBER,
     .options = explain_options, .run = cmd_explain,
     .summary = "facts and metrics of files, without a database",
     .description =
         "- reads standard input. With --json one object a line and file. Says by which rule the file is, or is not, ingested."},
    {.name = "files", .group = GROUP_LOOK, .operands = "[DIR]", .max_operands = 1, .needs_config = true,
     .options = files_options, .run = cmd_files,
     .summary = "what would be ingested, or why not",
     .description = "With --ignored each line names the rule: FILE: ignored by .gitignore:12 \"build/\"."},
    {.name = "status", .group = GROUP_LOOK, .operands = "[DIR...]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = status_options, .run = cmd_status,
     .summary = "health, lag and counters",
     .description = "Asks the running daemon; without one it shows what the tables say."},
    {.name = "audit", .group = GROUP_LOOK, .operands = "[PATH]", .max_operands = 1, .needs_config = true,
     .options = audit_options, .run = cmd_audit,
     .summary = "what happened to each file, and why",
     .description = "Rows of sync_audit, and records of the local spool that are not rows yet."},
    {.name = "q", .group = GROUP_LOOK, .operands = "[NAME [ARGUMENT...]]", .max_operands = ANY_NUMBER, .needs_config = true,
     .options = q_options, .run = cmd_q,
     .summary = "ready queries",
     .description = "Without NAME the queries are listed."},
    {.name = "check", .group = GROUP_LOOK, .operands = "FILE.sql...", .min_operands = 1, .max_operands = ANY_NUMBER, .needs_config = true,
     .options = check_options, .run = cmd_check,
     .summary = "SQL as a lint rule",
     .description =
         "Each row (path, line, message) that a file's query returns is a finding; further columns severity and rule are "
         "optional. Queries run in a read-only transaction. Exit status 1 if there are findings."},
    {.name = "report", .group = GROUP_LOOK, .operands = "", .needs_config = true, .options = report_options, .run = cmd_report,
     .summary = "one static HTML page",
     .description = "A treemap of hotspots, the table behind it, latency and the latest attempts. The page loads nothing from anywhere."},

    {.name = "db", .group = GROUP_DATABASE, .operands = "start|stop|status|url|destroy", .min_operands = 1, .max_operands = 1, .needs_config = true,
     .words = db_words, .options = db_options, .run = cmd_db,
     .summary = "the private cluster",
     .description =
         "start keeps it running until stop. destroy removes it with all its rows and its audit log; the tables come back with "
         "the next ingest, the log does not."},
    {.name = "psql", .group = GROUP_DATABASE, .operands = "[ARGUMENT...]", .max_operands = ANY_NUMBER, .rest = true, .needs_config = true,
     .options = no_options, .run = cmd_psql,
     .summary = "psql on whichever database is in use",
     .description = "All words after psql go to psql; options of srctab stand before it."},

    {.name = "doctor", .group = GROUP_PROGRAM, .operands = "[DIR]", .max_operands = 1, .needs_config = true,
     .options = no_options, .run = cmd_doctor,
     .summary = "check limits, file system, database, grammars, git",
     .description = "Exit status 3 or 4 if something would keep srctab from working: the database, or the watching."},
    {.name = "health", .group = GROUP_PROGRAM, .operands = "[DIR]", .max_operands = 1, .needs_config = true,
     .options = health_options, .run = cmd_health,
     .summary = "exit status for container and supervisor probes",
     .description = "Asks the control socket of the daemon."},
    {.name = "languages", .group = GROUP_PROGRAM, .operands = "", .options = languages_options, .run = cmd_languages,
     .summary = "the languages and what is measured for each",
     .description = ""},
    {.name = "config", .group = GROUP_PROGRAM, .operands = "show|check|example", .min_operands = 1, .max_operands = 1,
     .words = config_words, .options = no_options, .run = cmd_config,
     .summary = "show every setting and where it came from",
     .description = "check says what is wrong with it, example prints a file with every key and default."},
    {.name = "completion", .group = GROUP_PROGRAM, .operands = "bash|zsh|fish", .min_operands = 1, .max_operands = 1,
     .words = shell_words, .options = no_options, .run = cmd_completion,
     .summary = "completion for a shell",
     .description = "For bash and zsh: source <(srctab completion bash). For fish: srctab completion fish | source. For good, write it to a file in fpath (zsh), or in ~/.config/fish/completions."},
    {.name = "help", .group = GROUP_PROGRAM, .operands = "[COMMAND]", .max_operands = 1, .options = help_options, .run = cmd_help,
     .summary = "help of a command",
     .description = ""},
    {.name = NULL},
};
/* clang-format on */
