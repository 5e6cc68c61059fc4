/* doctor - what would keep srctab from working here: limits, file system, database, grammars, git.
 */
#include "analyze/zygote.h"
#include "app/commands.h"
#include "app/git.h"
#include "app/link.h"
#include "app/tree_walk.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/number.h"
#include "store/pg_text.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

struct doctor {
    struct session *session;
    struct arena *arena;
    const char *root;
    unsigned n_warnings, n_failures;
    int status; /* exit status of the gravest failure */
};

static const char *const verdict_words[] = {"ok", "warn", "fail"};
static const enum style verdict_styles[] = {STYLE_GOOD, STYLE_WARN, STYLE_BAD};

static void say(struct doctor *doctor, enum verdict verdict, const char *what, const char *sentence,
    const char *hint)
{
    struct output *output = doctor->session->output;
    doctor->n_warnings += verdict == VERDICT_WARN;
    doctor->n_failures += verdict == VERDICT_FAIL;
    if (output->json) {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        json_key_string(&json, "check", what);
        json_key_string(&json, "verdict", verdict_words[verdict]);
        json_key_string(&json, "text", sentence);
        json_key_string(&json, "hint", hint);
        json_object_end(&json);
        output_json(output, &line);
        return;
    }
    output_safe(output, verdict_styles[verdict], verdict_words[verdict]);
    output_text(output, "%*s%-12s", (int)(6 - strlen(verdict_words[verdict])), "", what);
    output_safe(output, STYLE_PLAIN, sentence);
    output_text(output, "\n");
    if (hint != NULL && hint[0] != '\0') {
        output_text(output, "%18s", "");
        output_safe(output, STYLE_DIM, hint);
        output_text(output, "\n");
    }
}

static void fail(struct doctor *doctor, const char *what, const struct error *err)
{
    say(doctor, VERDICT_FAIL, what, err->message, err->hint);
    if (doctor->status == 0)
        doctor->status = error_exit_code(err);
}

static void check_postgres(struct doctor *doctor)
{
    struct cluster_status status;
    struct error err = ERROR_INIT;
    enum database_source source = DATABASE_FROM_SETTING;
    const struct cluster_settings settings = database_cluster_settings(doctor->session->config);
    bool needed =
        database_choose(doctor->session->config, &source, &err) && source == DATABASE_FROM_CLUSTER;
    if (!needed)
        return;
    if (!cluster_status(&settings, &status, &err))
        fail(doctor, "postgres", &err);
    else if (status.bin_dir[0] == '\0') {
        error_set(&err, ERROR_DATABASE, 0,
            "no PostgreSQL server program was found for the private cluster");
        error_hint(&err, "apt-get install postgresql, or name a database by --db");
        fail(doctor, "postgres", &err);
    } else
        say(doctor, VERDICT_OK, "postgres",
            arena_printf(doctor->arena, "version %u in %s; cluster in %s", status.major,
                status.bin_dir, status.data_dir),
            NULL);
}

static void check_database(struct doctor *doctor)
{
    struct link link = {0};
    struct error err = ERROR_INIT;
    struct schema_report report;
    if (!link_connect(&link, doctor->session, "srctab doctor", &err)) {
        fail(doctor, "database", &err);
        link_close(&link);
        return;
    }
    int version = pg_server_version(link.pg);
    AUTO_BUF where = BUF_INIT;
    pg_describe(link.pg, &where);
    say(doctor, VERDICT_OK, "database",
        arena_printf(doctor->arena, "PostgreSQL %d.%d, %s", version / 10000, version % 10000,
            buf_string(&where)),
        NULL);
    if (schema_check(link.pg, &report, &err))
        say(doctor, VERDICT_OK, "schema",
            arena_printf(doctor->arena, "version %d%s%s", report.version, report.lz4 ? ", lz4" : "",
                report.vector ? ", pgvector" : ""),
            NULL);
    else if (err.kind == ERROR_SCHEMA)
        fail(doctor, "schema", &err);
    else
        say(doctor, VERDICT_WARN, "schema", err.message, err.hint);
    link_close(&link);
}

