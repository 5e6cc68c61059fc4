"""Scenarios 59 to 66: what is wanted, what is not, and what changes nothing."""
import os
import signal

from resources import equal_below, watch_configured
from scenario import eventually, expect, scenario


@scenario(59, "short events")
def an_ignored_folder_costs_no_watches(s):
    s.write(".gitignore", "node_modules/\n")
    s.write("src/a.txt", "x\n")
    s.watch()
    s.equal()
    before = s.watches()
    for i in range(s.sized(300, 20000)):
        s.write("node_modules/p%d/index.js" % i, "x\n")
    wanted = lambda path: not path.startswith("node_modules/")  # noqa: E731
    s.equal(wanted)
    expect(s.watches() == before, "%d watches, %d before" % (s.watches(), before))
    s.daemons[-1].stop()
    s.watch()
    s.equal(wanted)
    expect(s.watches() == before, "%d watches after a restart, %d before" % (s.watches(), before))


@scenario(60, "short")
def an_edit_of_gitignore_takes_rows_away_and_brings_them(s):
    for path in ("keep.c", "z.h", "sub/build/x.c", "sub/y.c"):
        s.write(path, path + "\n")
    s.watch()
    s.equal_rows("keep.c", "z.h", "sub/build/x.c", "sub/y.c")
    s.write(".gitignore", "build/\n*.h\n")
    s.wait()
    expect(s.rows() == [".gitignore", "keep.c", "sub/y.c"], s.rows())
    s.write("sub/build/late.c", "x\n")
    s.write("sub/.gitignore", "!build/\ny.c\n")
    s.wait()
    expect(s.rows() == [".gitignore", "keep.c", "sub/.gitignore", "sub/build/late.c", "sub/build/x.c"], s.rows())
    os.unlink(s.path(".gitignore"))
    os.rename(s.path("sub/.gitignore"), s.path("sub/plain"))
    s.equal_rows("keep.c", "z.h", "sub/build/x.c", "sub/build/late.c", "sub/y.c", "sub/plain")


def tracked_by_git(s):
    s.env["GIT_CONFIG_GLOBAL"] = "/dev/null"
    names = s.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
    return {os.fsdecode(name) for name in names if name}


@scenario(61, "short")
def nested_ignore_files_negations_anchors_and_folders_only(s):
    s.git("init", "-q")
    s.write(".gitignore", "*.out\n!keep.out\n/top\nonly/\n**/deep/x\nlog[0-9].txt\nsub/*.c\n!sub/main.c\n\\#hash\n trailing\n")
    for path in ("a.out", "keep.out", "top", "d/top", "only/f", "d/only", "d/e/deep/x", "deep/y", "log1.txt", "logs.txt", "sub/a.c", "sub/main.c", "sub/d/b.c",
                 "#hash", "d/keep.out", "d/.git-not/f"):
        s.write(path, path + "\n")
    s.write("d/.gitignore", "!*.out\nkeep.out\n/only\n")
    s.write("nested/.git/HEAD", "ref: refs/heads/main\n")
    s.watch()
    s.equal(lambda path: path in tracked_by_git(s) or path.startswith("nested/"))
    s.write("d/b.out", "x\n")
    s.write("d/e/keep.out", "x\n")
    s.write("d/.gitignore", "!*.out\n")
    s.equal(lambda path: path in tracked_by_git(s) or path.startswith("nested/"))
    s.write(".git/info/exclude", "sub/\n")
    s.becomes_equal(lambda path: path in tracked_by_git(s) or path.startswith("nested/"))


@scenario(62, "short")
def an_ignored_folder_renamed_to_a_wanted_name_and_back(s):
    s.write(".gitignore", "skip/\n")
    s.write("skip/d/a.txt", "x\n")
    s.write("keep/b.txt", "x\n")
    s.watch()
    wanted = lambda path: not path.startswith("skip/")  # noqa: E731
    s.equal(wanted)
    os.rename(s.path("skip"), s.path("taken"))
    s.equal(wanted)
    s.write("taken/d/new.txt", "x\n")
    s.equal(wanted)
    os.rename(s.path("taken"), s.path("skip"))
    s.equal(wanted)
    os.rename(s.path("keep/b.txt"), s.path("skip/b.txt"))
    s.equal(wanted)
    os.rename(s.path("skip/d"), s.path("keep/d"))
    s.equal(wanted)


@scenario(63, "short")
def a_rename_that_changes_case_only(s):
    s.write("a.txt", "x\n")
    s.write("dir/f.txt", "x\n")
    s.watch()
    os.rename(s.path("a.txt"), s.path("A.txt"))
    os.rename(s.path("dir"), s.path("Dir"))
    s.equal_rows("A.txt", "Dir/f.txt")


@scenario(64, "short")
def a_touch_alone_writes_nothing(s):
    s.write("a.txt", "x\n")
    s.watch()
    for when in (1, 2209000000):
        before = s.row("a.txt", "xmin::text"), s.row("a.txt", "xmin::text", "codebase_metadata")
        os.utime(s.path("a.txt"), (when, when))
        s.equal()
        after = s.row("a.txt", "xmin::text"), s.row("a.txt", "xmin::text", "codebase_metadata")
        expect(after == before, "the row was written again")
    s.write("a.txt", "x\n")
    s.equal()
    expect(s.row("a.txt", "xmin::text") == before[0], "the row was written again after the same content was saved")


@scenario(65, "short")
def an_empty_file_that_gets_content_and_loses_it(s):
    s.write("a.py", "")
    s.write("no_newline.py", "x = 1")
    s.watch()
    s.equal()
    for text in ("x = 1\n", "", "x = 2", "\n", ""):
        s.write("a.py", text)
        s.equal()
    expect(s.row("a.py", "content") == ("",), s.row("a.py", "content"))


@scenario(66, "short")
def a_root_taken_from_the_configuration_and_put_back(s):
    roots = [(s.path(name), "%s_%s" % (s.id, name)) for name in "abc"]
    for name in "abc":
        s.write(name + "/f.txt", name + "\n")
    daemon = watch_configured(s, roots[:2], ready=False)
    eventually(lambda: all(equal_below(s, *root) for root in roots[:2]), "both roots are in the tables")
    watch_configured(s, [roots[0], roots[2]], ready=None)
    daemon.send(signal.SIGHUP)
    eventually(lambda: equal_below(s, *roots[2]), "the added root is in the tables")
    eventually(lambda: "no longer watched" in daemon.log(), daemon.log)
    expect(equal_below(s, *roots[1]), "rows of the root that was taken away are gone")
    s.write("b/late.txt", "x\n")
    s.write("a/f.txt", "changed\n")
    eventually(lambda: equal_below(s, *roots[0]), "the other root goes on")
    expect(not equal_below(s, *roots[1]), "the root that was taken away is still watched")
    watch_configured(s, roots, ready=None)
    daemon.send(signal.SIGHUP)
    eventually(lambda: all(equal_below(s, *root) for root in roots), "all roots are in the tables again")
