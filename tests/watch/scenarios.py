"""What people and programs do to watched trees, one case each: afterwards the rows that the watch
core's callbacks built equal the disk. The core alone, no database.

usage: scenarios.py --build DIR [NAME...]
"""

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

LIBC = ctypes.CDLL(None, use_errno=True)
RENAME_EXCHANGE = 2
DEADLINE_S = 10


class Watch:
    """One running watch_dump."""

    def __init__(self, build, *arguments, before=()):
        program = os.path.join(build, "tests", "tools", "watch_dump")
        self.process = subprocess.Popen(list(before) + [program] + list(arguments), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()
        assert self.process.stdout.readline().startswith(b"== ok"), self.text()

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line.decode("utf-8", "surrogateescape").rstrip("\n"))

    def text(self):
        return "\n".join(self.said)

    def ask(self, command):
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        lines = []
        while True:
            line = self.process.stdout.readline()
            assert line, "the program ended\n" + self.text()
            line = line.rstrip(b"\n").decode("utf-8", "surrogateescape")
            if line.startswith("=="):
                return line, lines
            lines.append(line)

    def check(self):
        last, lines = self.ask("check")
        assert last.startswith("== ok"), "\n".join(lines + [last, self.text()])
        return last

    def rows(self):
        last, lines = self.ask("rows")
        assert last.startswith("== ok"), last
        return sorted(line.split(" ", 1)[1] for line in lines)

    def stat(self, key):
        words = self.ask("stats")[0].split()
        return int(words[words.index(key) + 1])

    def until(self, condition, what):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, what + "\n" + self.text()
            time.sleep(0.02)

    def until_said(self, words):
        self.until(lambda: any(words in line for line in self.said), "never said: " + words)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        try:
            status = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert status == 0, "status %d\n%s" % (status, self.text())


class Case:
    """A scratch folder with a root and a folder beside it."""

    def __init__(self, build, poll):
        self.build, self.poll = build, poll
        self.top = tempfile.mkdtemp(prefix="scenario-")
        self.root, self.outside = self.path("root"), self.path("outside")
        os.mkdir(self.root)
        os.mkdir(self.outside)
        self.watches = []

    def path(self, *names):
        return os.path.join(self.top, *names)

    def at(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text="x\n", flags="w"):
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        with open(self.at(name), flags, encoding="utf-8") as file:
            file.write(text)

    def watch(self, *arguments, roots=None, before=()):
        mode = ["--poll", "100"] if self.poll else []
        watch = Watch(self.build, *mode, *arguments, *(roots or [self.root]), before=before)
        self.watches.append(watch)
        return watch

    def clean(self):
        for watch in self.watches:
            if watch.process.poll() is None:
                watch.process.kill()
                watch.process.wait()
        subprocess.run(["chmod", "-R", "u+rwx", self.top], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.top, ignore_errors=True)