static uint64_t read_limit(const char *name)
{
    AUTO_BUF text = BUF_INIT;
    AUTO_BUF path = BUF_INIT;
    struct error ignored = ERROR_INIT;
    uint64_t value = 0;
    buf_addf(&path, "/proc/sys/fs/inotify/%s", name);
    if (!fd_read_file(buf_string(&path), 64, &text, &ignored))
        return 0;
    buf_truncate(&text, strcspn(buf_string(&text), "\n"));
    return number_u64(buf_string(&text), 0, UINT64_MAX, &value) ? value : 0;
}

struct tree_count {
    uint64_t files, folders, ignored, bytes;
    char last_folder[4096];
};

static bool count_file(
    void *user, const char *path, const struct stat *st, const struct language *language)
{
    struct tree_count *count = user;
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    (void)language;
    count->files++;
    count->bytes += (uint64_t)st->st_size;
    if (length < sizeof(count->last_folder) &&
        (strncmp(count->last_folder, path, length) != 0 || count->last_folder[length] != '\0')) {
        memcpy(count->last_folder, path, length);
        count->last_folder[length] = '\0';
        count->folders++;
    }
    return true;
}

static bool count_ignored(void *user, const char *path, bool is_folder, const char *reason)
{
    struct tree_count *count = user;
    (void)path;
    (void)is_folder;
    (void)reason;
    count->ignored++;
    return true;
}

static void check_tree(struct doctor *doctor)
{
    static const struct tree_walk_ops ops = {.file = count_file, .ignored = count_ignored};
    struct tree_count count = {.folders = 1};
    struct error err = ERROR_INIT;
    const struct config *config = doctor->session->config;
    if (!tree_walk(
            doctor->root, config, tree_folder_of(config, doctor->root), &ops, &count, &err)) {
        fail(doctor, "tree", &err);
        return;
    }
    say(doctor, VERDICT_OK, "tree",
        arena_printf(doctor->arena, "%s: %llu files in %llu folders, %.1f MB; %llu entries ignored",
            doctor->root, (unsigned long long)count.files, (unsigned long long)count.folders,
            (double)count.bytes / 1e6, (unsigned long long)count.ignored),
        NULL);
    uint64_t watches = read_limit("max_user_watches");
    if (watches == 0)
        say(doctor, VERDICT_WARN, "inotify",
            "no limits to read in /proc/sys/fs/inotify; if there is no inotify, folders are polled",
            NULL);
    else if (count.folders > watches / 2)
        say(doctor, VERDICT_WARN, "inotify",
            arena_printf(doctor->arena, "max_user_watches is %llu; this tree needs about %llu",
                (unsigned long long)watches, (unsigned long long)count.folders),
            arena_printf(doctor->arena, "sysctl fs.inotify.max_user_watches=%llu",
                (unsigned long long)(count.folders * 4 < 524288 ? 524288 : count.folders * 4)));
    else
        say(doctor, VERDICT_OK, "inotify",
            arena_printf(doctor->arena, "max_user_watches %llu; this tree needs about %llu",
                (unsigned long long)watches, (unsigned long long)count.folders),
            NULL);
}

/* statfs(2) types whose changes this kernel may never hear of. */
static const struct {
    uint32_t type;
    const char *name;
    bool silent;
} file_systems[] = {{0xef53, "ext4", false}, {0x58465342, "xfs", false},
    {0x9123683e, "btrfs", false}, {0x01021994, "tmpfs", false}, {0x794c7630, "overlayfs", false},
    {0x2fc12fc1, "zfs", false}, {0x6969, "nfs", true}, {0xff534d42, "cifs", true},
    {0xfe534d42, "smb2", true}, {0x01021997, "9p", true}, {0x65735546, "fuse", true},
    {0x786f4256, "vboxsf", true}, {0x00c36400, "ceph", true}};

