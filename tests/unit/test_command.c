#include "unit.h"

#include "app/command.h"
#include "app/config.h"
#include "app/config_key.h"

/* Parse up to 8 words; the caller frees. */
static bool parse(const char *const *words, struct arguments **ret_arguments, struct error *err)
{
    static char program[] = "srctab";
    char *argv[10] = {program};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)words[argc - 1];
    return arguments_parse(argc, argv, ret_arguments, err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect_refusal(const char *const *words, const char *message)
{
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    assert_false(parse(words, &arguments, &err));
    assert_string_equal(err.message, message);
    assert_int_equal(error_exit_code(&err), 2);
}

static void options_are_found_before_and_after_the_command(void **state)
{
    (void)state;
    static const char *const forms[][5] = {{"--json", "-c", "f", "status", NULL},
        {"status", "--json", "--config", "f", NULL}, {"-cf", "status", "--json", NULL},
        {"status", "--config=f", "--json", NULL}};
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        struct arguments *arguments = NULL;
        struct error err = ERROR_INIT;
        assert_true(parse(forms[i], &arguments, &err));
        assert_string_equal(arguments_command(arguments)->name, "status");
        assert_true(arguments_has(arguments, "--json"));
        assert_false(arguments_has(arguments, "--quiet"));
        assert_string_equal(arguments_value(arguments, "--config"), "f");
        assert_int_equal(arguments_operands(arguments), 0);
        arguments_free(arguments);
    }
}

static void flags_become_settings_of_the_configuration(void **state)
{
    (void)state;
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    const struct config_setting *settings = NULL;
    assert_true(
        parse(WORDS("watch", "--poll=3s", "--debounce", "20ms", "a", "b"), &arguments, &err));
    assert_int_equal(arguments_settings(arguments, &settings), 3);
    assert_string_equal(settings[0].key, "watch.mode");
    assert_string_equal(settings[0].text, "poll");
    assert_string_equal(settings[1].key, "watch.poll_ms");
    assert_string_equal(settings[1].text, "3s");
    assert_string_equal(settings[2].key, "watch.debounce_ms");
    assert_string_equal(settings[2].origin, "--debounce");
    assert_int_equal(arguments_operands(arguments), 2);
    assert_string_equal(arguments_operand(arguments, 1), "b");
    arguments_free(arguments);
}

static void the_last_of_several_values_counts_unless_the_option_repeats(void **state)
{
    (void)state;
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    const char *const *values = NULL;
    assert_true(parse(WORDS("folders", "add", "x", "--include", "a", "--include=b", "--debounce=1s",
                          "--debounce=2s"),
        &arguments, &err));
    assert_int_equal(arguments_values(arguments, "--include", &values), 2);
    assert_string_equal(values[0], "a");
    assert_string_equal(values[1], "b");
    assert_int_equal(arguments_duration_ms(arguments, "--debounce", 7), 2000);
    assert_int_equal(arguments_values(arguments, "--exclude", &values), 0);
    arguments_free(arguments);
}

static void two_dashes_end_the_options_and_one_is_an_operand(void **state)
{
    (void)state;
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    assert_true(parse(WORDS("explain", "-", "--", "--json"), &arguments, &err));
    assert_false(arguments_has(arguments, "--json"));
    assert_int_equal(arguments_operands(arguments), 2);
    assert_string_equal(arguments_operand(arguments, 0), "-");
    assert_string_equal(arguments_operand(arguments, 1), "--json");
    arguments_free(arguments);
}

static void what_follows_psql_is_left_to_it(void **state)
{
    (void)state;
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    assert_true(
        parse(WORDS("-q", "psql", "-c", "TABLE x", "--json", "--nonsense"), &arguments, &err));
    assert_true(arguments_has(arguments, "--quiet"));
    assert_false(arguments_has(arguments, "--json"));
    assert_int_equal(arguments_operands(arguments), 4);
    arguments_free(arguments);
}

static void letters_may_stand_together(void **state)
{
    (void)state;
    struct arguments *arguments = NULL;
    struct error err = ERROR_INIT;
    assert_true(parse(WORDS("audit", "-fqn5"), &arguments, &err));
    assert_true(arguments_has(arguments, "--follow") && arguments_has(arguments, "--quiet"));
    assert_int_equal(arguments_number(arguments, "--number", 20), 5);
    arguments_free(arguments);
}

static void errors_say_what_was_expected(void **state)
{
    (void)state;
    expect_refusal(WORDS("statsu"), "unknown command \"statsu\" (did you mean \"status\"?)");
    expect_refusal(
        WORDS("watch", "--debunce"), "unknown option \"--debunce\" (did you mean \"--debounce\"?)");
    expect_refusal(WORDS("watch", "--debounce=5"),
        "--debounce: \"5\" is not a duration with a unit (200ms, 2s, 10m, 1h)");
    expect_refusal(WORDS("watch", "--jobs"), "--jobs needs an argument: N");
    expect_refusal(
        WORDS("watch", "--jobs=999"), "--jobs: \"999\" is not a whole number from 0 to 256");
    expect_refusal(WORDS("--json=1", "status"), "--json takes no argument");
    expect_refusal(WORDS("config", "shwo"),
        "config: \"shwo\" is not one of show, check, example (did you mean \"show\"?)");
    expect_refusal(WORDS("doctor", "a", "b"), "doctor: unexpected argument \"b\"");
    expect_refusal(WORDS("status", "-Z"), "unknown option \"-Z\"");
}

/* Rows of the table that could not work. */
static void every_row_of_the_table_is_sound(void **state)
{
    (void)state;
    for (const struct command *command = commands; command->name != NULL; command++) {
        assert_ptr_equal(command_find(command->name), command);
        assert_true(strlen(command->summary) <= 60 && command->run != NULL);
        for (const struct option *option = command->options; option->name != NULL; option++) {
            assert_ptr_equal(command_option(command, option->name), option);
            assert_memory_equal(option->name, "--", 2);
            assert_true((option->argument == NULL) == (option->type == OPTION_FLAG));
            assert_true((option->choices != NULL) == (option->type == OPTION_CHOICE));
            assert_true(option->key == NULL || config_key_find(option->key) < config_n_keys);
            assert_true(option->argument_key == NULL ||
                        config_key_find(option->argument_key) < config_n_keys);
            for (const struct option *global = global_options; global->name != NULL; global++)
                assert_true(strcmp(global->name, option->name) != 0 &&
                            (option->letter == 0 || global->letter != option->letter));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_found_before_and_after_the_command),
        cmocka_unit_test(flags_become_settings_of_the_configuration),
        cmocka_unit_test(the_last_of_several_values_counts_unless_the_option_repeats),
        cmocka_unit_test(two_dashes_end_the_options_and_one_is_an_operand),
        cmocka_unit_test(what_follows_psql_is_left_to_it),
        cmocka_unit_test(letters_may_stand_together),
        cmocka_unit_test(errors_say_what_was_expected),
        cmocka_unit_test(every_row_of_the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
