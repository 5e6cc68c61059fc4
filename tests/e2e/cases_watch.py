"""The daemon follows every change: after it both tables equal the disk."""
import os
import shutil
import subprocess
import time

from cases import case
from codebase import DEADLINE_S, eventually, expect


def fill(codebase, n=6):
    for i in range(n):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
        codebase.write("d/e/g%d.py" % i, "y = %d\n" % i)


@case("star short")
def what_is_there_at_start_is_ingested(codebase):
    fill(codebase)
    codebase.daemon()
    codebase.equal()
    codebase.verify()


@case("star short")
def a_saved_file_appears_by_itself(codebase):
    fill(codebase)
    codebase.daemon()
    codebase.write("f0.py", "def changed():\n    pass\n")
    codebase.write("new/folder/file.py", "z = 1\n")
    codebase.becomes_equal()
    expect("changed" in codebase.row("f0.py", "functions::text")[0], codebase.row("f0.py", "functions"))


@case("star")
def append_truncate_and_rewrite_are_followed(codebase):
    fill(codebase)
    codebase.daemon()
    codebase.write("f0.py", "y = 2\n", append=True)
    os.truncate(codebase.path("f1.py"), 0)
    with open(codebase.path("f2.py"), "r+b") as file:
        file.write(b"z")
    os.truncate(codebase.path("f3.py"), 3)
    codebase.equal()
    codebase.verify()


@case("star")
def delete_and_rename_of_files_are_followed(codebase):
    fill(codebase)
    codebase.daemon()
    os.unlink(codebase.path("f0.py"))
    os.rename(codebase.path("f1.py"), codebase.path("renamed.py"))
    os.rename(codebase.path("f2.py"), codebase.path("f3.py"))
    os.rename(codebase.path("d/e/g0.py"), codebase.path("g0.py"))
    codebase.equal()


@case()
def a_move_keeps_first_seen_and_is_audited_as_a_move(codebase):
    fill(codebase)
    codebase.daemon()
    before = codebase.row("f1.py", "first_seen")
    os.rename(codebase.path("f1.py"), codebase.path("moved.py"))
    codebase.equal()
    expect(codebase.row("moved.py", "first_seen") == before, "first_seen changed")
    rows = codebase.audit("moved.py")
    expect([(row[0], row[5]) for row in rows] == [("move", "f1.py")], rows)


@case("star")
def rename_of_a_folder_with_thousands_of_files_is_followed(codebase):
    for i in range(2000):
        codebase.write("big/d%d/f%d.txt" % (i % 20, i), "%d\n" % i)
    codebase.daemon()
    codebase.equal()
    os.rename(codebase.path("big"), codebase.path("renamed"))
    codebase.equal()
    shutil.rmtree(codebase.path("renamed"))
    codebase.equal()


@case("star")
def a_folder_made_and_filled_at_once_is_seen_whole(codebase):
    codebase.daemon()
    subprocess.run("mkdir -p a/b/c && echo 'x = 1' > a/b/c/f.py", shell=True, cwd=codebase.tree, check=True)
    codebase.equal()
    subprocess.run(["cp", "-r", "a", "copy"], cwd=codebase.tree, check=True)
    codebase.equal()
    subprocess.run(["rm", "-rf", "a"], cwd=codebase.tree, check=True)
    codebase.equal()


@case("star")
def folders_moved_in_and_out_are_followed(codebase):
    fill(codebase)
    outside = os.path.join(codebase.base, "outside")
    os.makedirs(os.path.join(outside, "x"))
    with open(os.path.join(outside, "x", "in.py"), "w", encoding="utf-8") as file:
        file.write("x = 1\n")
    codebase.daemon()
    os.rename(outside, codebase.path("inside"))
    os.rename(codebase.path("d"), os.path.join(codebase.base, "gone"))
    codebase.equal()
    os.rename(os.path.join(codebase.base, "gone"), codebase.path("inside", "back"))
    codebase.equal()
    codebase.write("inside/back/e/g0.py", "still = 'watched'\n")
    codebase.equal()