def exchange(left, right):
    if LIBC.renameat2(-100, os.fsencode(left), -100, os.fsencode(right), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def make_tree(case, name, n_folders, n_files=2):
    for i in range(n_folders):
        for k in range(n_files):
            case.write("%s/d%d/f%d" % (name, i, k))


# ---- files in fresh folders, moves, exchanges ----

def files_in_fresh_folders_are_found(case):
    watch = case.watch()
    for i in range(300):
        case.write("r%d/b/c/d/f" % i)
    watch.check()
    assert len(watch.rows()) == 300


def a_copied_tree_that_is_renamed_meanwhile_is_complete(case):
    make_tree(case, "from", 300)
    watch = case.watch()
    copy = subprocess.Popen(["cp", "-r", case.at("from"), case.at("to")],
                            stderr=subprocess.DEVNULL)
    time.sleep(0.03)
    if os.path.exists(case.at("to")):
        os.rename(case.at("to"), case.at("there"))
    copy.wait()
    watch.check()


def names_that_change_places_in_a_stopped_watcher(case):
    watch = case.watch()
    watch.stop()
    case.write("a")
    for name in ("d1", "d2"):
        os.mkdir(case.at(name))
    subprocess.run("mv d1 d2; mv d2/d1 .; mv a d1", shell=True, cwd=case.root, check=True)
    watch.go_on()
    watch.check()
    assert watch.rows() == ["d1/a"]


def folders_that_wander_in_a_stopped_watcher(case):
    watch = case.watch()
    watch.stop()
    subprocess.run("mkdir d1 d2 d3; touch d1/a; mv d1 d2 d3; mv d3/* .; mv d1 d2 d3; mv d3/* .; mv d1/a d2",
                   shell=True, cwd=case.root, check=True)
    watch.go_on()
    watch.check()
    assert watch.rows() == ["d2/a"]


def a_folder_replaced_by_a_link_to_it(case):
    case.write("foo/a")
    watch = case.watch()
    watch.stop()
    os.rename(case.at("foo"), case.at("bar"))
    os.symlink("bar", case.at("foo"))
    watch.go_on()
    watch.check()
    assert watch.rows() == ["bar/a"]


def writes_after_a_big_rename_come_under_the_new_name(case):
    make_tree(case, "a", 300, 1)
    watch = case.watch()
    os.rename(case.at("a"), case.at("b"))
    for i in range(300):
        case.write("b/d%d/new" % i)
    watch.check()
    assert not [row for row in watch.rows() if row.startswith("a/")]
    if not case.poll:
        assert watch.stat("moves") == 300


def exchanged_folders_keep_their_own_files(case):
    case.write("a/one")
    case.write("b/two")
    watch = case.watch()
    exchange(case.at("a"), case.at("b"))
    case.write("a/more")
    case.write("b/more")
    watch.check()
    assert watch.rows() == ["a/more", "a/two", "b/more", "b/one"]


def a_cycle_of_renames(case):
    for name in "ab":
        case.write(name + "/sub/" + name)
    watch = case.watch()
    for _ in range(2):
        watch.stop()
        subprocess.run("mv a t; mv b a; mv t b", shell=True, cwd=case.root, check=True)
        watch.go_on()
        watch.check()
    assert watch.rows() == ["a/sub/a", "b/sub/b"]


def a_folder_moved_out_is_no_longer_watched(case):
    case.write("p/q/x/f")
    watch = case.watch()
    os.rename(case.at("p/q"), case.path("outside", "q"))
    watch.check()
    with open(case.path("outside", "q", "x", "late"), "w", encoding="utf-8"):
        pass
    watch.check()
    assert watch.rows() == []
    if not case.poll:
        assert watch.stat("watches") == 2


def a_folder_moved_in_comes_with_all_its_files(case):
    os.makedirs(case.path("outside", "a/b/c/d"))
    for name in ("a/f", "a/b/f", "a/b/c/d/f"):
        with open(case.path("outside", name), "w", encoding="utf-8"):
            pass
    watch = case.watch()
    os.rename(case.path("outside", "a"), case.at("in"))
    watch.check()
    assert watch.rows() == ["in/b/c/d/f", "in/b/f", "in/f"]


def a_folder_that_left_and_came_back_under_another_name(case):
    case.write("a/f")
    watch = case.watch()
    for wait_s, name in ((0, "b"), (1, "c")):
        here = "a" if name == "b" else "b"
        os.rename(case.at(here), case.path("outside", "x"))
        time.sleep(wait_s)
        os.rename(case.path("outside", "x"), case.at(name))
        watch.check()
        assert watch.rows() == [name + "/f"]


def a_folder_made_anew_without_pause(case):
    watch = case.watch()
    for _ in range(100):
        case.write("d/sub/f")
        shutil.rmtree(case.at("d"))
    case.write("d/sub/f")
    watch.check()
    assert watch.rows() == ["d/sub/f"]


def a_folder_swapped_for_another(case):
    case.write("dir/old")
    case.write("alt/new")
    watch = case.watch()
    os.rename(case.at("dir"), case.at("bye"))
    os.rename(case.at("alt"), case.at("dir"))
    watch.check()
    assert watch.rows() == ["bye/old", "dir/new"]


def a_folder_that_becomes_a_file_and_back(case):
    case.write("x/f")
    watch = case.watch()
    shutil.rmtree(case.at("x"))
    case.write("x")
    watch.check()
    assert watch.rows() == ["x"]
    os.unlink(case.at("x"))
    case.write("x/g")
    watch.check()
    assert watch.rows() == ["x/g"]


def a_clean_file_that_is_renamed_is_a_move(case):
    case.write("a")
    watch = case.watch()
    watch.check()
    os.rename(case.at("a"), case.at("b"))
    watch.check()
    assert watch.rows() == ["b"]
    if not case.poll:
        assert watch.stat("moves") == 1


def two_files_swapped_with_equal_size_and_mtime(case):
    case.write("a", "1\n")
    case.write("b", "2\n")
    for name in "ab":
        os.utime(case.at(name), (1e9, 1e9))
    watch = case.watch()
    subprocess.run("mv a t; mv b a; mv t b", shell=True, cwd=case.root, check=True)
    watch.check()


# ---- writes that inotify tells little about ----

def a_truncated_file_is_seen(case):
    case.write("f", "some text\n")
    watch = case.watch()
    os.truncate(case.at("f"), 3)
    watch.check()


def a_write_by_another_name_of_the_file_is_seen(case):
    case.write("d/a")
    watch = case.watch()
    os.link(case.at("d/a"), case.at("b"))
    case.write("b", "more\n", "a")
    watch.check()
    case.write("b", "more\n", "a")
    watch.check()


def a_write_by_a_name_outside_the_root_is_found_by_a_rescan(case):
    case.write("a")
    watch = case.watch()
    os.link(case.at("a"), case.path("outside", "a"))
    with open(case.path("outside", "a"), "a", encoding="utf-8") as file:
        file.write("more\n")
    assert watch.ask("rescan")[0].startswith("== ok")
    assert watch.stat("missed") == (0 if case.poll else 1)


def files_renamed_while_open_keep_what_is_written_later(case):
    watch = case.watch()
    with open(case.at("a"), "w", encoding="utf-8") as file:
        file.write("1\n")
        file.flush()
        os.rename(case.at("a"), case.at("b"))
        watch.check()
        file.write("2\n")
    watch.check()
    assert watch.rows() == ["b"]


def a_case_only_rename(case):
    case.write("a")
    watch = case.watch()
    os.rename(case.at("a"), case.at("A"))
    watch.check()
    assert watch.rows() == ["A"]


# ---- overflow and other bursts ----

def an_overflow_loses_nothing(case):
    os.mkdir(case.at("d"))
    watch = case.watch()
    watch.stop()
    for i in range(6000):
        case.write("d/f%d" % i)
    os.rename(case.at("d"), case.at("e"))
    for i in range(200):
        case.write("e/late%d" % i)
    watch.go_on()
    watch.check()
    assert len(watch.rows()) == 6200
    if not case.poll:
        assert watch.stat("overflows") >= 1


def folders_made_and_removed_leave_no_memory_behind(case):
    watch = case.watch()
    for turn in range(2):
        for i in range(2000):
            os.mkdir(case.at("d%d" % i))
            os.rmdir(case.at("d%d" % i))
        watch.check()
        if turn == 0:
            before = watch.stat("tree_bytes")
    assert watch.stat("tree_bytes") == before
    assert watch.stat("folders") == 1


# ---- what is never a row ----

def links_pipes_and_loops_are_no_rows(case):
    case.write("a/f")
    os.symlink("..", case.at("a/loop"))
    os.symlink("nowhere", case.at("dangling"))
    os.symlink("/dev/stdout", case.at("device"))
    os.mkfifo(case.at("pipe"))
    watch = case.watch()
    os.mkfifo(case.at("a/pipe"))
    os.symlink("f", case.at("a/link"))
    watch.check()
    assert watch.rows() == ["a/f"]


def any_bytes_are_a_name(case):
    watch = case.watch()
    names = [b"\xff\xfe", b"tab\there", b"-rf", b"%s%n", b"'\"`$(x)", b"[a-z]*?", b"x" * 255, b" "]
    for name in names:
        with open(os.path.join(os.fsencode(case.root), name), "w", encoding="utf-8"):
            pass
    watch.check()
    assert watch.rows() == sorted(os.fsdecode(name) for name in names)


def a_path_too_long_is_said_once_and_has_no_row(case):
    watch = case.watch()
    fd = os.open(case.root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=fd)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)
    assert len(watch.rows()) == 10
    watch.until(lambda: len([l for l in watch.said if "too long" in l]) == 10, "said for each")
    first = "d" * 250
    os.rename(case.at(first), case.at("s"))
    assert len(watch.rows()) == 11
    shutil.rmtree(case.at("s"))
    assert watch.rows() == []


