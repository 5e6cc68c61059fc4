#include "unit.h"

#include <fcntl.h>

#include "app/config.h"
#include "app/config_check.h"
#include "app/config_show.h"
#include "app/config_value.h"
#include "base/fd.h"

/* A directory for one case, and an environment that is a table. */
struct place {
    char folder[64];
    const char *variables[8][2];
};

static int make_place(void **state)
{
    struct place *place = memory_new(1, sizeof(*place));
    memcpy(place->folder, "/tmp/srctab-config-XXXXXX", sizeof("/tmp/srctab-config-XXXXXX"));
    *state = place;
    return mkdtemp(place->folder) == NULL;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    AUTO_BUF file = BUF_INIT;
    buf_addf(&file, "%s/srctab.yaml", place->folder);
    (void)unlink(buf_string(&file));
    int status = rmdir(place->folder);
    free(place);
    return status;
}

static const char *variable(void *user, const char *name)
{
    const struct place *place = user;
    for (size_t i = 0; i < ARRAY_SIZE(place->variables) && place->variables[i][0] != NULL; i++) {
        if (strcmp(place->variables[i][0], name) == 0)
            return place->variables[i][1];
    }
    return NULL;
}

static void write_file(const struct place *place, const void *bytes, size_t length)
{
    AUTO_BUF path = BUF_INIT;
    buf_addf(&path, "%s/srctab.yaml", place->folder);
    AUTO_CLOSE int fd = open(buf_string(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && fd_write_all(fd, bytes, length));
}

static bool load(struct place *place, const char *file, const struct config_setting *settings,
    size_t n_settings, struct config **ret_config, struct error *err)
{
    const struct config_request request = {.file = file,
        .directory = place->folder,
        .settings = settings,
        .n_settings = n_settings,
        .environment = variable,
        .environment_user = place};
    return config_load(&request, ret_config, err);
}

static void built_in_values_are_those_of_the_reference(void **state)
{
    struct error err = ERROR_INIT;
    struct config *config = NULL;
    assert_true(load(*state, NULL, NULL, 0, &config, &err));
    assert_null(config->file);
    assert_int_equal(config->watch.debounce_ms, 500);
    assert_int_equal(config->watch.busy_ms, 100);
    assert_int_equal(config->watch.max_delay_ms, 2000);
    assert_int_equal(config->watch.reconcile_s, 600);
    assert_true(config->watch.hidden && config->watch.gitignore);
    assert_true(config->watch.ignore.n > 10);
    assert_string_equal(config->database.schema, "srctab");
    assert_int_equal(config->store.batch_ms, 20);
    assert_int_equal(config->retry.n_delays, 3);
    assert_int_equal(config->retry.delays_ms[2], 2000);
    assert_int_equal(config->safety.max_delete_percent, 30);
    assert_int_equal(config->analysis.max_content_kb, 8192);
    assert_int_equal(config->analysis.max_parse_kb.code, 2048);
    assert_true(config->sinks[SINK_FILES].enabled && config->sinks[SINK_METADATA].enabled);
    assert_true(config->daemon.host[0] != '\0');
    config_free(config);
}

static void the_example_loads_to_the_built_in_values(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    struct config *defaults = NULL;
    struct config *loaded = NULL;
    struct config_row left, right;
    AUTO_BUF text = BUF_INIT;
    assert_true(load(place, NULL, NULL, 0, &defaults, &err));
    config_example(&text, defaults);
    write_file(place, buf_string(&text), text.length);
    assert_true(load(place, "srctab.yaml", NULL, 0, &loaded, &err));
    size_t n = 0;
    while (config_show(defaults, n, &left) && config_show(loaded, n, &right)) {
        assert_string_equal(left.key, right.key);
        assert_string_equal(left.value, right.value);
        assert_string_equal(left.origin, "default");
        assert_memory_equal(right.origin, "srctab.yaml:", strlen("srctab.yaml:"));
        n++;
    }
    assert_true(n > 50);
    assert_false(config_show(loaded, n, &right));
    config_free(defaults);
    config_free(loaded);
}

static void a_flag_beats_a_variable_beats_the_file(void **state)
{
    struct place *place = *state;
    static const char text[] = "version: 1\nwatch: {debounce_ms: 1, poll_ms: 101, max_depth: 7}\n";
    const struct config_setting flag = {
        .key = "watch.debounce_ms", .text = "3ms", .origin = "--debounce"};
    struct error err = ERROR_INIT;
    struct config *config = NULL;
    write_file(place, text, strlen(text));
    place->variables[0][0] = "SRCTAB_WATCH_DEBOUNCE_MS";
    place->variables[0][1] = "2";
    place->variables[1][0] = "SRCTAB_WATCH_POLL_MS";
    place->variables[1][1] = "102";
    assert_true(load(place, "srctab.yaml", &flag, 1, &config, &err));
    assert_int_equal(config->watch.debounce_ms, 3);
    assert_int_equal(config->watch.poll_ms, 102);
    assert_int_equal(config->watch.max_depth, 7);
    config_free(config);
}

static void folders_have_their_own_settings_or_the_common_ones(void **state)
{
    struct place *place = *state;
    static const char text[] =
        "version: 1\nwatch: {debounce_ms: 50}\nfolders:\n"
        "  - {path: a, debounce_ms: 5, sinks: [codebase_metadata], include: [\"*.c\", x]}\n"
        "  - {path: /b//c/./, codebase: bee, recursive: false, enabled: no}\n";
    struct error err = ERROR_INIT;
    struct config *config = NULL;
    AUTO_BUF first = BUF_INIT;
    write_file(place, text, strlen(text));
    buf_addf(&first, "%s/a", place->folder);
    assert_true(load(place, "srctab.yaml", NULL, 0, &config, &err));
    assert_int_equal(config->n_folders, 2);
    const struct config_folder *folder = config->folders;
    assert_string_equal(folder[0].path, buf_string(&first));
    assert_null(folder[0].codebase);
    assert_int_equal(folder[0].debounce_ms, 5);
    assert_true(folder[0].debounce_is_own && folder[0].recursive && folder[0].enabled);
    assert_int_equal(folder[0].sinks, SINK_BIT(SINK_METADATA));
    assert_int_equal(folder[0].include.n, 2);
    assert_string_equal(folder[0].include.items[0], "*.c");
    assert_null(folder[0].include.items[2]);
    assert_string_equal(folder[1].path, "/b/c");
    assert_string_equal(folder[1].codebase, "bee");
    assert_int_equal(folder[1].debounce_ms, 50);
    assert_true(!folder[1].debounce_is_own && !folder[1].recursive && !folder[1].enabled);
    assert_int_equal(folder[1].sinks, SINK_ALL);
    config_free(config);
}

/* Whatever a file is cut to or which byte of it is another one: an error with the file's name, or
 * values, never a crash. */
static void a_damaged_file_is_an_error_and_nothing_worse(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    struct config *config = NULL;
    AUTO_BUF text = BUF_INIT;
    uint32_t random = 12345;
    assert_true(load(place, NULL, NULL, 0, &config, &err));
    config_example(&text, config);
    config_free(config);
    for (unsigned round = 0; round < 600; round++) {
        random = random * 1664525 + 1013904223;
        size_t at = random % text.length;
        bool cut = round % 2 == 0;
        AUTO_BUF damaged = BUF_INIT;
        buf_add(&damaged, text.data, cut ? at : text.length);
        if (!cut)
            damaged.data[at] = (char)(random >> 24);
        write_file(place, buf_string(&damaged), damaged.length);
        err = ERROR_INIT;
        config = NULL;
        if (load(place, "srctab.yaml", NULL, 0, &config, &err))
            config_free(config);
        else
            assert_memory_equal(err.message, "srctab.yaml:", strlen("srctab.yaml:"));
    }
}

static void scalars_are_quoted_where_yaml_would_read_something_else(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"plain", "plain"}, {"/a/b-c.d", "/a/b-c.d"},
        {"", "\"\""}, {"true", "\"true\""}, {"No", "\"No\""}, {"*.c", "\"*.c\""},
        {"a b", "\"a b\""}, {"q\"\\", "\"q\\\"\\\\\""}, {"12", "\"12\""}, {"a\nb", "\"a\\x0ab\""}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        AUTO_BUF out = BUF_INIT;
        config_add_scalar(&out, cases[i][0]);
        assert_string_equal(buf_string(&out), cases[i][1]);
    }
}

