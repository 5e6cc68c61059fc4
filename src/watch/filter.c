#include "watch/filter.h"

#include "base/arena.h"

struct filter {
    struct ignore_rules *include; /* no rules: known languages */
    struct ignore_rules *exclude;
    struct ignore_rules *builtin;
    bool gitignore;
    bool hidden;
    enum filter_verdict (*language)(void *user, const char *path);
    void *user;
};

/* The question, and where the reason goes. */
struct query {
    const struct filter *filter;
    const struct ignore_level *levels;
    size_t n_levels;
    const char *path;
    size_t length;
    bool is_directory;
    struct filter_reason *reason; /* never NULL */
};

/* A beginning of the path that ends with a component. */
struct part {
    size_t name_at;
    size_t end;
    bool is_directory;
};

const char *const filter_builtin_ignore[] = {
    "_build/",
    "deps/",
    "node_modules/",
    "target/",
    ".nix/",
    "*.log",
    "*.tmp",
    "*.part",
    "*.download",
    "*.pid",
    ".DS_Store",
    "Thumbs.db",
    /* programs, objects, archives */
    "*.a",
    "*.beam",
    "*.class",
    "*.dll",
    "*.dylib",
    "*.ear",
    "*.exe",
    "*.jar",
    "*.lib",
    "*.o",
    "*.obj",
    "*.pyc",
    "*.pyo",
    "*.rlib",
    "*.so",
    "*.so.*",
    "*.wasm",
    "*.war",
    "*.7z",
    "*.bz2",
    "*.deb",
    "*.dmg",
    "*.gz",
    "*.iso",
    "*.rar",
    "*.rpm",
    "*.tar",
    "*.tgz",
    "*.xz",
    "*.zip",
    "*.zst",
    /* pictures, sound, fonts, documents, data */
    "*.avif",
    "*.bmp",
    "*.gif",
    "*.icns",
    "*.ico",
    "*.jpeg",
    "*.jpg",
    "*.png",
    "*.psd",
    "*.tif",
    "*.tiff",
    "*.webp",
    "*.avi",
    "*.flac",
    "*.mkv",
    "*.mov",
    "*.mp3",
    "*.mp4",
    "*.ogg",
    "*.wav",
    "*.webm",
    "*.eot",
    "*.otf",
    "*.ttf",
    "*.woff",
    "*.woff2",
    "*.doc",
    "*.docx",
    "*.odt",
    "*.pdf",
    "*.ppt",
    "*.pptx",
    "*.xls",
    "*.xlsx",
    "*.bin",
    "*.dat",
    "*.db",
    "*.npy",
    "*.npz",
    "*.onnx",
    "*.parquet",
    "*.pkl",
    "*.pt",
    "*.safetensors",
    "*.sqlite",
    "*.sqlite3",
};
const size_t filter_n_builtin_ignore = ARRAY_SIZE(filter_builtin_ignore);

struct filter *filter_new(const struct filter_settings *settings)
{
    struct filter *filter = memory_new(1, sizeof(*filter));
    filter->include = ignore_rules_list("include", settings->include, settings->n_include);
    filter->exclude = ignore_rules_list("exclude", settings->exclude, settings->n_exclude);
    filter->builtin =
        settings->ignore != NULL
            ? ignore_rules_list("built-in", settings->ignore, settings->n_ignore)
            : ignore_rules_list("built-in", filter_builtin_ignore, filter_n_builtin_ignore);
    filter->gitignore = settings->gitignore;
    filter->hidden = settings->hidden;
    filter->language = settings->language;
    filter->user = settings->user;
    return filter;
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    ignore_rules_free(filter->include);
    ignore_rules_free(filter->exclude);
    ignore_rules_free(filter->builtin);
    free(filter);
}

bool filter_equal(const struct filter *left, const struct filter *right)
{
    return ignore_rules_equal(left->include, right->include) &&
           ignore_rules_equal(left->exclude, right->exclude) &&
           ignore_rules_equal(left->builtin, right->builtin) &&
           left->gitignore == right->gitignore && left->hidden == right->hidden &&
           left->language == right->language && left->user == right->user;
}

static enum filter_verdict decide(const struct query *query, enum filter_rule rule,
    size_t decided_length, enum filter_verdict verdict)
{
    query->reason->rule = rule;
    query->reason->decided_length = decided_length;
    query->reason->verdict = verdict;
    return verdict;
}

/* The innermost folder's rules speak first; those of a folder never about the folder itself
 * (gitignore(5)). */
static bool is_ignored_by_files(const struct query *query, const struct part *part)
{
    for (size_t i = query->n_levels; i-- > 0;) {
        const struct ignore_level *level = &query->levels[i];
        if (level->base_length > part->name_at)
            continue;
        enum ignore_verdict verdict =
            ignore_rules_check(level->rules, query->path + level->base_length,
                part->end - level->base_length, part->is_directory, &query->reason->match);
        if (verdict == IGNORE_UNDECIDED)
            continue;
        query->reason->base_length = level->base_length;
        return verdict == IGNORE_IGNORED;
    }
    return false;
}

static bool is_listed(
    const struct query *query, const struct part *part, const struct ignore_rules *rules)
{
    return ignore_rules_check(rules, query->path, part->end, part->is_directory,
               &query->reason->match) == IGNORE_IGNORED;
}

