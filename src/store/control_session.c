#include "store/control_private.h"

#include "base/clock.h"
#include "store/lock_key.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define REFUSED_MS 30000

struct control_event *control_event_new(enum control_event_kind kind, const char *codebase_id)
{
    struct arena *arena = arena_new(4096);
    struct control_event *event = arena_alloc(arena, 1, sizeof(*event));
    event->kind = kind;
    event->arena = arena;
    event->codebase_id = codebase_id != NULL ? arena_string(arena, codebase_id) : NULL;
    event->holder = "";
    return event;
}

void control_tell(struct control *control, struct control_event *event)
{
    control->settings.event(control->settings.user, event);
}

void control_tell_error(
    struct control *control, enum control_event_kind kind, const struct error *why)
{
    struct control_event *event = control_event_new(kind, NULL);
    event->error = *why;
    control_tell(control, event);
}

/* Once a reason: "shut down", then "no free connection", are two things to know. */
static void say_down(struct control *control, const struct error *why)
{
    if (control->down_said && strcmp(control->down_sqlstate, why->sqlstate) == 0)
        return;
    control->down_said = true;
    memcpy(control->down_sqlstate, why->sqlstate, sizeof(control->down_sqlstate));
    control_tell_error(control, CONTROL_DOWN, why);
}

void control_lost(struct control *control, uint64_t now_ms, const struct error *why)
{
    pg_close(control->pg);
    control->pg = NULL;
    control->connect_at_ms = now_ms + control->backoff_ms;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next) {
        bool was_owned = claim->owned;
        claim->owned = claim->present = false;
        claim->standby_said = false;
        claim->outstanding = 0;
        claim->try_at_ms = 0;
        if (was_owned)
            control_tell(control, control_event_new(CONTROL_LOST, claim->codebase_id));
    }
    say_down(control, why);
}

static bool backend_pid(struct pg *pg, int64_t *ret_pid, struct error *err)
{
    AUTO_PG_RESULT *result = NULL;
    if (!pg_run(pg, "control/backend.sql", NULL, &result, NULL, err))
        return false;
    *ret_pid = pg_i64(result, 0, 0);
    return true;
}

/*
 * A pooler gives process numbers of its own. Whether it also mixes sessions shows when a second
 * client holds a transaction: if that one got the process we just used, or we now get another one,
 * no session of ours is kept.
 */
static bool sessions_are_mixed(
    struct control *control, int64_t mine, bool *ret_mixed, struct error *err)
{
    struct pg *other = NULL;
    int64_t held = 0, again = 0;
    bool ok = pg_open(&control->pg_settings, &other, err) && pg_begin(other, err) &&
              backend_pid(other, &held, err) && backend_pid(control->pg, &again, err);
    pg_close(other);
    *ret_mixed = held == mine || again != mine;
    return ok;
}

static bool refuse_pooler(bool *ret_refused, struct error *err)
{
    *ret_refused = true;
    error_set(err, ERROR_DATABASE, 0,
        "the database is behind a pooler in transaction mode, which keeps neither locks nor "
        "LISTEN");
    return error_hint(
        err, "give a connection string that leads to the server itself or to a session pool");
}

/* A named statement of another client, or ours gone: sessions are mixed. */
static bool is_foreign_session(const struct error *err)
{
    return strcmp(err->sqlstate, "42P05") == 0 || strcmp(err->sqlstate, "26000") == 0;
}

static bool check_session(struct control *control, bool *ret_refused, struct error *err)
{
    int64_t pid;
    bool mixed = false;
    if (!backend_pid(control->pg, &pid, err))
        return false;
    if (pid != pg_backend_pid(control->pg) && !sessions_are_mixed(control, pid, &mixed, err))
        return false;
    return !mixed || refuse_pooler(ret_refused, err);
}

static bool prepare_session(struct control *control, bool *ret_refused, struct error *err)
{
    if (pg_open(&control->pg_settings, &control->pg, err) &&
        check_session(control, ret_refused, err) &&
        pg_run(control->pg, "control/listen_queue.sql", NULL, NULL, NULL, err) &&
        pg_run(control->pg, "control/listen_config.sql", NULL, NULL, NULL, err))
        return true;
    return is_foreign_session(err) ? refuse_pooler(ret_refused, err) : false;
}

static void not_connected(
    struct control *control, uint64_t now_ms, bool refused, const struct error *why)
{
    pg_close(control->pg);
    control->pg = NULL;
    if (refused) {
        control->connect_at_ms = now_ms + REFUSED_MS;
        if (!control->refused_said)
            control_tell_error(control, CONTROL_REFUSED, why);
        control->refused_said = true;
        return;
    }
    control->connect_at_ms = now_ms + control->backoff_ms;
    control->backoff_ms *= 2;
    if (control->backoff_ms > BACKOFF_MAX_MS)
        control->backoff_ms = BACKOFF_MAX_MS;
    say_down(control, why);
}