# ---- ignore files ----

def edits_of_gitignore_take_effect(case):
    case.write("keep.c")
    case.write("sub/build/x.c")
    case.write("sub/y.c")
    watch = case.watch("--gitignore")
    assert len(watch.rows()) == 3
    case.write(".gitignore", "build/\n*.h\n")
    case.write("z.h")
    watch.check()
    assert watch.rows() == [".gitignore", "keep.c", "sub/y.c"]
    if not case.poll:
        assert watch.stat("watches") == 2
    case.write("sub/.gitignore", "!build/\ny.c\n")
    watch.check()
    assert watch.rows() == [".gitignore", "keep.c", "sub/.gitignore", "sub/build/x.c"]
    os.unlink(case.at("sub/.gitignore"))
    os.unlink(case.at(".gitignore"))
    watch.check()
    assert watch.rows() == ["keep.c", "sub/build/x.c", "sub/y.c", "z.h"]


def a_folder_renamed_to_an_ignored_name_and_back(case):
    case.write(".gitignore", "out/\n")
    case.write("in/f")
    watch = case.watch("--gitignore")
    os.rename(case.at("in"), case.at("out"))
    watch.check()
    assert watch.rows() == [".gitignore"]
    os.rename(case.at("out"), case.at("in"))
    watch.check()
    assert watch.rows() == [".gitignore", "in/f"]