static void check_file_system(struct doctor *doctor)
{
    struct statfs fs;
    if (statfs(doctor->root, &fs) != 0)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(file_systems); i++) {
        if (file_systems[i].type != (uint32_t)fs.f_type)
            continue;
        if (file_systems[i].silent)
            say(doctor, VERDICT_WARN, "filesystem",
                arena_printf(doctor->arena,
                    "%s is %s: changes made elsewhere give no events, so it is polled every %u ms",
                    doctor->root, file_systems[i].name, doctor->session->config->watch.poll_ms),
                "watch.mode auto does so by itself; watch.poll_ms sets the pause");
        else
            say(doctor, VERDICT_OK, "filesystem",
                arena_printf(doctor->arena, "%s", file_systems[i].name), NULL);
        return;
    }
    say(doctor, VERDICT_OK, "filesystem",
        arena_printf(doctor->arena, "type 0x%lx", (unsigned long)fs.f_type), NULL);
}

/* The fast path needs a read lease (fcntl(2), F_SETLEASE): on files of our own, or with CAP_LEASE.
 */
static void check_leases(struct doctor *doctor)
{
    struct stat st;
    AUTO_CLOSE int fd = open(doctor->root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (stat(doctor->root, &st) != 0)
        return;
    if (st.st_uid != geteuid() && geteuid() != 0)
        say(doctor, VERDICT_WARN, "leases",
            "the tree belongs to another user: a change waits for watch.debounce_ms, not 10 ms",
            "watch.fast_path: close trusts close() alone");
    else if (fd >= 0 && fcntl(fd, F_SETLEASE, F_WRLCK) != 0)
        say(doctor, VERDICT_WARN, "leases",
            arena_printf(doctor->arena,
                "refused here (%s): a change waits for watch.debounce_ms, not 10 ms",
                strerror(errno)),
            "watch.fast_path: close trusts close() alone");
    else
        say(doctor, VERDICT_OK, "leases", "a change is read 10 ms after its writer is done", NULL);
}

static void check_grammars(struct doctor *doctor)
{
    struct zygote *zygote = NULL;
    struct error err = ERROR_INIT;
    const struct config *config = doctor->session->config;
    const struct zygote_settings settings = {
        .eager = true,
        .n_workers = 1,
        .max_file_bytes = (uint64_t)config->analysis.max_parse_kb.data << 10,
        .file_memory_bytes = (uint64_t)config->analysis.parse_memory_mb << 20,
        .total_memory_bytes = (uint64_t)config->analysis.memory_mb << 20,
    };
    size_t n_grammars = 0;
    for (size_t i = 0; i < language_count; i++)
        n_grammars += languages[i].grammar != NULL;
    if (zygote_start(&settings, &zygote, &err) && zygote_check(zygote, &err))
        say(doctor, VERDICT_OK, "grammars",
            arena_printf(
                doctor->arena, "%zu of %zu languages load; workers start", n_grammars, n_grammars),
            NULL);
    else
        fail(doctor, "grammars", &err);
    zygote_stop(zygote);
}

static void check_git(struct doctor *doctor)
{
    struct git *git = NULL;
    struct error err = ERROR_INIT;
    if (!git_open(doctor->root, &git, &err))
        say(doctor, VERDICT_WARN, "git", err.message, err.hint);
    else if (git == NULL)
        say(doctor, VERDICT_OK, "git", "no repository: the codebase is named by its path", NULL);
    else
        say(doctor, VERDICT_OK, "git",
            arena_printf(doctor->arena, "branch %s of %s", git_branch(git, doctor->arena),
                git_directory(git)),
            NULL);
    git_free(git);
}

int cmd_doctor(struct session *session, struct error *err)
{
    struct doctor doctor = {.session = session, .arena = arena_new(0)};
    doctor.root = link_absolute(doctor.arena, arguments_operands(session->arguments) > 0
                                                  ? arguments_operand(session->arguments, 0)
                                                  : ".");
    (void)err;
    check_grammars(&doctor); /* first: the zygote must see no connection */
    check_postgres(&doctor);
    check_database(&doctor);
    check_tree(&doctor);
    check_file_system(&doctor);
    check_leases(&doctor);
    check_git(&doctor);
    output_note(session->output, "%u failure%s, %u warning%s", doctor.n_failures,
        doctor.n_failures == 1 ? "" : "s", doctor.n_warnings, doctor.n_warnings == 1 ? "" : "s");
    arena_free(doctor.arena);
    return doctor.status;
}
