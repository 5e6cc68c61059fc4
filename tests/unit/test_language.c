#include "unit.h"

#include "analyze/language.h"
#include "base/attr.h"

static const char *named(const char *path)
{
    const struct language *language = NULL;
    switch (language_of_name(path, &language)) {
    case LANGUAGE_NAMED:
        return language->id;
    case LANGUAGE_MAYBE_SCRIPT:
        return "maybe a script";
    case LANGUAGE_NONE:
        return "none";
    }
    return "impossible";
}

static const char *shebang(const char *text)
{
    const struct language *language = language_of_shebang((const uint8_t *)text, strlen(text));
    return language ? language->id : "none";
}

static const char *content(const char *path, const char *text)
{
    const struct language *language =
        language_of_content(path, (const uint8_t *)text, strlen(text));
    return language ? language->id : "none";
}

static void each_language_is_found_by_its_id_and_the_table_is_sorted(void **state)
{
    (void)state;
    assert_true(language_count > 1);
    for (size_t i = 0; i < language_count; i++) {
        assert_ptr_equal(language_by_id(languages[i].id), &languages[i]);
        assert_true(i == 0 || strcmp(languages[i - 1].id, languages[i].id) < 0);
        assert_int_equal(strlen(languages[i].digest), 64);
    }
    assert_null(language_by_id("klingon"));
}

