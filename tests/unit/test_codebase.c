#include "unit.h"

#include <git2.h>
#include <sys/stat.h>

#include "app/codebase.h"
#include "app/git.h"
#include "base/arena.h"
#include "base/fd.h"

/* An empty repository with the remotes that a case wants. */
struct place {
    struct arena *arena;
    char folder[64];
    const char *sub;
};

static int make_place(void **state)
{
    struct place *place = memory_new(1, sizeof(*place));
    git_repository *repository = NULL;
    place->arena = arena_new(0);
    memcpy(place->folder, "/tmp/srctab-codebase-XXXXXX", sizeof("/tmp/srctab-codebase-XXXXXX"));
    *state = place;
    git_libgit2_init();
    if (mkdtemp(place->folder) == NULL || git_repository_init(&repository, place->folder, 0) < 0)
        return 1;
    git_repository_free(repository);
    place->sub = arena_printf(place->arena, "%s/Sub.dir", place->folder);
    return mkdir(place->sub, 0700);
}

static int remove_place(void **state)
{
    struct place *place = *state;
    AUTO_BUF command = BUF_INIT;
    buf_addf(&command, "rm -rf %s", place->folder);
    int status = system(buf_string(&command));
    arena_free(place->arena);
    free(place);
    git_libgit2_shutdown();
    return status;
}

static void set_config(const struct place *place, const char *key, const char *value)
{
    git_repository *repository = NULL;
    git_config *config = NULL;
    assert_int_equal(git_repository_open(&repository, place->folder), 0);
    assert_int_equal(git_repository_config(&config, repository), 0);
    assert_int_equal(git_config_set_string(config, key, value), 0);
    git_config_free(config);
    git_repository_free(repository);
}

static struct codebase codebase_at(const struct place *place, const char *path, const char *id)
{
    struct codebase codebase = {0};
    struct error err = ERROR_INIT;
    assert_true(codebase_of(place->arena, path, id, "host", &codebase, &err));
    return codebase;
}

static void urls_of_one_repository_give_one_source(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"git@github.com:a/b.git", "github.com/a/b"},
        {"https://github.com/a/b.git", "github.com/a/b"},
        {"https://github.com/a/b/", "github.com/a/b"},
        {"https://user:p@ss@github.com/a/b", "github.com/a/b"},
        {"ssh://git@github.com/a/b.git", "github.com/a/b"},
        {"ssh://git@host:2222/a/b.git", "host:2222/a/b"},
        {"git://host/a.git", "host/a"},
        {"/srv/git/a.git", "/srv/git/a"},
        {"file:///srv/git/a.git", "/srv/git/a"},
        {"host:a/b", "host/a/b"},
        {"", ""},
        {".git", ".git"},
    };
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(codebase_source_of_url(arena, cases[i][0]), cases[i][1]);
    arena_free(arena);
}

static void the_remote_origin_names_the_codebase(void **state)
{
    struct place *place = *state;
    set_config(place, "remote.another.url", "git@elsewhere.org:x/y.git");
    assert_string_equal(codebase_at(place, place->folder, NULL).codebase_id, "elsewhere_org_x_y");
    set_config(place, "remote.origin.url", "git@GitHub.com:Me/My.Repo.git");
    const struct codebase codebase = codebase_at(place, place->folder, NULL);
    assert_string_equal(codebase.codebase_id, "github_com_me_my_repo");
    assert_string_equal(codebase.tenant_id, "github_com_me_my_repo");
    assert_string_equal(codebase.source, "GitHub.com/Me/My.Repo");
    assert_string_equal(codebase.root_path, place->folder);
    assert_string_equal(codebase.host, "host");
}

static void a_folder_below_the_top_has_its_path_in_the_name(void **state)
{
    struct place *place = *state;
    set_config(place, "remote.origin.url", "git@github.com:a/b.git");
    const struct codebase codebase = codebase_at(place, place->sub, NULL);
    assert_string_equal(codebase.codebase_id, "github_com_a_b_sub_dir");
    assert_string_equal(codebase.source, "github.com/a/b//Sub.dir");
}

static void a_given_id_leaves_the_tenant_derived(void **state)
{
    struct place *place = *state;
    set_config(place, "remote.origin.url", "git@github.com:a/b.git");
    const struct codebase codebase = codebase_at(place, place->folder, "mine");
    assert_string_equal(codebase.codebase_id, "mine");
    assert_string_equal(codebase.tenant_id, "github_com_a_b");
}

/* printf %s /tmp | sha256sum */
static void without_a_remote_the_path_names_the_codebase(void **state)
{
    struct place *place = *state;
    const struct codebase codebase = codebase_at(place, "/tmp", NULL);
    assert_string_equal(codebase.codebase_id, "path_e9671acd244849c5");
    assert_string_equal(codebase.source, "path:/tmp");
    assert_string_equal(
        codebase_at(place, "/tmp/../tmp/.", NULL).codebase_id, "path_e9671acd244849c5");
}

static void what_is_no_folder_is_refused(void **state)
{
    struct place *place = *state;
    struct codebase codebase;
    struct error err = ERROR_INIT;
    assert_false(codebase_of(place->arena, "/nonexistent", NULL, "host", &codebase, &err));
    assert_int_equal(error_exit_code(&err), 4);
    assert_string_equal(
        err.message, "could not open folder \"/nonexistent\": No such file or directory");
    err = ERROR_INIT;
    assert_false(codebase_of(place->arena, "/etc/passwd", NULL, "host", &codebase, &err));
    assert_int_equal(error_exit_code(&err), 4);
}

static void an_unborn_branch_has_its_name_and_no_repository_is_main(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    git_repository *repository = NULL;
    assert_int_equal(git_repository_open(&repository, place->folder), 0);
    assert_int_equal(git_repository_set_head(repository, "refs/heads/topic/a"), 0);
    git_repository_free(repository);
    assert_string_equal(git_branch_of(place->sub, place->arena), "topic/a");
    assert_string_equal(git_branch_of("/", place->arena), "main");
    struct git *git = NULL;
    assert_true(git_open("/", &git, &err));
    assert_null(git);
}

static void an_unknown_revision_is_the_callers_mistake(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    struct git *git = NULL;
    char id[65];
    assert_true(git_open(place->folder, &git, &err));
    assert_false(git_resolve(git, "nosuch", id, &err));
    assert_int_equal(error_exit_code(&err), 2);
    assert_non_null(strstr(err.message, "nosuch"));
    git_free(git);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_of_one_repository_give_one_source),
        CASE(the_remote_origin_names_the_codebase),
        CASE(a_folder_below_the_top_has_its_path_in_the_name),
        CASE(a_given_id_leaves_the_tenant_derived),
        CASE(without_a_remote_the_path_names_the_codebase),
        CASE(what_is_no_folder_is_refused),
        CASE(an_unborn_branch_has_its_name_and_no_repository_is_main),
        CASE(an_unknown_revision_is_the_callers_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