@case("star")
def two_names_exchanged_are_both_read_again(codebase):
    fill(codebase)
    codebase.daemon()
    for left, right in (("f0.py", "f1.py"), ("d", "f2.py")):
        subprocess.run(["mv", "-T", codebase.path(left), codebase.path("aside")], check=True)
        os.rename(codebase.path(right), codebase.path(left))
        os.rename(codebase.path("aside"), codebase.path(right))
    codebase.equal()


@case("star")
def the_ways_in_which_editors_save_are_followed(codebase):
    fill(codebase)
    codebase.daemon()
    path = codebase.path("f0.py")
    # vim: the old file is moved away, a new one written, the old one removed
    os.rename(path, path + "~")
    codebase.write("f0.py", "vim = 1\n")
    os.unlink(path + "~")
    # a temporary file renamed over (emacs, VS Code, JetBrains)
    codebase.write(".f1.py.tmp~", "rename = 1\n")
    os.rename(codebase.path(".f1.py.tmp~"), codebase.path("f1.py"))
    # written in place (nano)
    codebase.write("f2.py", "nano = 1\n")
    codebase.equal()
    expect(codebase.row("f0.py", "content")[0] == "vim = 1\n", codebase.row("f0.py", "content"))


@case()
def git_checkout_between_branches_is_followed_and_the_branch_is_stored(codebase):
    codebase.git("init", "-q", "-b", "main")
    for i in range(200):
        codebase.write("s/f%d.py" % i, "a = %d\n" % i)
    codebase.git("add", ".")
    codebase.git("commit", "-q", "-m", "one")
    codebase.git("checkout", "-q", "-b", "other")
    for i in range(0, 200, 2):
        codebase.write("s/f%d.py" % i, "b = %d\n" % i)
    codebase.write("t/new.py", "x = 1\n")
    codebase.git("add", ".")
    codebase.git("commit", "-q", "-m", "two")
    codebase.daemon()
    codebase.equal()
    codebase.git("checkout", "-q", "main")
    codebase.equal()
    expect(codebase.row("t/new.py") is None, "a file of the other branch has a row")
    codebase.git("checkout", "-q", "other")
    codebase.equal()
    codebase.write("after.py", "x = 1\n")
    codebase.equal()
    expect(codebase.value("SELECT branch FROM sync_audit WHERE codebase_id = %s AND path = 'after.py'", codebase.id) == "other", codebase.audit("after.py"))


@case("star")
def a_file_that_is_written_for_long_is_synced_meanwhile_and_at_its_end(codebase):
    codebase.daemon()
    end = time.monotonic() + 6
    with open(codebase.write("log.py", ""), "a", encoding="utf-8") as file:
        while time.monotonic() < end and not codebase.row("log.py", "content"):
            file.write("x = 1\n")
            file.flush()
            time.sleep(0.02)
        expect(codebase.row("log.py", "content"), "nothing was synced within 6 s of writing without pause")
        file.write("last = 1\n")
    codebase.equal()
    expect(codebase.row("log.py", "content")[0].endswith("last = 1\n"), "the end is missing")


@case()
def a_file_held_open_is_audited_as_busy_once(codebase):
    codebase.daemon()
    with open(codebase.write("a.py", "x = 1\n"), "a", encoding="utf-8"):
        eventually(lambda: codebase.row("a.py"), "a row although it is open", DEADLINE_S)
    codebase.equal()
    eventually(lambda: len([row for row in codebase.audit("a.py") if row[2] == "skipped_busy"]) == 1, lambda: "audited once: %s" % codebase.audit("a.py"))


@case("star")
def hard_links_are_rows_of_their_own(codebase):
    fill(codebase)
    codebase.daemon()
    os.link(codebase.path("f0.py"), codebase.path("d/link.py"))
    codebase.equal()
    os.unlink(codebase.path("f0.py"))
    codebase.equal()


