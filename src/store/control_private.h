/* control_private.h - what the files of control share. Thread: the control thread, but where it
 * says otherwise. */
#ifndef STORE_CONTROL_PRIVATE_H
#define STORE_CONTROL_PRIVATE_H

#include <stdatomic.h>

#include "store/control.h"
#include "store/pg.h"

#include <uthash.h>

/* Requests of one codebase that main works on; beyond it only deletes and flashes are taken. */
#define CONTROL_OUTSTANDING_MAX 1000

/* A codebase that main wants to own. */
struct claim {
    char *codebase_id; /* key */
    bool owned;
    bool present; /* the shared half that says that somebody wants the codebase is held */
    bool standby_said;
    uint64_t try_at_ms;   /* not owned: next try for the lock */
    uint64_t queue_at_ms; /* owned: next look into the queue */
    size_t outstanding;   /* requests handed to main and not yet answered */
    struct queue_depth depth;
    struct counters counters;
    bool counters_changed;
    UT_hash_handle hh;
};

enum order_kind {
    ORDER_OWN,
    ORDER_DISOWN,
    ORDER_ACK,
    ORDER_FAIL,
    ORDER_DEAD,
    ORDER_FOLDERS,
    ORDER_STATISTICS
};

/* What main asks for; lives in its arena. */
struct order {
    enum order_kind kind;
    struct arena *arena;
    const char *codebase_id;
    const char *queue_id;
    const char *reason; /* valid UTF-8 */
    const char *sqlstate;
    const struct folder *folders;
    size_t n_folders;
    struct counters counters;
    struct order *next;
};

struct control {
    struct control_settings settings; /* immutable */
    struct pg_settings pg_settings;   /* immutable */
    char application_name[64];        /* immutable */
    struct stage *stage;
    int wake_fd;                 /* any thread: ends the thread's poll(2) */
    atomic_bool stopping;        /* main sets it once */
    _Atomic uint64_t give_up_ms; /* main sets it once: no wait for the server lasts longer */

    struct pg *pg; /* NULL: not connected. This and what follows: owner the control thread */
    uint64_t connect_at_ms, backoff_ms;
    bool down_said, refused_said, trouble_said;
    char down_sqlstate[6]; /* of what was said */
    struct claim *claims;
    struct order *answers, **answers_end; /* acks, fails and deads in the order main gave them */
    uint64_t answer_at_ms;
    struct order *folders; /* newest set to store; NULL: stored */
    bool read_folders;
    bool folders_stored; /* once: until then a row that is read may be about to be pruned */
    uint64_t poll_at_ms, statistics_at_ms;
};

/** A new event in an arena of its own. */
struct control_event *control_event_new(enum control_event_kind kind, const char *codebase_id);
void control_tell(struct control *control, struct control_event *event);
void control_tell_error(
    struct control *control, enum control_event_kind kind, const struct error *why);

/** Connect, check and listen. On failure the next try is due later and main was told. */
void control_connect(struct control *control, uint64_t now_ms);

/** The connection is gone: so are the locks. */
void control_lost(struct control *control, uint64_t now_ms, const struct error *why);

/** Try for the lock of a codebase and make sure that older writers are gone. False: the connection
 * is lost. */
CHECKED bool control_claim(
    struct control *control, struct claim *claim, uint64_t now_ms, struct error *err);

/** Hold the lock that says: somebody wants this codebase, as its owner or standing by. From before
 * its folder is stored until the claim ends, so that no other daemon prunes that row. */
CHECKED bool control_be_present(struct control *control, struct claim *claim, struct error *err);

/** Give the locks back and forget the claim. */
void control_unclaim(struct control *control, struct claim *claim);

void control_order_free(struct order *order);

#endif
