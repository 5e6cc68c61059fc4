/* settle_steps.h - what the cases of settle.h are written in: notes, and what is handed out. */
#ifndef SETTLE_STEPS_H
#define SETTLE_STEPS_H

#include "unit.h"

#include "base/clock.h"
#include "watch/settle.h"

#define DEBOUNCE_MS 500
#define FAST_MS 10
#define MAX_DELAY_MS 2000

static inline struct settle *make(void)
{
    struct settle_settings settings = SETTLE_SETTINGS_DEFAULT;
    return settle_new(&settings);
}

static inline void note(
    struct settle *settle, const char *path, enum change change, enum settle_pace pace, uint64_t ms)
{
    settle_note(settle,
        &(struct settle_change){
            .path = path, .change = change, .class = SETTLE_NORMAL, .pace = pace},
        ms);
}

static inline void written(struct settle *settle, const char *path, uint64_t ms)
{
    note(settle, path, CHANGE_CHANGED, SETTLE_WRITING, ms);
}

static inline void closed(struct settle *settle, const char *path, uint64_t ms)
{
    note(settle, path, CHANGE_CHANGED, SETTLE_DONE, ms);
}

static inline void gone(struct settle *settle, const char *path, uint64_t ms)
{
    note(settle, path, CHANGE_GONE, SETTLE_DONE, ms);
}

static inline void moved(struct settle *settle, const char *old_path, const char *path, uint64_t ms)
{
    settle_note(settle,
        &(struct settle_change){.path = path,
            .old_path = old_path,
            .change = CHANGE_MOVED,
            .class = SETTLE_NORMAL,
            .pace = SETTLE_DONE},
        ms);
}

static inline void assert_nothing_at(struct settle *settle, uint64_t ms)
{
    struct settle_item item;
    assert_false(settle_next(settle, ms, &item));
}

static inline struct settle_item take_at(struct settle *settle, const char *path, uint64_t ms)
{
    struct settle_item item;
    assert_true(settle_next(settle, ms, &item));
    assert_string_equal(item.path, path);
    return item;
}

/* Takes the path, checks what it is, and finishes it at once. */
static inline void expect(struct settle *settle, const char *path, enum change change, uint64_t ms)
{
    struct settle_item item = take_at(settle, path, ms);
    assert_int_equal(item.change, change);
    settle_finished(settle, path, ms);
}

static inline void assert_at_rest(struct settle *settle)
{
    assert_int_equal(settle_n_pending(settle), 0);
    assert_true(settle_deadline_ms(settle) == CLOCK_NEVER);
    settle_free(settle);
}

#endif
