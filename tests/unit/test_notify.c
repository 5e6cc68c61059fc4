#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "scratch.h"
#include "watch/notify.h"

static struct notify start(void)
{
    struct notify notify;
    struct error err = ERROR_INIT;
    assert_true(notify_init(&notify, &err));
    return notify;
}

static int open_new_folder(const char *top, unsigned i)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/d%u", top, i);
    (void)mkdir(path, 0755);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int make(void **state)
{
    static struct scratch scratch;
    scratch = scratch_new();
    *state = &scratch;
    return 0;
}

static int clean(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void one_folder_has_one_watch(void **state)
{
    struct notify notify = start();
    AUTO_CLOSE int first = open_new_folder(((struct scratch *)*state)->path, 1),
                   again = open_new_folder(((struct scratch *)*state)->path, 1);
    int wd = notify_watch(&notify, first);
    assert_true(wd > 0);
    assert_int_equal(notify_watch(&notify, again), wd);
    notify_set_folder(&notify, wd, 42);
    assert_int_equal(notify_folder(&notify, wd), 42);
    assert_int_equal(notify_folder(&notify, wd + 1), 0);
    notify_release(&notify);
}

static void a_watch_nobody_has_is_given_back(void **state)
{
    struct notify notify = start();
    AUTO_CLOSE int fd = open_new_folder(((struct scratch *)*state)->path, 1);
    int wd = notify_watch(&notify, fd);
    notify_set_folder(&notify, wd, 42);
    notify_set_folder(&notify, wd, 0);
    assert_int_not_equal(notify_watch(&notify, fd), wd);
    notify_release(&notify);
}

static void a_borrowed_watch_outlives_its_folder(void **state)
{
    struct notify notify = start();
    AUTO_CLOSE int fd = open_new_folder(((struct scratch *)*state)->path, 1);
    int wd = notify_borrow(&notify, fd, NOTIFY_MASK_SELF);
    assert_true(notify_is_borrowed(&notify, wd));
    assert_int_equal(notify_watch(&notify, fd), wd);
    notify_set_folder(&notify, wd, 42);
    notify_set_folder(&notify, wd, 0);
    assert_true(notify_is_borrowed(&notify, wd));
    assert_int_equal(notify_watch(&notify, fd), wd);
    notify_give_back(&notify, wd);
    assert_int_not_equal(notify_watch(&notify, fd), wd);
    notify_release(&notify);
}

static void a_thousand_watches_keep_their_folders(void **state)
{
    struct notify notify = start();
    static int wds[1000];
    for (unsigned i = 0; i < 1000; i++) {
        AUTO_CLOSE int fd = open_new_folder(((struct scratch *)*state)->path, i);
        wds[i] = notify_watch(&notify, fd);
        notify_set_folder(&notify, wds[i], i + 1);
    }
    for (unsigned i = 0; i < 1000; i += 3)
        notify_set_folder(&notify, wds[i], 0);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(notify_folder(&notify, wds[i]), i % 3 == 0 ? 0 : i + 1);
    notify_release(&notify);
}

static void bytes_in_the_queue_are_those_that_are_read(void **state)
{
    struct notify notify = start();
    AUTO_CLOSE int fd = open_new_folder(((struct scratch *)*state)->path, 1);
    notify_set_folder(&notify, notify_watch(&notify, fd), 1);
    assert_int_equal(notify_queue_bytes(&notify), 0);
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "f%u", i);
        close(openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    }
    size_t waiting = notify_queue_bytes(&notify);
    assert_true(waiting > 0);
    assert_int_equal(notify_read(&notify), waiting);
    assert_int_equal(notify.read_bytes, waiting);
    assert_int_equal(notify_read(&notify), 0);
    notify_release(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_folder_has_one_watch, make, clean),
        cmocka_unit_test_setup_teardown(a_watch_nobody_has_is_given_back, make, clean),
        cmocka_unit_test_setup_teardown(a_borrowed_watch_outlives_its_folder, make, clean),
        cmocka_unit_test_setup_teardown(a_thousand_watches_keep_their_folders, make, clean),
        cmocka_unit_test_setup_teardown(bytes_in_the_queue_are_those_that_are_read, make, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