static void paths_are_cleaned_but_keep_their_way_up(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"a", "/base/a"}, {"./a/", "/base/a"},
        {"../a", "/base/../a"}, {"/x//y/.", "/x/y"}, {"/", "/"}, {".", "/base"}, {"", "/base"}};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(config_path(arena, "/base", cases[i][0]), cases[i][1]);
    arena_free(arena);
}

static void below_is_decided_behind_links(void **state)
{
    struct place *place = *state;
    AUTO_BUF link = BUF_INIT;
    buf_addf(&link, "%s/srctab.yaml", place->folder); /* the name that is removed afterwards */
    assert_int_equal(symlink("/etc", buf_string(&link)), 0);
    assert_false(config_is_below(buf_string(&link), place->folder));
    assert_true(config_is_below(place->folder, place->folder));
    assert_true(config_is_below("/nonexistent/a/b", "/nonexistent/a"));
    assert_false(config_is_below("/nonexistent/ab", "/nonexistent/a"));
    assert_false(config_is_below("/nonexistent/a/../b", "/nonexistent/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            built_in_values_are_those_of_the_reference, make_place, remove_place),
        cmocka_unit_test_setup_teardown(
            the_example_loads_to_the_built_in_values, make_place, remove_place),
        cmocka_unit_test_setup_teardown(
            a_flag_beats_a_variable_beats_the_file, make_place, remove_place),
        cmocka_unit_test_setup_teardown(
            folders_have_their_own_settings_or_the_common_ones, make_place, remove_place),
        cmocka_unit_test_setup_teardown(
            a_damaged_file_is_an_error_and_nothing_worse, make_place, remove_place),
        cmocka_unit_test(scalars_are_quoted_where_yaml_would_read_something_else),
        cmocka_unit_test(paths_are_cleaned_but_keep_their_way_up),
        cmocka_unit_test_setup_teardown(below_is_decided_behind_links, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