def info_exclude_takes_effect(case):
    subprocess.run(["git", "init", "-q", case.root], check=True)
    case.write("a.c")
    watch = case.watch("--gitignore")
    assert watch.rows() == ["a.c"]
    case.write(".git/info/exclude", "a.c\n")
    watch.until(lambda: watch.rows() == [], "still there")


def a_moved_head_is_told(case):
    subprocess.run(["git", "init", "-q", "-b", "one", case.root], check=True)
    os.makedirs(case.at("sub"))
    watch = case.watch(roots=[case.at("sub")])
    subprocess.run(["git", "-C", case.root, "symbolic-ref", "HEAD", "refs/heads/two"], check=True)
    watch.until_said("branch changed")


def git_is_never_a_row(case):
    subprocess.run(["git", "init", "-q", case.root], check=True)
    watch = case.watch()
    case.write("a")
    watch.check()
    assert watch.rows() == ["a"]


# ---- the root itself ----

def a_removed_root_keeps_its_rows_and_comes_back_with_others(case):
    case.write("sub/old")
    watch = case.watch()
    aside = case.path("aside")
    os.rename(case.root, aside)
    watch.until(lambda: watch.stat("offline") == 1, "not offline")
    assert watch.rows() == ["sub/old"]
    os.rename(aside, case.root)
    watch.until(lambda: watch.stat("offline") == 0, "not back")
    assert watch.rows() == ["sub/old"]
    shutil.rmtree(case.root)
    watch.until(lambda: watch.stat("offline") == 1, "not offline again")
    case.write("new")
    watch.until(lambda: watch.stat("offline") == 0, "not back again")
    watch.until(lambda: watch.rows() == ["new"], "rows are not those of the new root")
    case.write("later")
    watch.check()


