"""Scenarios 1 to 19: folders that are made, moved, swapped and removed faster than anybody can look; roots that go and come."""
import os
import shutil
import subprocess
import time

from scenario import eventually, exchange, expect, scenario


@scenario(1, "star short")
def random_operations_of_three_writers(s):
    s.watch()
    for turn in range(s.sized(2, 5)):
        s.churn(s.dice.randrange(1 << 30), s.sized(1500, 10000)).wait()
        s.equal()


@scenario(1, "star")
def random_operations_while_the_daemon_is_stopped_and_its_queue_overflows(s):
    s.watch()
    s.churn(s.dice.randrange(1 << 30), s.sized(2000, 10000), stop_pid=s.pid).wait()
    s.equal()


@scenario(2, "star short")
def files_in_folders_made_the_moment_before(s):
    s.watch()
    for i in range(300):
        s.write("%d/b/c/d/f.txt" % i, "x %d\n" % i)
    s.equal()


@scenario(3, "star")
def an_overflow_of_the_queue_followed_by_a_rename_and_more_files(s):
    s.write("d/first.txt", "x\n")
    s.watch()
    with s.stopped():
        for i in range(s.sized(1500, 9000)):
            s.write("d/f%d.txt" % i, "x %d\n" % i)
        s.flood("d/flood")
        os.rename(s.path("d"), s.path("e"))
        for i in range(50):
            s.write("e/late%d.txt" % i, "x\n")
    s.equal()
    s.write("e/after.txt", "x\n")
    s.equal()


@scenario(4, "star short")
def a_copy_of_a_big_tree_that_is_renamed_while_it_is_scanned(s):
    s.folders("from", s.sized(150, 1000), 2)
    s.watch()
    subprocess.run(["cp", "-r", "from", "to"], cwd=s.tree, check=True)
    s.pause()
    os.rename(s.path("to"), s.path("there"))
    s.equal()
    copy = subprocess.Popen(["cp", "-r", s.path("from"), s.path("again")], stderr=subprocess.DEVNULL)
    eventually(lambda: os.path.exists(s.path("again/d3")) or copy.poll() is not None, "the copy has begun")
    os.rename(s.path("again"), s.path("other"))
    copy.wait()
    s.equal()


@scenario(5, "star short")
def names_that_change_places_while_it_is_stopped(s):
    s.watch()
    with s.stopped():
        s.shell("touch a; mkdir d1 d2; mv d1 d2; mv d2/d1 .; mv a d1")
    s.equal_rows("d1/a")


@scenario(6, "star short")
def folders_that_wander_into_each_other_while_it_is_stopped(s):
    s.watch()
    with s.stopped():
        s.shell("mkdir d1 d2 d3; touch d1/a; mv d1 d2 d3; mv d3/* .; mv d1 d2 d3; mv d3/* .; mv d1/a d2")
    s.equal_rows("d2/a")


@scenario(7, "star short")
def a_folder_renamed_and_replaced_by_a_link_to_it(s):
    s.write("foo/a", "x\n")
    s.watch()
    with s.stopped():
        s.shell("mv foo bar && ln -s bar foo")
    s.equal_rows("bar/a")
    s.write("bar/a", "y\n")
    s.equal_rows("bar/a")


@scenario(8, "star short")
def files_written_in_every_folder_right_after_the_rename_of_the_top(s):
    n = s.sized(200, 1000)
    s.folders("a", n)
    s.watch()
    os.rename(s.path("a"), s.path("b"))
    for i in range(n):
        s.write("b/d%d/new.txt" % i, "new %d\n" % i)
    s.equal()
    expect(not [path for path in s.rows() if path.startswith("a/")], "rows under the old name")


@scenario(9, "star short")
def two_folders_exchanged_and_then_written_in(s):
    s.write("a/one.txt", "1\n")
    s.write("b/two.txt", "2\n")
    s.watch()
    for turn in range(3):
        exchange(s.path("a"), s.path("b"))
        s.pause()
        s.write("a/more.txt", "a %d\n" % turn)
        s.write("b/more.txt", "b %d\n" % turn)
        s.equal()
    s.equal_rows("a/more.txt", "a/two.txt", "b/more.txt", "b/one.txt")


@scenario(9, "star")
def a_file_and_a_folder_exchanged(s):
    s.write("a", "file\n")
    s.write("b/two.txt", "2\n")
    s.watch()
    exchange(s.path("a"), s.path("b"))
    s.equal_rows("a/two.txt", "b")


@scenario(10, "star short")
def a_cycle_of_renames_twice(s):
    for name in "ab":
        s.write("%s/sub/%s.txt" % (name, name), name + "\n")
        s.write("%s/same.txt" % name, name + "\n")
    s.watch()
    for _ in range(2):
        with s.stopped():
            s.shell("mv a t; mv b a; mv t b")
        s.pause()
        s.equal()
    s.shell("mv a t; mv b a; mv t b; mv a t; mv b a; mv t b")
    s.equal_rows("a/same.txt", "a/sub/a.txt", "b/same.txt", "b/sub/b.txt")


