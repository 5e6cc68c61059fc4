#include "settle_steps.h"

/* A cheap generator, so that the sequence is the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

#define MODEL_PATHS 6

/* What must hold of any order of calls: nothing noted is forgotten, and no path has two jobs. */
struct model {
    bool is_noted[MODEL_PATHS]; /* a note that no job has covered yet */
    bool is_in_flight[MODEL_PATHS];
    char holder[MODEL_PATHS]; /* path whose job holds this one */
    uint64_t now_ms;
    uint32_t seed;
};

static const char *const model_paths[MODEL_PATHS] = {"a", "b", "c", "d", "e", "f"};

static size_t model_index(const char *path)
{
    return (size_t)(path[0] - 'a');
}

static void model_note(struct settle *settle, struct model *model)
{
    size_t at = next_random(&model->seed) % MODEL_PATHS;
    size_t old_at = next_random(&model->seed) % MODEL_PATHS;
    struct settle_change change = {
        .path = model_paths[at],
        .old_path = model_paths[old_at],
        .change = (enum change)(next_random(&model->seed) % 3),
        .class = (enum settle_class)(next_random(&model->seed) % SETTLE_CLASSES),
        .pace = (enum settle_pace)(next_random(&model->seed) % 3),
        .weight = (int)(next_random(&model->seed) % 11) - 5,
    };
    settle_note(settle, &change, model->now_ms);
    model->is_noted[at] = true;
    if (change.change == CHANGE_MOVED)
        model->is_noted[old_at] = true;
}

static void model_take(struct settle *settle, struct model *model)
{
    struct settle_item item;
    if (!settle_next(settle, model->now_ms, &item))
        return;
    size_t at = model_index(item.path);
    assert_false(model->is_in_flight[at]);
    model->is_in_flight[at] = true;
    model->is_noted[at] = false;
    model->holder[at] = item.path[0];
    if (item.change != CHANGE_MOVED)
        return;
    size_t old_at = model_index(item.old_path);
    assert_false(model->is_in_flight[old_at]);
    model->is_in_flight[old_at] = true;
    model->is_noted[old_at] = false;
    model->holder[old_at] = item.path[0];
}

static void model_end_job(struct settle *settle, struct model *model)
{
    size_t at = next_random(&model->seed) % MODEL_PATHS;
    if (!model->is_in_flight[at])
        return;
    char holder = model->holder[at];
    uint32_t how = next_random(&model->seed) % 5;
    const char *path = model_paths[holder - 'a'];
    if (how == 0)
        settle_put_back(settle, path);
    else if (how <= 2)
        settle_defer(
            settle, path, (enum settle_defer)(how - 1 + (model->seed >> 31)), model->now_ms);
    else
        settle_finished(settle, path, model->now_ms);
    for (size_t i = 0; i < MODEL_PATHS; i++) {
        if (!model->is_in_flight[i] || model->holder[i] != holder)
            continue;
        model->is_in_flight[i] = false;
        model->is_noted[i] |= how <= 2;
    }
}

static void model_drain(struct settle *settle, struct model *model)
{
    uint32_t ticket = settle_flush_all(settle, model->now_ms);
    for (int round = 0; round < 1000 && settle_n_pending(settle) > 0; round++) {
        model->now_ms += 10;
        model_take(settle, model);
        for (size_t i = 0; i < MODEL_PATHS; i++) {
            if (!model->is_in_flight[i] || model->holder[i] != model_paths[i][0])
                continue;
            settle_finished(settle, model_paths[i], model->now_ms);
            for (size_t k = 0; k < MODEL_PATHS; k++)
                model->is_in_flight[k] &= model->holder[k] != model_paths[i][0];
        }
    }
    assert_true(settle_flush_done(settle, ticket));
    for (size_t i = 0; i < MODEL_PATHS; i++)
        assert_false(model->is_noted[i]);
}

static void settle_forgets_nothing_whatever_the_order_of_calls(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 2000; seed++) {
        struct settle *settle = make();
        struct model model = {.now_ms = 1000, .seed = seed};
        for (int step = 0; step < 200; step++) {
            model.now_ms += next_random(&model.seed) % 60;
            uint32_t what = next_random(&model.seed) % 20;
            if (what < 9)
                model_note(settle, &model);
            else if (what < 14)
                model_take(settle, &model);
            else if (what < 19)
                model_end_job(settle, &model);
            else
                (void)settle_flush_all(settle, model.now_ms);
        }
        model_drain(settle, &model);
        assert_at_rest(settle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settle_forgets_nothing_whatever_the_order_of_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
