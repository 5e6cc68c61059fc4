#include "app/root.h"

#include <fcntl.h>
#include <sys/random.h>

#include "analyze/language.h"
#include "app/codebase.h"
#include "app/daemon.h"
#include "app/git.h"
#include "base/clock.h"

#define SLOW_DEBT_MS 30000
#define FAST_MS 10

static enum filter_verdict language_verdict(void *user, const char *path)
{
    const struct config_list *only = user;
    const struct language *language = NULL;
    enum language_match match = language_of_name(path, &language);
    if (match == LANGUAGE_MAYBE_SCRIPT)
        return FILTER_MAYBE;
    if (match == LANGUAGE_NONE)
        return FILTER_NO;
    for (size_t i = 0; i < only->n; i++)
        if (strcmp(only->items[i], language->id) == 0)
            return FILTER_YES;
    return only->n == 0 ? FILTER_YES : FILTER_NO;
}

static size_t list_length(const char *const *list)
{
    size_t n = 0;
    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

struct filter *root_filter_new(
    const struct config *config, const char *const *include, const char *const *exclude)
{
    const struct filter_settings settings = {
        .include = include,
        .n_include = list_length(include),
        .exclude = exclude,
        .n_exclude = list_length(exclude),
        .ignore = config->watch.ignore.items,
        .n_ignore = config->watch.ignore.n,
        .gitignore = config->watch.gitignore,
        .hidden = config->watch.hidden,
        .language = language_verdict,
        .user = (void *)&config->analysis.languages,
    };
    return filter_new(&settings);
}

static struct settle_settings settle_settings_of(const struct config *config, uint32_t debounce_ms)
{
    return (struct settle_settings){
        .debounce_ms = debounce_ms,
        .max_delay_ms = config->watch.max_delay_ms,
        .fast_ms = FAST_MS < debounce_ms ? FAST_MS : debounce_ms,
        .fast_path = config->watch.fast_path != FAST_PATH_OFF,
    };
}

static struct watch_root_settings watch_settings_of(struct root *root)
{
    const struct config *config = root->daemon->config;
    bool once = root->daemon->once;
    return (struct watch_root_settings){
        .path = root->codebase.root_path,
        .filter = root->filter,
        .gitignore = config->watch.gitignore,
        .recursive = root->recursive,
        .max_depth = config->watch.max_depth,
        /* One pass needs a scan and no events: a sweep that is never followed by another. */
        .mode = once ? WATCH_MODE_POLL : config->watch.mode,
        .poll_ms = once ? UINT32_MAX : config->watch.poll_ms,
        .user = root,
    };
}

/* Patterns as one text: equal texts are equal rules. */
static char *joined(const char *const *list)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < list_length(list); i++)
        buf_add(&text, list[i], strlen(list[i]) + (list[i + 1] != NULL ? 1 : 0));
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '\0')
            text.data[i] = '\n';
    return buf_take(&text);
}

const char *const *root_patterns(const char *text, struct arena *arena)
{
    if (text[0] == '\0')
        return NULL;
    size_t n = 1;
    for (const char *at = text; *at != '\0'; at++)
        n += *at == '\n';
    const char **list = arena_alloc(arena, n + 1, sizeof(*list));
    for (size_t i = 0; i < n; i++) {
        size_t length = strcspn(text, "\n");
        list[i] = arena_copy(arena, text, length);
        text += length + 1;
    }
    return list;
}

static void replace_text(char **text, char *by)
{
    free(*text);
    *text = by;
}

static uint64_t random_seed(void)
{
    uint64_t seed = 0;
    (void)!getrandom(&seed, sizeof(seed), 0);
    return seed;
}

static void init_parts(struct root *root, const struct root_settings *settings)
{
    const struct config *config = root->daemon->config;
    const struct settle_settings settle = settle_settings_of(config, settings->debounce_ms);
    const struct debt_settings debts = {.delays_ms = config->retry.delays_ms,
        .n_delays = config->retry.n_delays,
        .slow_ms = SLOW_DEBT_MS};
    root->settle = settle_new(&settle);
    root->debts = debts_new(&debts);
    debts_hold(root->debts, SINK_ALL & ~root->daemon->sinks_up);
    root->wishes = wishes_new();
    known_init(&root->known, random_seed());
    root->filter = root_filter_new(config, settings->include, settings->exclude);
    root->include_text = joined(settings->include);
    root->exclude_text = joined(settings->exclude);
    root->source = memory_string(settings->source);
    root->watch_id = settings->watch_id;
    root->recursive = settings->recursive;
    root->debounce_ms = settings->debounce_ms;
    root->sinks = settings->sinks;
    root->phase = ROOT_STARTING;
}