@scenario(11, "short")
def a_folder_moved_out_of_the_root_is_no_longer_watched(s):
    s.write("p/q/x/f.txt", "x\n")
    s.write("p/here.txt", "x\n")
    s.watch()
    os.rename(s.path("p/q"), s.out("q"))
    s.write_out("q/x/late.txt", "x\n")
    s.equal_rows("p/here.txt")
    s.write_out("q/x/later.txt", "x\n")
    s.equal_rows("p/here.txt")
    if not s.polls:
        freed = s.watches()
        os.rename(s.out("q"), s.path("q"))
        s.equal()
        expect(s.watches() == freed + 2, "%d watches after the move back, %d before it" % (s.watches(), freed))


@scenario(12, "short")
def a_folder_of_five_levels_moved_in(s):
    for path in ("a/f", "a/b/f", "a/b/c/f", "a/b/c/d/f", "a/b/c/d/e/f"):
        s.write_out(path, path + "\n")
    s.watch()
    os.rename(s.out("a"), s.path("in"))
    s.equal_rows("in/f", "in/b/f", "in/b/c/f", "in/b/c/d/f", "in/b/c/d/e/f")
    s.write("in/b/c/d/e/g", "x\n")
    s.equal()


@scenario(13, "short")
def a_folder_moved_out_and_back_under_another_name(s):
    s.write("a/b/f.txt", "x\n")
    s.watch()
    name = "a"
    for turn, away_s in enumerate((0, 0.1, s.sized(1, 5))):
        os.rename(s.path(name), s.out("x"))
        time.sleep(away_s)
        name = "n%d" % turn
        os.rename(s.out("x"), s.path(name))
        s.equal_rows(name + "/b/f.txt")
        s.write(name + "/b/f.txt", "turn %d\n" % turn)
        s.equal()


@scenario(14, "star short")
def a_folder_removed_and_made_anew_a_hundred_times(s):
    s.watch()
    for turn in range(100):
        shutil.rmtree(s.path("d"), ignore_errors=True)
        s.write("d/sub/f.txt", "turn %d\n" % turn)
    s.equal_rows("d/sub/f.txt")


@scenario(15, "short")
def a_folder_swapped_for_another_at_once_and_in_steps(s):
    s.write("dir/a.txt", "old\n")
    s.write("alt/a.txt", "new\n")
    s.watch()
    s.shell("mv dir bye; mv alt dir")
    s.equal_rows("dir/a.txt", "bye/a.txt")
    s.shell("mv dir alt")
    s.equal_rows("alt/a.txt", "bye/a.txt")
    s.shell("mv bye dir; echo more >> dir/a.txt")
    s.equal_rows("alt/a.txt", "dir/a.txt")


@scenario(16, "short")
def a_folder_that_becomes_a_file_and_a_file_that_becomes_a_folder(s):
    s.write("x/f.txt", "x\n")
    s.write("y", "y\n")
    s.watch()
    shutil.rmtree(s.path("x"))
    os.unlink(s.path("y"))
    s.write("x", "now a file\n")
    s.write("y/f.txt", "now a folder\n")
    s.equal_rows("x", "y/f.txt")
    with s.stopped():
        os.unlink(s.path("x"))
        shutil.rmtree(s.path("y"))
        s.write("x/g.txt", "x\n")
        s.write("y", "y\n")
    s.equal_rows("x/g.txt", "y")


@scenario(17, "short")
def the_contents_of_a_folder_moved_deeper_and_up_again(s):
    for path in ("T1/F1", "T1/T2/F1", "T1/T2/T3/F1", "T1/T2/T3/T4/F1"):
        s.write(path, path + "\n")
    s.watch()
    s.shell("mkdir T1/_new_; mv T1/[A-Z]* T1/_new_")
    s.pause()
    s.shell("mv T1/_new_/T2/T3 T1")
    s.equal_rows("T1/_new_/F1", "T1/_new_/T2/F1", "T1/T3/F1", "T1/T3/T4/F1")


@scenario(18, "short")
def a_root_removed_and_made_anew_later_with_other_files(s):
    s.write("old/f.txt", "old\n")
    daemon = s.watch()
    s.equal()
    shutil.rmtree(s.tree)
    eventually(lambda: "offline" in daemon.log(), lambda: "it says that the root is offline:\n" + daemon.log())
    time.sleep(s.sized(0.5, 3))
    s.write("new/f.txt", "new\n")
    s.becomes_equal()
    s.write("new/later.txt", "later\n")
    s.equal_rows("new/f.txt", "new/later.txt")


@scenario(19, "short")
def a_folder_above_the_root_renamed_away_and_a_new_tree_put_in_its_place(s):
    above = os.path.join(s.base, "above")
    s.tree = os.path.join(above, "mid", "tree")
    s.write("old.txt", "old\n")
    s.configure()
    s.watch()
    s.equal()
    os.rename(above, os.path.join(s.base, "was"))
    s.pause()
    s.write("new.txt", "new\n")
    s.becomes_equal()
    s.write("later.txt", "later\n")
    s.equal_rows("later.txt", "new.txt")
