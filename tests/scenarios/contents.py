"""Scenarios 32 to 45: files that are read while they are written, and ways to save one."""
import mmap
import os
import shutil
import time

from scenario import eventually, expect, scenario


@scenario(32, "star short")
def a_writer_that_takes_its_time_in_pieces(s):
    s.watch()
    seen = set()
    with open(s.path("slow.txt"), "wb", buffering=0) as out:
        for i in range(s.sized(20, 50)):
            out.write(b"%099d\n" % i)
            seen.add(s.row("slow.txt", "size_bytes"))
            time.sleep(0.1)
    s.equal()
    sizes = {row[0] for row in seen if row}
    expect(all(size % 100 == 0 for size in sizes), "a torn snapshot: %s" % sizes)


@scenario(33, "short")
def a_writer_of_single_bytes_with_long_pauses(s):
    s.watch()
    with open(s.path("drops.txt"), "wb", buffering=0) as out:
        for i in range(s.sized(4, 10)):
            out.write(b"%d" % i)
            time.sleep(0.5)
    s.equal()


@scenario(34, "star short no-overlay")
def stores_through_a_mapping_after_the_close(s):
    s.watch()
    fd = os.open(s.path("mapped.txt"), os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(fd, 4096)
    area = mmap.mmap(fd, 4096)
    os.close(fd)
    for i in range(s.sized(15, 50)):
        area[i * 10:i * 10 + 10] = b"%09d\n" % i
        time.sleep(0.1)
    area.close()
    s.equal()


@scenario(35, "short")
def a_log_that_is_never_quiet(s):
    s.configure(rest="watch:\n  max_delay_ms: 600\n")
    s.watch()
    versions, end = set(), time.monotonic() + 60
    with open(s.path("log.txt"), "ab", buffering=0) as out:
        while len(versions) < s.sized(4, 60) and time.monotonic() < end:
            out.write(b"%d\n" % time.monotonic_ns())
            versions |= {row for row in [s.row("log.txt", "content_hash::text")] if row}
            time.sleep(0.02)
    expect(len(versions) >= s.sized(4, 60), "only %d versions were seen while it was written" % len(versions))
    s.equal()


def save_like_vim(s, name, text, backupcopy):
    path = s.path(name)
    s.write("4913", "")
    os.unlink(s.path("4913"))
    if backupcopy == "no":
        os.rename(path, path + "~")
        s.write(name, text)
        os.unlink(path + "~")
    elif backupcopy == "yes":
        shutil.copy2(path, path + "~")
        s.write(name, text)
        os.unlink(path + "~")
    else:
        s.write(name, text)


def save_like_emacs(s, name, text):
    lock = s.path(".#" + name)
    os.symlink("user@host.1:1", lock)
    shutil.copy2(s.path(name), s.path(name + "~"))
    s.write(name + ".new", text)
    os.rename(s.path(name + ".new"), s.path(name))
    os.unlink(lock)


def save_like_jetbrains(s, name, text):
    s.write(name + "___jb_tmp___", text)
    os.rename(s.path(name), s.path(name + "___jb_old___"))
    os.rename(s.path(name + "___jb_tmp___"), s.path(name))
    os.unlink(s.path(name + "___jb_old___"))


def save_like_vs_code(s, name, text):
    with open(s.path(name), "r+b") as out:
        out.truncate(0)
        out.write(text.encode())


@scenario(36, "short")
def the_ways_in_which_editors_save(s):
    ways = {"vim_no.txt": lambda n, t: save_like_vim(s, n, t, "no"), "vim_yes.txt": lambda n, t: save_like_vim(s, n, t, "yes"),
            "vim_nowritebackup.txt": lambda n, t: save_like_vim(s, n, t, "none"), "emacs.txt": lambda n, t: save_like_emacs(s, n, t),
            "jetbrains.txt": lambda n, t: save_like_jetbrains(s, n, t), "vs_code.txt": lambda n, t: save_like_vs_code(s, n, t)}
    for name in ways:
        s.write(name, "before\n")
    s.watch()
    for turn in range(3):
        for name, save in ways.items():
            save(name, "save %d of %s\n" % (turn, name))
        s.pause()
    s.equal_rows("emacs.txt~", *ways)


@scenario(37, "short")
def a_temporary_file_renamed_over_the_real_one_a_hundred_times(s):
    s.write("f.txt", "before\n")
    s.watch()
    for i in range(100):
        fd = os.open(s.path("f.txt.new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(fd, b"turn %d\n" % i)
        os.fsync(fd)
        os.close(fd)
        os.rename(s.path("f.txt.new"), s.path("f.txt"))
    s.equal_rows("f.txt")


@scenario(38, "short")
def a_rename_over_a_file_whose_own_change_is_not_yet_stored(s):
    for name in ("changed", "kept", "source", "other"):
        s.write(name, name + "\n")
    s.watch()
    s.write("changed", "changed again\n")
    os.rename(s.path("source"), s.path("changed"))
    s.write("created", "created\n")
    os.rename(s.path("other"), s.path("created"))
    s.write("fresh", "fresh\n")
    os.unlink(s.path("kept"))
    os.rename(s.path("fresh"), s.path("kept"))
    s.equal_rows("changed", "created", "kept")


@scenario(39, "short")
def a_file_written_removed_and_written_again_within_milliseconds(s):
    s.watch()
    for i in range(20):
        s.write("f%d.txt" % i, "v1\n")
        os.unlink(s.path("f%d.txt" % i))
        s.write("f%d.txt" % i, "v2 %d\n" % i)
    s.equal()


@scenario(40, "short")
def a_file_written_and_removed_at_once_has_no_row(s):
    s.write("stays.txt", "x\n")
    s.watch()
    for i in range(50):
        s.write("f%d.txt" % i, "x\n")
        os.unlink(s.path("f%d.txt" % i))
    s.equal_rows("stays.txt")


@scenario(41, "")
def a_big_file_copied_in_over_seconds(s):
    n = s.sized(50, 200)
    s.watch()
    before = s.memory_kib()
    with open(s.path("big.txt"), "wb") as out:
        for i in range(n):
            out.write(b"%07d\n" % i * (1 << 17))
            time.sleep(3 / n)
    s.equal_rows("big.txt")
    if "asan" not in s.program:
        expect(s.memory_kib() < before + 64 * 1024, "memory went from %d to %d KiB" % (before, s.memory_kib()))


@scenario(42, "short")
def two_files_of_equal_size_and_time_swapped_by_three_renames(s):
    for turn in range(2):
        s.write("a%d" % turn, "1 of %d\n" % turn)
        s.write("b%d" % turn, "2 of %d\n" % turn)
    for name in os.listdir(s.tree):
        os.utime(s.path(name), (1e9, 1e9))
    s.watch()
    s.shell("mv a0 t; mv b0 a0; mv t b0")
    s.equal()
    with s.stopped():
        s.shell("mv a1 t; mv b1 a1; mv t b1")
    s.equal()


@scenario(43, "short")
def checkouts_between_branches_that_differ_in_many_files(s):
    n = s.sized(300, 5000)
    s.git("init", "-q", "-b", "main")
    for i in range(n):
        s.write("s%d/f%d.txt" % (i % 20, i), "main %d\n" % i)
    s.git("add", ".")
    s.git("commit", "-q", "-m", "one")
    s.git("checkout", "-q", "-b", "other")
    for i in range(n):
        if i % 3:
            s.write("s%d/f%d.txt" % (i % 20, i), "other %d\n" % i)
        else:
            os.unlink(s.path("s%d/f%d.txt" % (i % 20, i)))
            s.write("t%d/f%d.txt" % (i % 7, i), "other %d\n" % i)
    s.git("add", "-A")
    s.git("commit", "-q", "-m", "two")
    s.watch()
    s.equal()
    for branch in ("main", "other", "main"):
        s.git("checkout", "-q", branch)
        s.equal()
    s.write("s0/f0.txt", "edited\n")
    s.git("stash", "-q")
    s.equal()
    s.git("stash", "pop", "-q")
    s.equal()


@scenario(44, "short")
def a_file_renamed_while_it_is_open_and_written_on(s):
    s.watch()
    with open(s.path("a.txt"), "wb", buffering=0) as out:
        out.write(b"one\n")
        os.rename(s.path("a.txt"), s.path("b.txt"))
        s.pause()
        s.equal()
        out.write(b"two\n")
        os.mkdir(s.path("d"))
        os.rename(s.path("b.txt"), s.path("d/c.txt"))
        out.write(b"three\n")
    s.equal_rows("d/c.txt")


@scenario(45, "short")
def contents_of_any_bytes(s):
    s.watch()
    with open(s.path("sparse.bin"), "wb") as out:
        out.truncate(4 << 20)
        out.seek(2 << 20)
        out.write(b"in the middle")
    s.write("nul.py", b"x = 1\0\n")
    s.write("latin.py", b"# \xe9\xff\n")
    s.write("utf16.txt", "text\n".encode("utf-16"))
    s.write("every.bin", bytes(range(256)) * 64)
    s.equal()
    expect(len(s.rows()) == 5, s.rows())


@scenario(37, "")
def a_save_is_there_without_a_barrier_soon(s):
    s.write("a.txt", "x\n")
    s.watch()
    took = []
    for turn in range(5):
        s.write("a.txt", "turn %d\n" % turn)
        began = time.monotonic()
        eventually(lambda: not s.differences(), lambda: str(s.differences()))
        took.append(time.monotonic() - began)
    expect(min(took) < 5, "each save took more than five seconds: %s" % took)