@case("star")
def a_change_of_gitignore_takes_effect_at_once(codebase):
    codebase.write("gen/a.py", "x = 1\n")
    codebase.write("src/b.py", "x = 1\n")
    codebase.write("src/c.log.py", "x = 1\n")
    codebase.daemon()
    codebase.equal()
    codebase.write(".gitignore", "gen/\n*.log.py\n")
    codebase.equal(lambda path: not path.startswith("gen/") and not path.endswith(".log.py"))
    codebase.write("gen/new.py", "x = 1\n")
    codebase.write("src/.gitignore", "!c.log.py\n")
    codebase.equal(lambda path: not path.startswith("gen/"))
    os.unlink(codebase.path(".gitignore"))
    codebase.equal()


@case("star")
def an_ignored_folder_renamed_to_a_tracked_name_comes_and_goes(codebase):
    codebase.write(".gitignore", "skip/\n")
    codebase.write("skip/a.py", "x = 1\n")
    codebase.write("keep/b.py", "x = 1\n")
    codebase.daemon()
    tracked = lambda path: not path.startswith("skip/")  # noqa: E731
    codebase.equal(tracked)
    os.rename(codebase.path("skip"), codebase.path("taken"))
    codebase.equal(tracked)
    os.rename(codebase.path("taken"), codebase.path("skip"))
    os.rename(codebase.path("keep/b.py"), codebase.path("skip/b.py"))
    codebase.equal(tracked)


@case()
def by_default_only_known_languages_and_no_built_in_ignored_folders_are_taken(codebase):
    codebase.configure(include=())
    for path in ("a.py", "b.unknown", "node_modules/c.js", "_build/d.ex", "target/e.rs", "x.log", "script"):
        codebase.write(path, "#!/bin/sh\necho\n" if path == "script" else "x = 1\n")
    codebase.daemon()
    codebase.equal(lambda path: path in ("a.py", "script"))


@case("star")
def polling_follows_changes_without_events(codebase):
    fill(codebase)
    codebase.daemon("--poll=200ms")
    codebase.equal()
    codebase.write("f0.py", "polled = 1\n")
    os.unlink(codebase.path("f1.py"))
    os.rename(codebase.path("d"), codebase.path("moved"))
    codebase.becomes_equal()
    codebase.write("moved/e/more.py", "x = 1\n")
    codebase.equal()


@case("star")
def no_debounce_follows_a_burst_of_saves(codebase):
    codebase.daemon("--no-debounce")
    for i in range(100):
        codebase.write("a.py", "x = %d\n" % i)
    codebase.equal()


@case()
def wait_is_a_barrier_for_a_burst_of_writes(codebase):
    codebase.daemon()
    for turn in range(5):
        for i in range(60):
            codebase.write("b%d/f%d.py" % (i % 7, i), "turn = %d\n" % turn)
        codebase.equal()


@case("root")
def an_unreadable_folder_keeps_its_rows_and_recovers(codebase):
    fill(codebase)
    for folder in (codebase.base, codebase.tree):
        os.chmod(folder, 0o777)
    for where, folders, files in os.walk(codebase.tree):
        for name in folders + files:
            os.chown(os.path.join(where, name), 12345, 12345)
    wrapper = os.path.join(codebase.base, "as-user")
    with open(wrapper, "w", encoding="utf-8") as script:
        script.write('#!/bin/sh\nexec setpriv --reuid=12345 --regid=12345 --clear-groups "%s" "$@"\n' % codebase.program)
    os.chmod(wrapper, 0o755)
    codebase.program = wrapper
    codebase.daemon()
    codebase.equal()
    os.chmod(codebase.path("d"), 0)
    codebase.write("other.py", "x = 1\n")
    eventually(lambda: codebase.row("other.py"), "a row of another file")
    expect(codebase.row("d/e/g0.py"), "the row of an unreadable file is gone")
    os.chmod(codebase.path("d"), 0o755)
    codebase.equal()