def a_root_that_comes_later(case):
    os.rmdir(case.root)
    watch = case.watch()
    assert watch.stat("offline") == 1
    case.write("f")
    watch.until(lambda: watch.stat("offline") == 0, "not online")
    watch.until(lambda: watch.rows() == ["f"], "no row")


def a_folder_above_the_root_is_replaced(case):
    deep = case.path("above", "mid", "root")
    os.makedirs(deep)
    with open(os.path.join(deep, "old"), "w", encoding="utf-8"):
        pass
    watch = case.watch(roots=[deep])
    os.rename(case.path("above"), case.path("was"))
    os.makedirs(deep)
    with open(os.path.join(deep, "new"), "w", encoding="utf-8"):
        pass
    watch.until(lambda: watch.rows() == ["new"], "rows are not those of the new root")


def a_root_by_a_link_follows_the_link(case):
    for name in ("v1", "v2"):
        os.mkdir(case.path(name))
        with open(case.path(name, name), "w", encoding="utf-8"):
            pass
    link = case.path("current")
    os.symlink("v1", link)
    watch = case.watch(roots=[link])
    assert watch.rows() == ["v1"]
    os.symlink("v2", link + ".new")
    os.rename(link + ".new", link)
    watch.until(lambda: watch.rows() == ["v2"], "rows are not those of the new target")
    with open(case.path("v2", "more"), "w", encoding="utf-8"):
        pass
    watch.check()
    assert watch.rows() == ["more", "v2"]


def overlapping_roots_each_have_all_their_files(case):
    case.write("a/b/f")
    link = case.path("link")
    os.symlink(case.root, link)
    watch = case.watch(roots=[case.root, case.at("a"), case.root, link])
    case.write("a/b/g")
    os.rename(case.at("a/b"), case.at("a/c"))
    watch.check()
    assert len(watch.rows()) == 8


def many_roots_share_one_descriptor(case):
    roots = []
    for i in range(60):
        case.write("r%d/f" % i)
        roots.append(case.at("r%d" % i))
    watch = case.watch(roots=roots)
    case.write("r7/g")
    watch.check()
    assert len(watch.rows()) == 61
    if not case.poll:
        links = [os.readlink(os.path.join("/proc/%d/fd" % watch.process.pid, fd))
                 for fd in os.listdir("/proc/%d/fd" % watch.process.pid)]
        assert len([link for link in links if "inotify" in link]) == 1


# ---- permissions, mounts, resources ----

def temporary_files_during_the_first_scan(case):
    make_tree(case, "t", 300, 1)
    stop = threading.Event()

    def litter():
        n = 0
        while not stop.is_set():
            n += 1
            name = case.at("t/d%d/tmp" % (n % 300))
            with open(name, "w", encoding="utf-8"):
                pass
            os.unlink(name)

    thread = threading.Thread(target=litter)
    thread.start()
    try:
        watch = case.watch()
    finally:
        stop.set()
        thread.join()
    watch.check()
    assert watch.stat("folders") == 302


def an_unreadable_folder_keeps_its_rows(case):
    nobody = []
    case.write("d/f")
    if os.geteuid() == 0:
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        os.chmod(case.top, 0o755)
        subprocess.run(["chown", "-R", "65534:65534", case.root], check=True)
    watch = case.watch(before=nobody)
    assert watch.rows() == ["d/f"]
    os.chmod(case.at("d"), 0)
    watch.ask("rescan")
    assert watch.rows() == ["d/f"]
    watch.until_said('unreadable 0 "d" 13')
    os.chmod(case.at("d"), 0o755)
    case.write("d/g")
    watch.until_said('unreadable 0 "d" 0')
    watch.check()
    assert watch.rows() == ["d/f", "d/g"]


