#include "app/wait.h"

#include "app/dispatch.h"
#include "base/json.h"
#include "base/utf8.h"

#define FAILED_SHOWN 1000

enum wait_phase { WAIT_BARRIER, WAIT_FLUSH, WAIT_DEBTS };

/* One root of one wait. */
struct wait_root {
    struct wait_root *next;
    struct root *root;
    bool flushing; /* the ticket is taken */
    uint32_t ticket;
};

struct wait {
    struct wait *next;
    struct wait_asker asker;
    char *codebase_id, *queue_id;
    enum wait_phase phase;
    uint64_t barrier;
    struct wait_root *roots;
};

struct waits {
    struct daemon *daemon;
    wait_answer *answer;
    void *user;
    struct wait *first;
};

struct waits *waits_new(struct daemon *daemon, wait_answer *answer, void *user)
{
    struct waits *waits = memory_new(1, sizeof(*waits));
    *waits = (struct waits){.daemon = daemon, .answer = answer, .user = user};
    return waits;
}

static void wait_free(struct wait *wait)
{
    for (struct wait_root *root = wait->roots, *next; root != NULL; root = next) {
        next = root->next;
        free(root);
    }
    free(wait->codebase_id);
    free(wait->queue_id);
    free(wait);
}

void waits_free(struct waits *waits)
{
    if (waits == NULL)
        return;
    for (struct wait *wait = waits->first, *next; wait != NULL; wait = next) {
        next = wait->next;
        wait_free(wait);
    }
    free(waits);
}

static bool is_meant(const struct root *root, const char *root_path)
{
    return root_path == NULL || path_lies_in(root->codebase.root_path, root_path) ||
           path_lies_in(root_path, root->codebase.root_path);
}

void waits_begin(struct waits *waits, const struct wait_asker *asker, const char *root_path,
    bool rescan, uint64_t now_ms)
{
    struct wait *wait = memory_new(1, sizeof(*wait));
    wait->asker.client = asker->client;
    if (asker->queue_id != NULL) {
        wait->asker.codebase_id = wait->codebase_id = memory_string(asker->codebase_id);
        wait->asker.queue_id = wait->queue_id = memory_string(asker->queue_id);
    }
    for (struct root *root = waits->daemon->roots; root != NULL; root = root->next) {
        bool meant = asker->queue_id != NULL
                         ? strcmp(root->codebase.codebase_id, asker->codebase_id) == 0
                         : is_meant(root, root_path);
        if (!meant || root->closing)
            continue;
        struct wait_root *part = memory_new(1, sizeof(*part));
        *part = (struct wait_root){.next = wait->roots, .root = root};
        wait->roots = part;
        if (rescan)
            watch_root_rescan(waits->daemon->watch, root->watched);
    }
    wait->barrier = watch_barrier_begin(waits->daemon->watch, now_ms);
    wait->next = waits->first;
    waits->first = wait;
}

void waits_forget(struct waits *waits, uint64_t client)
{
    for (struct wait **link = &waits->first; *link != NULL;) {
        struct wait *wait = *link;
        if (wait->asker.client == client && client != 0) {
            *link = wait->next;
            wait_free(wait);
        } else {
            link = &wait->next;
        }
    }
}

void waits_drop_root(struct waits *waits, const struct root *root)
{
    for (struct wait *wait = waits->first; wait != NULL; wait = wait->next) {
        for (struct wait_root **link = &wait->roots; *link != NULL;) {
            struct wait_root *part = *link;
            if (part->root == root) {
                *link = part->next;
                free(part);
            } else {
                link = &part->next;
            }
        }
    }
}

/* A root that is away has no writes that anybody could wait for. */
static bool is_flushed(struct wait_root *part, uint64_t now_ms)
{
    struct root *root = part->root;
    if (root->closing || (root->handle == NULL && root->scanned))
        return true;
    if (root->phase != ROOT_LIVE)
        return false;
    if (!part->flushing) {
        part->ticket = settle_flush_all(root->settle, now_ms);
        part->flushing = true;
    }
    return settle_flush_done(root->settle, part->ticket);
}

static bool all_flushed(struct wait *wait, uint64_t now_ms)
{
    bool all = true;
    for (struct wait_root *part = wait->roots; part != NULL; part = part->next)
        all = is_flushed(part, now_ms) && all;
    return all;
}

struct failures {
    unsigned max_tries;
    bool hope;
    size_t n;
    struct json *json; /* NULL: only look */
};

static void look_at_debt(void *user, const struct debt *debt)
{
    struct failures *failures = user;
    if (debt->tries <= failures->max_tries)
        failures->hope = true;
    if (failures->json == NULL || failures->n++ >= FAILED_SHOWN)
        return;
    AUTO_BUF path = BUF_INIT;
    utf8_add_path(&path, debt->path, strlen(debt->path));
    json_object_begin(failures->json);
    json_key_bytes(failures->json, "path", buf_string(&path), path.length);
    json_key_string(failures->json, "reason", debt->reason);
    json_object_end(failures->json);
}

static bool no_hope_left(struct waits *waits, const struct wait *wait)
{
    struct failures failures = {.max_tries = waits->daemon->config->retry.max_retries};
    for (struct wait_root *part = wait->roots; part != NULL; part = part->next)
        debts_each(part->root->debts, look_at_debt, &failures);
    return !failures.hope;
}

static void give_answer(struct waits *waits, const struct wait *wait)
{
    AUTO_BUF list = BUF_INIT;
    AUTO_BUF text = BUF_INIT;
    AUTO_BUF reason = BUF_INIT;
    struct json parts = JSON_INIT(&list);
    struct failures failures = {.json = &parts};
    json_array_begin(&parts);
    for (struct wait_root *part = wait->roots; part != NULL; part = part->next)
        debts_each(part->root->debts, look_at_debt, &failures);
    json_array_end(&parts);
    struct json json = JSON_INIT(&text);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_bool(&json, "ok", failures.n == 0);
    json_key(&json, "failed");
    json_raw(&json, buf_string(&list), list.length);
    json_object_end(&json);
    if (failures.n > 0)
        buf_addf(&reason, "%zu paths could not be written to every table", failures.n);
    waits->answer(waits->user, &wait->asker, failures.n == 0, buf_string(&reason), &text);
}

/* True when it is answered. */
static bool move_on(struct waits *waits, struct wait *wait, uint64_t now_ms)
{
    if (wait->phase == WAIT_BARRIER && watch_barrier_done(waits->daemon->watch, wait->barrier))
        wait->phase = WAIT_FLUSH;
    if (wait->phase == WAIT_FLUSH && all_flushed(wait, now_ms))
        wait->phase = WAIT_DEBTS;
    if (wait->phase != WAIT_DEBTS || !no_hope_left(waits, wait))
        return false;
    give_answer(waits, wait);
    return true;
}

void waits_run(struct waits *waits, uint64_t now_ms)
{
    for (struct wait **link = &waits->first; *link != NULL;) {
        struct wait *wait = *link;
        if (move_on(waits, wait, now_ms)) {
            *link = wait->next;
            wait_free(wait);
        } else {
            link = &wait->next;
        }
    }
}

bool waits_open(const struct waits *waits)
{
    return waits->first != NULL;
}