/* Steps 1 to 3: what no include can bring back. */
static bool is_forbidden(const struct query *query, const struct part *part)
{
    size_t name_length = part->end - part->name_at;
    if (name_length == 4 && memcmp(query->path + part->name_at, ".git", 4) == 0) {
        decide(query, FILTER_RULE_GIT, part->end, FILTER_NO);
        return true;
    }
    if (is_listed(query, part, query->filter->exclude)) {
        decide(query, FILTER_RULE_EXCLUDE, part->end, FILTER_NO);
        return true;
    }
    if (query->filter->gitignore && is_ignored_by_files(query, part)) {
        decide(query, FILTER_RULE_IGNORE_FILE, part->end, FILTER_NO);
        return true;
    }
    return false;
}

/* Steps 5 and 6. */
static bool is_unwanted(const struct query *query, const struct part *part)
{
    if (!query->filter->hidden && query->path[part->name_at] == '.') {
        decide(query, FILTER_RULE_HIDDEN, part->end, FILTER_NO);
        return true;
    }
    if (is_listed(query, part, query->filter->builtin)) {
        decide(query, FILTER_RULE_BUILTIN, part->end, FILTER_NO);
        return true;
    }
    return false;
}

/* From the outermost folder down, beginning with the component at name_at. True: the question is
 * decided. */
static bool any_part(const struct query *query, size_t name_at,
    bool (*holds)(const struct query *query, const struct part *part))
{
    while (name_at < query->length) {
        const char *slash = memchr(query->path + name_at, '/', query->length - name_at);
        struct part part = {
            .name_at = name_at, .end = query->length, .is_directory = query->is_directory};
        if (slash != NULL) {
            part.end = (size_t)(slash - query->path);
            part.is_directory = true;
        }
        if (holds(query, &part))
            return true;
        name_at = part.end + 1;
    }
    return false;
}

static bool is_included(const struct query *query)
{
    size_t matched_length = 0;
    if (ignore_rules_check_above(query->filter->include, query->path, query->length,
            query->is_directory, &query->reason->match, &matched_length) != IGNORE_IGNORED)
        return false;
    decide(query, FILTER_RULE_INCLUDE, matched_length, FILTER_YES);
    return true;
}

static enum filter_verdict decide_not_included(const struct query *query)
{
    if (query->is_directory &&
        ignore_rules_may_match_below(query->filter->include, query->path, query->length))
        return decide(query, FILTER_RULE_FOLDER, query->length, FILTER_YES);
    return decide(query, FILTER_RULE_NOT_INCLUDED, query->length, FILTER_NO);
}

static enum filter_verdict decide_by_language(const struct query *query)
{
    if (query->is_directory)
        return decide(query, FILTER_RULE_FOLDER, query->length, FILTER_YES);
    const struct filter *filter = query->filter;
    enum filter_verdict verdict =
        filter->language != NULL ? filter->language(filter->user, query->path) : FILTER_NO;
    return decide(query, FILTER_RULE_LANGUAGE, query->length, verdict);
}

/* name_at: where the first component that is not known to be fine begins. */
static enum filter_verdict check_from(const struct query *query, size_t name_at)
{
    *query->reason = (struct filter_reason){0};
    if (any_part(query, name_at, is_forbidden))
        return FILTER_NO;
    bool has_include = ignore_rules_count(query->filter->include) > 0;
    if (has_include && is_included(query))
        return FILTER_YES;
    bool unwanted = any_part(query, name_at, is_unwanted);
    if (!has_include)
        return unwanted ? FILTER_NO : decide_by_language(query);
    /* An include may name something below a folder of the built-in list: such a folder is entered.
     */
    return unwanted && !query->is_directory ? FILTER_NO : decide_not_included(query);
}

enum filter_verdict filter_check(const struct filter *filter, const struct ignore_level *levels,
    size_t n_levels, const char *path, bool is_directory, struct filter_reason *ret_reason)
{
    struct filter_reason unused;
    struct query query = {filter, levels, n_levels, path, strlen(path), is_directory,
        ret_reason != NULL ? ret_reason : &unused};
    return check_from(&query, 0);
}

enum filter_verdict filter_check_entry(const struct filter *filter,
    const struct ignore_level *levels, size_t n_levels, const char *path, bool is_directory,
    struct filter_reason *ret_reason)
{
    struct filter_reason unused;
    struct query query = {filter, levels, n_levels, path, strlen(path), is_directory,
        ret_reason != NULL ? ret_reason : &unused};
    const char *slash = memrchr(path, '/', query.length);
    return check_from(&query, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}

static void add_match(struct buf *out, const struct ignore_match *match)
{
    buf_adds(out, match->file);
    if (match->line > 0)
        buf_addf(out, ":%u", match->line);
    buf_addf(out, " \"%s\"", match->text);
}

void filter_reason_add(struct buf *out, const struct filter_reason *reason, const char *path)
{
    switch (reason->rule) {
    case FILTER_RULE_GIT:
        buf_adds(out, "git's own directory");
        break;
    case FILTER_RULE_IGNORE_FILE:
        buf_add(out, path, reason->base_length);
        add_match(out, &reason->match);
        break;
    case FILTER_RULE_EXCLUDE:
    case FILTER_RULE_INCLUDE:
    case FILTER_RULE_BUILTIN:
        add_match(out, &reason->match);
        break;
    case FILTER_RULE_HIDDEN:
        buf_adds(out, "hidden \"");
        buf_add(out, path, reason->decided_length);
        buf_addc(out, '"');
        break;
    case FILTER_RULE_NOT_INCLUDED:
        buf_adds(out, "no include pattern matches");
        break;
    case FILTER_RULE_LANGUAGE:
        buf_adds(out, reason->verdict == FILTER_NO ? "no known language" : "a known language");
        break;
    case FILTER_RULE_FOLDER:
        buf_adds(out, "a folder");
        break;
    }
}