def in_user_namespace(setting):
    """Words before a command that run it with a limit of its own; None where that is not allowed."""
    words = ["unshare", "-Ur", "sh", "-c", "echo %s && exec \"$@\"" % setting, "sh"]
    probe = subprocess.run(words + ["true"], check=False, stderr=subprocess.DEVNULL)
    return words if probe.returncode == 0 else None


def without_enough_watches_folders_are_polled(case):
    before = in_user_namespace("10 > /proc/sys/user/max_inotify_watches")
    if case.poll or before is None:
        return
    make_tree(case, "t", 40, 1)
    watch = case.watch(before=before)
    assert len([line for line in watch.said if line.startswith("limit:")]) == 1, watch.text()
    assert watch.stat("polled") > 20
    for i in range(40):
        case.write("t/d%d/sub/new" % i)
    watch.check()
    case.write("t/d39/later")
    watch.until(lambda: "t/d39/later" in watch.rows(), "polling did not see it")
    shutil.rmtree(case.at("t"))
    case.write("u/v/w")
    watch.check()
    assert watch.rows() == ["u/v/w"]
    watch.until(lambda: watch.stat("polled") == 0, "freed watches were not used")


def without_a_descriptor_everything_is_polled(case):
    before = in_user_namespace("0 > /proc/sys/user/max_inotify_instances")
    if case.poll or before is None:
        return
    case.write("a/f")
    watch = case.watch(before=before)
    watch.until_said("limit:")
    case.write("a/g")
    watch.check()
    assert watch.rows() == ["a/f", "a/g"]


def a_mount_over_a_watched_folder(case):
    if case.poll or subprocess.run(["unshare", "-m", "true"], check=False,
                                   stderr=subprocess.DEVNULL).returncode != 0:
        return
    case.write("m/covered")
    case.write("f")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", case.path("outside")], check=False,
                             stderr=subprocess.DEVNULL).returncode == 0
    if not mounted:
        return
    subprocess.run(["umount", case.path("outside")], check=True)
    watch = case.watch()
    subprocess.run(["mount", "-t", "tmpfs", "none", case.at("m")], check=True)
    try:
        watch.until(lambda: watch.rows() == ["f"], "the covered file still has a row")
        case.write("m/elsewhere")
        assert watch.rows() == ["f"]
    finally:
        subprocess.run(["umount", case.at("m")], check=True)
    watch.until(lambda: watch.rows() == ["f", "m/covered"], "the uncovered file has no row")
    watch.check()


def an_unmounted_root_keeps_its_rows(case):
    if case.poll or subprocess.run(["mount", "-t", "tmpfs", "none", case.root], check=False,
                                   stderr=subprocess.DEVNULL).returncode != 0:
        return
    case.write("f")
    watch = case.watch()
    subprocess.run(["umount", case.root], check=True)
    watch.until(lambda: watch.stat("offline") == 1, "not offline")
    assert watch.rows() == ["f"]


CASES = [value for name, value in list(globals().items())
         if callable(value) and getattr(value, "__code__", None)
         and value.__code__.co_varnames[:1] == ("case",) and value.__code__.co_argcount == 1]


def run(build, function, poll):
    case = Case(build, poll)
    try:
        function(case)
        for watch in case.watches:
            watch.end()
        return True
    except Exception:  # a case may fail in any way; the next one runs all the same
        print(traceback.format_exc()[-3000:])
        return False
    finally:
        case.clean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    failed = 0
    for poll in (False, True):
        for function in CASES:
            if options.names and function.__name__ not in options.names:
                continue
            ok = run(options.build, function, poll)
            print("%s %s (%s)" % ("ok" if ok else "FAILED", function.__name__,
                                  "poll" if poll else "events"))
            sys.stdout.flush()
            failed += not ok
    print("%d failed" % failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
