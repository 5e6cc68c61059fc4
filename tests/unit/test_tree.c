#include "unit.h"

#include "watch/tree.h"

static uint32_t add_file(struct tree *tree, uint32_t folder, const char *name)
{
    uint32_t file = tree_new_file(tree, name, strlen(name), 1);
    tree_attach(tree, folder, file);
    return file;
}

static uint32_t add_folder(struct tree *tree, uint32_t folder, const char *name)
{
    uint32_t handle = tree_new_folder(tree, name, strlen(name), 1);
    if (folder != 0)
        tree_attach(tree, folder, handle);
    return handle;
}

static void free_below(struct tree *tree, uint32_t top)
{
    struct walk walk;
    walk_begin(&walk, tree, top, "");
    for (uint32_t at; (at = walk_next(&walk)) != 0;)
        tree_free(tree, at);
    walk_release(&walk);
}

static int setup(void **state)
{
    static struct tree tree;
    tree_init(&tree, 7);
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    tree_release(*state);
    return 0;
}

static void nodes_keep_to_their_size(void **state)
{
    (void)state;
    assert_int_equal(offsetof(struct file, name), 32);
    assert_true(sizeof(struct folder) <= 72);
}

static void a_child_is_found_by_its_name_only(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), file = add_file(tree, root, "abc");
    assert_int_equal(tree_find(tree, root, "abc", 3), file);
    assert_int_equal(tree_find(tree, root, "ab", 2), 0);
    assert_int_equal(tree_find(tree, root, "abcd", 4), 0);
    assert_int_equal(tree_find(tree, root, "", 0), 0);
}

static void thousands_of_children_come_and_go_in_any_order(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), random = 1;
    static uint32_t files[5000];
    char name[16];
    for (unsigned step = 0; step < 40000; step++) {
        random = random * 1103515245u + 12345u;
        unsigned i = (random >> 8) % 5000;
        int length = snprintf(name, sizeof(name), "f%u", i);
        assert_int_equal(tree_find(tree, root, name, (size_t)length), files[i]);
        if (files[i] != 0) {
            tree_detach(tree, files[i]);
            tree_free(tree, files[i]);
            files[i] = 0;
        } else {
            files[i] = add_file(tree, root, name);
        }
    }
    for (unsigned i = 0; i < 5000; i++) {
        int length = snprintf(name, sizeof(name), "f%u", i);
        assert_int_equal(tree_find(tree, root, name, (size_t)length), files[i]);
    }
    free_below(tree, root);
    assert_int_equal(tree->n_files, 0);
    assert_int_equal(tree->n_folders, 0);
    assert_int_equal(tree->slab.used_bytes, 0);
    assert_int_equal(tree->table_bytes, 0);
}

static void a_moved_folder_takes_all_below_it_along(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), a = add_folder(tree, root, "a");
    uint32_t b = add_folder(tree, a, "b"), file = add_file(tree, b, "f"),
             c = add_folder(tree, root, "c");
    tree_detach(tree, b);
    tree_rename(tree, b, "moved", 5);
    tree_attach(tree, c, b);
    AUTO_BUF path = BUF_INIT;
    tree_add_path(tree, file, &path);
    assert_string_equal(buf_string(&path), "c/moved/f");
    assert_int_equal(tree_find_path(tree, root, "c/moved/f"), file);
    assert_int_equal(tree_find_path(tree, root, "a/b/f"), 0);
    assert_int_equal(tree_find_path(tree, root, ""), root);
    assert_int_equal(tree_depth(tree, file), 3);
    assert_int_equal(tree_top(tree, file), root);
    assert_true(tree_is_below(tree, b, c));
    assert_false(tree_is_below(tree, c, b));
}

static void a_walk_gives_folders_after_what_is_in_them(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), a = add_folder(tree, root, "a");
    add_file(tree, a, "f");
    struct walk walk;
    walk_begin(&walk, tree, root, "top");
    (void)walk_next(&walk);
    assert_string_equal(walk.path.data, "top/a/f");
    assert_int_equal(walk_next(&walk), a);
    assert_string_equal(walk.path.data, "top/a");
    assert_int_equal(walk_next(&walk), root);
    assert_string_equal(walk.path.data, "top");
    assert_int_equal(walk_next(&walk), 0);
    walk_release(&walk);
}

static void a_tree_a_hundred_thousand_folders_deep_needs_no_stack(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), at = root;
    for (unsigned i = 0; i < 100000; i++)
        at = add_folder(tree, at, "d");
    assert_int_equal(tree_depth(tree, at), 100000);
    free_below(tree, root);
    assert_int_equal(tree->n_folders, 0);
}

static void unseen_children_are_given_until_all_are_seen(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, ""), slot = 0, found = 0;
    char name[16];
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        tree_node(tree, add_file(tree, root, name))->flags |= NODE_SEEN;
    }
    assert_int_equal(tree_next_unseen(tree, root, &slot), 0);
    tree_clear_seen(tree, root);
    slot = 0;
    for (uint32_t at; (at = tree_next_unseen(tree, root, &slot)) != 0; found++)
        tree_node(tree, at)->flags |= NODE_SEEN;
    assert_int_equal(found, 20);
}

static void freed_memory_is_used_again(void **state)
{
    struct tree *tree = *state;
    uint32_t root = add_folder(tree, 0, "");
    size_t before = 0;
    for (unsigned turn = 0; turn < 50; turn++) {
        uint32_t top = add_folder(tree, root, "top");
        for (unsigned i = 0; i < 2000; i++) {
            char name[16];
            (void)snprintf(name, sizeof(name), "file%u", i);
            add_file(tree, top, name);
        }
        tree_detach(tree, top);
        free_below(tree, top);
        if (turn == 0)
            before = slab_size_bytes(&tree->slab);
    }
    assert_int_equal(slab_size_bytes(&tree->slab), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nodes_keep_to_their_size, setup, teardown),
        cmocka_unit_test_setup_teardown(a_child_is_found_by_its_name_only, setup, teardown),
        cmocka_unit_test_setup_teardown(
            thousands_of_children_come_and_go_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_moved_folder_takes_all_below_it_along, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_walk_gives_folders_after_what_is_in_them, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_tree_a_hundred_thousand_folders_deep_needs_no_stack, setup, teardown),
        cmocka_unit_test_setup_teardown(
            unseen_children_are_given_until_all_are_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_memory_is_used_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