bool root_new(struct daemon *daemon, const struct root_settings *settings, struct root **ret_root,
    struct error *err)
{
    struct arena *arena = arena_new(1024);
    struct root *root = memory_new(1, sizeof(*root));
    root->daemon = daemon;
    root->arena = arena;
    if (!codebase_of(arena, settings->path, settings->given_id, daemon->config->daemon.host,
            &root->codebase, err)) {
        arena_free(arena);
        free(root);
        return false;
    }
    root->branch = memory_string(git_branch_of(settings->path, arena));
    init_parts(root, settings);
    const struct watch_root_settings watch = watch_settings_of(root);
    if (!watch_root_add(daemon->watch, &watch, &root->watched, err)) {
        root_free(root);
        return false;
    }
    root->polled = !daemon->once && watch_root_is_polled(root->watched);
    root_open(root);
    *ret_root = root;
    return true;
}

void root_free(struct root *root)
{
    if (root == NULL)
        return;
    if (root->watched != NULL)
        watch_root_remove(root->daemon->watch, root->watched);
    root_close(root);
    filter_free(root->filter);
    settle_free(root->settle);
    debts_free(root->debts);
    wishes_free(root->wishes);
    known_release(&root->known);
    buf_release(&root->inferred.paths);
    free(root->branch);
    free(root->include_text);
    free(root->exclude_text);
    free(root->source);
    arena_free(root->arena);
    free(root);
}

void root_configure(struct root *root, const struct root_settings *settings, uint64_t now_ms)
{
    char *include = joined(settings->include), *exclude = joined(settings->exclude);
    bool same_rules = strcmp(include, root->include_text) == 0 &&
                      strcmp(exclude, root->exclude_text) == 0 &&
                      settings->recursive == root->recursive;
    unsigned added = settings->sinks & ~root->sinks;
    replace_text(&root->include_text, include);
    replace_text(&root->exclude_text, exclude);
    root->watch_id = settings->watch_id;
    root->debounce_ms = settings->debounce_ms;
    root->sinks = settings->sinks;
    const struct settle_settings settle =
        settle_settings_of(root->daemon->config, settings->debounce_ms);
    settle_configure(root->settle, &settle, now_ms);
    if (added != 0 && root->phase == ROOT_LIVE)
        root->phase = ROOT_STARTING; /* a table that was left out is compared and filled */
    if (same_rules)
        return;
    root->recursive = settings->recursive;
    struct filter *old = root->filter;
    root->filter = root_filter_new(root->daemon->config, settings->include, settings->exclude);
    const struct watch_root_settings watch = watch_settings_of(root);
    watch_root_replace_filter(root->daemon->watch, root->watched, &watch);
    filter_free(old);
}

void root_handle_release(struct root_handle *handle)
{
    if (handle == NULL || --handle->holders > 0)
        return;
    close(handle->fd);
    free(handle);
}

void root_close(struct root *root)
{
    root_handle_release(root->handle);
    root->handle = NULL;
}

bool root_open(struct root *root)
{
    int fd = open(root->codebase.root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    root_close(root);
    root->handle = memory_new(1, sizeof(*root->handle));
    *root->handle = (struct root_handle){.fd = fd, .holders = 1};
    return true;
}

bool path_lies_in(const char *inner, const char *outer)
{
    size_t length = strlen(outer);
    while (length > 0 && outer[length - 1] == '/')
        length--;
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

struct root *root_by_codebase(struct daemon *daemon, const char *codebase_id)
{
    for (struct root *root = daemon->roots; root != NULL; root = root->next)
        if (strcmp(root->codebase.codebase_id, codebase_id) == 0)
            return root;
    return NULL;
}

/* What belongs to the daemon as a whole stands at its first root, so that sums are right. */
static void add_daemon_counters(struct daemon *daemon, uint64_t value[COUNTERS])
{
    struct audit_counts audit;
    struct watch_counters watch;
    pipeline_audit_counts(daemon->pipeline, &audit);
    watch_counters(daemon->watch, &watch);
    value[COUNTER_AUDIT_SPOOLED] = audit.rows_spooled;
    value[COUNTER_AUDIT_LOST] = audit.rows_lost;
    value[COUNTER_EVENTS_FILTERED] = watch.events_filtered;
    value[COUNTER_WATCHES] = watch.watches;
    value[COUNTER_RECONNECTS] = daemon->n_reconnects;
}

void root_counters(struct root *root, struct counters *ret_counters)
{
    struct settle_counts settle;
    settle_count(root->settle, &settle);
    *ret_counters = root->counters;
    uint64_t *value = ret_counters->value;
    value[COUNTER_EVENTS_COALESCED] = settle.n_coalesced;
    value[COUNTER_PENDING_PATHS] = settle.n_waiting + settle.n_ready;
    value[COUNTER_IN_FLIGHT] = settle.n_in_flight;
    uint64_t now_ms = clock_monotonic_ms();
    value[COUNTER_OLDEST_PENDING_MS] = settle.oldest_ms == CLOCK_NEVER || settle.oldest_ms > now_ms
                                           ? 0
                                           : now_ms - settle.oldest_ms;
    value[COUNTER_CODE_FILES_DEBTS] = debts_count(root->debts, SINK_BIT(SINK_FILES));
    value[COUNTER_CODEBASE_METADATA_DEBTS] = debts_count(root->debts, SINK_BIT(SINK_METADATA));
    value[COUNTER_FILES] = watch_root_files(root->watched);
    if (root == root->daemon->roots)
        add_daemon_counters(root->daemon, value);
}