void control_connect(struct control *control, uint64_t now_ms)
{
    struct error err = ERROR_INIT;
    bool refused = false;
    if (control->backoff_ms == 0)
        control->backoff_ms = BACKOFF_MIN_MS;
    if (!prepare_session(control, &refused, &err)) {
        not_connected(control, now_ms, refused, &err);
        return;
    }
    control->backoff_ms = BACKOFF_MIN_MS;
    control->down_said = control->refused_said = control->trouble_said = false;
    control->read_folders = true;
    control->poll_at_ms = control->answer_at_ms = 0;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next)
        claim->try_at_ms = 0;
    control_tell(control, control_event_new(CONTROL_UP, NULL));
}

static bool run_with_key(struct pg *pg, const char *sql_file, int64_t key,
    struct pg_result **ret_result, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_i64(&values, key);
    return pg_run(pg, sql_file, &values, ret_result, NULL, err);
}

static bool tell_standby(
    struct control *control, const struct claim *claim, int64_t key, struct error *err)
{
    AUTO_PG_RESULT *result = NULL;
    if (!run_with_key(control->pg, "control/holder.sql", key, &result, err))
        return false;
    struct control_event *event = control_event_new(CONTROL_STANDBY, claim->codebase_id);
    if (pg_rows(result) > 0) {
        const char *address = pg_text(result, 0, 2);
        event->holder =
            arena_printf(event->arena, "%s, server process %lld%s%s", pg_text(result, 0, 0),
                (long long)pg_i64(result, 0, 1), address[0] ? " from " : "", address);
    }
    control_tell(control, event);
    return true;
}

/*
 * Wait in one sink database until the sessions of older writers have ended. A database that cannot
 * be reached is passed over: nothing of ours can be written there now, and the other sink must not
 * wait for it.
 */
static bool fence_sink(
    struct control *control, const char *conninfo, int64_t key, struct error *err)
{
    struct pg_settings settings = control->pg_settings;
    struct pg *pg = NULL;
    struct error failed = ERROR_INIT;
    settings.conninfo = conninfo;
    settings.lock_timeout_ms = (uint32_t)control->settings.fence_ms;
    settings.statement_timeout_ms = settings.lock_timeout_ms + 1000;
    bool ok = pg_open(&settings, &pg, &failed) &&
              run_with_key(pg, "control/fence.sql", key, NULL, &failed);
    pg_close(pg);
    if (ok || pg_class_of(failed.sqlstate) == PG_CLASS_CONNECTION)
        return true;
    *err = failed;
    return error_wrap(err, "could not make sure that no older writer is left");
}

static bool fence(struct control *control, const struct claim *claim, struct error *err)
{
    int64_t key = lock_key(LOCK_PURPOSE_WRITE, control->settings.schema, claim->codebase_id);
    const char *const *conninfo = control->settings.sink_conninfos;
    for (; conninfo != NULL && *conninfo != NULL; conninfo++)
        if (!fence_sink(control, *conninfo, key, err))
            return false;
    return true;
}

bool control_be_present(struct control *control, struct claim *claim, struct error *err)
{
    if (claim->present)
        return true;
    int64_t key = lock_key(LOCK_PURPOSE_PRESENCE, control->settings.schema, claim->codebase_id);
    claim->present = run_with_key(control->pg, "control/present.sql", key, NULL, err);
    return claim->present;
}

static void be_absent(struct control *control, struct claim *claim)
{
    struct error ignored = ERROR_INIT;
    int64_t key = lock_key(LOCK_PURPOSE_PRESENCE, control->settings.schema, claim->codebase_id);
    if (claim->present && control->pg != NULL && pg_alive(control->pg))
        (void)!run_with_key(control->pg, "control/absent.sql", key, NULL, &ignored);
    claim->present = false;
}

bool control_claim(struct control *control, struct claim *claim, uint64_t now_ms, struct error *err)
{
    int64_t key = lock_key(LOCK_PURPOSE_CONTROL, control->settings.schema, claim->codebase_id);
    AUTO_PG_RESULT *result = NULL;
    claim->try_at_ms = now_ms + control->settings.standby_ms;
    if (!run_with_key(control->pg, "control/lock.sql", key, &result, err))
        return false;
    if (pg_i64(result, 0, 0) == 0) {
        if (!claim->standby_said && !tell_standby(control, claim, key, err))
            return false;
        claim->standby_said = true;
        return true;
    }
    /* The recovery also proves that the session, and with it the lock, outlived the fencing. */
    if (!fence(control, claim, err) || !queue_recover(control->pg, claim->codebase_id, err)) {
        struct error ignored = ERROR_INIT;
        if (pg_alive(control->pg))
            (void)!run_with_key(control->pg, "control/unlock.sql", key, NULL, &ignored);
        return false;
    }
    claim->owned = true;
    claim->standby_said = false;
    claim->queue_at_ms = 0;
    claim->outstanding = 0;
    control_tell(control, control_event_new(CONTROL_OWNED, claim->codebase_id));
    return true;
}

void control_unclaim(struct control *control, struct claim *claim)
{
    struct error ignored = ERROR_INIT;
    int64_t key = lock_key(LOCK_PURPOSE_CONTROL, control->settings.schema, claim->codebase_id);
    if (claim->owned && control->pg != NULL && pg_alive(control->pg))
        (void)!run_with_key(control->pg, "control/unlock.sql", key, NULL, &ignored);
    be_absent(control, claim);
    HASH_DEL(control->claims, claim);
    free(claim->codebase_id);
    free(claim);
}