static void the_extension_decides(void **state)
{
    (void)state;
    static const struct {
        const char *path, *id;
    } cases[] = {
        {"lib/a.ex", "elixir"},
        {"a.exs", "elixir"},
        {"src/a.rs", "rust"},
        {"a.ts", "typescript"},
        {"a.tsx", "tsx"},
        {"a.jsx", "javascript"},
        {"a.mjs", "javascript"},
        {"a.py", "python"},
        {"a.pyi", "python"},
        {"a.go", "go"},
        {"flake.nix", "nix"},
        {"a.sh", "bash"},
        {"a.toml", "toml"},
        {"a.json", "json"},
        {"a.yml", "yaml"},
        {"README.md", "markdown"},
        {"a.c", "c"},
        {"a.h", "c"},
        {"a.cpp", "cpp"},
        {"a.hpp", "cpp"},
        {"A.java", "java"},
        {"a.rb", "ruby"},
        {"a.cs", "csharp"},
        {"a.php", "php"},
        {"a.zsh", "zsh"},
        {"a.d.ts", "typescript"},
        {"a.tar.gz", "none"},
        {"dir.py/a.xyz", "none"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(named(cases[i].path), cases[i].id);
}

static void the_exact_extension_wins_over_its_lower_case(void **state)
{
    (void)state;
    assert_string_equal(named("a.C"), "cpp");
    assert_string_equal(named("a.c"), "c");
    assert_string_equal(named("README.MD"), "markdown");
    assert_string_equal(named("SETUP.PY"), "python");
}

static void a_file_name_wins_over_its_extension(void **state)
{
    (void)state;
    assert_string_equal(named("a/Cargo.lock"), "toml");
    assert_string_equal(named("flake.lock"), "json");
    assert_string_equal(named("Gemfile"), "ruby");
    assert_string_equal(named(".bashrc"), "bash");
    assert_string_equal(named("other.lock"), "none");
}

static void a_name_without_extension_may_be_a_script(void **state)
{
    (void)state;
    assert_string_equal(named("bin/run"), "maybe a script");
    assert_string_equal(named(".hidden"), "maybe a script");
    assert_string_equal(named("a.dir/run"), "maybe a script");
    assert_string_equal(named("x."), "maybe a script");
}

static void the_interpreter_of_a_script_decides(void **state)
{
    (void)state;
    static const struct {
        const char *text, *id;
    } cases[] = {
        {"#!/bin/sh\n", "bash"},
        {"#! /bin/bash -e\n", "bash"},
        {"#!/usr/bin/env bash\n", "bash"},
        {"#!/usr/bin/env python3.11\n", "python"},
        {"#!/usr/bin/python2.7 -u\nx", "python"},
        {"#!/usr/bin/env -S python3 -u\n", "python"},
        {"#!/usr/bin/env -Spython3 -u\n", "python"},
        {"#!/usr/bin/env --split-string=node --harmony\n", "javascript"},
        {"#!/usr/bin/env -i LANG=C ruby -w\n", "ruby"},
        {"#!/usr/local/bin/elixir\r\n", "elixir"},
        {"#!/usr/bin/env\tphp8.2", "php"},
        {"#!/usr/bin/zsh\n", "zsh"},
        {"#!/usr/bin/env -S deno run\n", "typescript"},
        {"#!/usr/bin/perl\n", "none"},
        {"#!/usr/bin/env\n", "none"},
        {"#!/usr/bin/env -S\n", "none"},
        {"#!\n", "none"},
        {"#!", "none"},
        {"#", "none"},
        {"", "none"},
        {"# /bin/sh\n", "none"},
        {" #!/bin/sh\n", "none"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(shebang(cases[i].text), cases[i].id);
}

static void a_nul_byte_makes_no_script(void **state)
{
    (void)state;
    static const uint8_t bytes[] = "#!/bin/sh\0\n";
    assert_null(language_of_shebang(bytes, sizeof(bytes) - 1));
}

static void only_a_name_without_extension_is_looked_into(void **state)
{
    (void)state;
    assert_string_equal(content("run", "#!/bin/sh\n"), "bash");
    assert_string_equal(content("run", "text\n"), "none");
    assert_string_equal(content("run.xyz", "#!/bin/sh\n"), "none");
    assert_string_equal(content("run.py", "#!/bin/sh\n"), "python");
}

static void a_header_with_a_line_of_the_other_language_is_claimed(void **state)
{
    (void)state;
    assert_string_equal(content("a.h", ""), "c");
    assert_string_equal(content("a.h", "#include <stdio.h>\nint f(void);\n"), "c");
    assert_string_equal(content("a.h", "#pragma once\nnamespace a {\nint f();\n}\n"), "cpp");
    assert_string_equal(content("a.h", "struct a {\n  public:\n    int b;\n};"), "cpp");
    assert_string_equal(content("a.h", "/* a namespace is C++\n */\nint f(void);\n"), "c");
    assert_string_equal(content("a.c", "namespace a {}\n"), "c");
}

static void only_the_beginning_of_a_large_header_is_looked_at(void **state)
{
    (void)state;
    static char text[128 * 1024];
    memset(text, 'x', sizeof(text));
    memcpy(text + 100 * 1024, "\npublic:\n", 9);
    assert_string_equal(language_of_content("a.h", (const uint8_t *)text, sizeof(text))->id, "c");
}

static void test_files_are_known_by_name_or_folder(void **state)
{
    (void)state;
    const struct language *python = language_by_id("python");
    const struct language *java = language_by_id("java");
    assert_true(language_is_test(python, "a/test_x.py"));
    assert_true(language_is_test(python, "a/tests/b/x.py"));
    assert_true(language_is_test(python, "tests/x.py"));
    assert_false(language_is_test(python, "latests/x.py"));
    assert_false(language_is_test(python, "a/x.py"));
    assert_false(language_is_test(python, "a/tests"));
    assert_true(language_is_test(java, "m/src/test/java/a/B.java"));
    assert_false(language_is_test(java, "src/main/java/B.java"));
}

static void a_capability_is_there_only_when_it_is_declared(void **state)
{
    (void)state;
    assert_true(language_has(language_by_id("rust"), "trait"));
    assert_false(language_has(language_by_id("c"), "class"));
    assert_false(language_has(language_by_id("json"), "comments"));
    assert_true(language_has(language_by_id("json"), "all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_is_found_by_its_id_and_the_table_is_sorted),
        cmocka_unit_test(the_extension_decides),
        cmocka_unit_test(the_exact_extension_wins_over_its_lower_case),
        cmocka_unit_test(a_file_name_wins_over_its_extension),
        cmocka_unit_test(a_name_without_extension_may_be_a_script),
        cmocka_unit_test(the_interpreter_of_a_script_decides),
        cmocka_unit_test(a_nul_byte_makes_no_script),
        cmocka_unit_test(only_a_name_without_extension_is_looked_into),
        cmocka_unit_test(a_header_with_a_line_of_the_other_language_is_claimed),
        cmocka_unit_test(only_the_beginning_of_a_large_header_is_looked_at),
        cmocka_unit_test(test_files_are_known_by_name_or_folder),
        cmocka_unit_test(a_capability_is_there_only_when_it_is_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
