"""Scenarios 46 to 58: what it costs, what must not block it, how it ends."""
import glob
import os
import socket
import subprocess
import time

from codebase import TABLES
from scenario import POLL, Daemon, Skip, eventually, expect, path_text, scenario


@scenario(46, "")
def reading_many_files_causes_no_events(s):
    n = s.sized(2000, 65000)
    for i in range(n):
        s.write("d%d/f%d.txt" % (i % 50, i), "x %d\n" % i)
    s.watch()
    s.equal()
    before = s.counters()["events_received"]
    for _ in range(2):
        subprocess.run("cat */* >/dev/null; ls -lR >/dev/null", shell=True, cwd=s.tree, check=True)
        s.wait()
    after = s.counters()["events_received"]
    expect(after == before, "%d events of reading" % (after - before))
    expect(before <= n, "%d events at the start for %d files" % (before, n))


def wakeups(pid):
    total = 0
    for path in glob.glob("/proc/%d/task/*/status" % pid):
        with open(path, encoding="ascii", errors="replace") as text:
            total += sum(int(line.split()[1]) for line in text if line.startswith("voluntary_ctxt"))
    return total


def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as text:
        fields = text.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@scenario(47, "events alone")
def an_idle_daemon_sleeps(s):
    s.folders("t", 50)
    s.watch()
    s.equal()
    window_s, quiet = s.sized(3, 60), None
    for _ in range(s.sized(8, 3)):
        woke, ticks = wakeups(s.pid), cpu_ticks(s.pid)
        time.sleep(window_s)
        quiet = (wakeups(s.pid) - woke, cpu_ticks(s.pid) - ticks)
        if quiet[0] <= 4 and quiet[1] == 0:
            return
    expect(False, "%d wakeups and %d ticks of CPU in %d idle seconds" % (quiet + (window_s,)))


@scenario(48, "alone")
def folders_made_and_removed_leave_no_memory_behind(s):
    s.watch()
    sizes = []
    for _ in range(3):
        for i in range(s.sized(3000, 20000)):
            os.mkdir(s.path("d%d" % i))
            os.rmdir(s.path("d%d" % i))
        s.equal()
        sizes.append(s.memory_kib())
    if "asan" not in s.program:
        expect(sizes[2] <= sizes[0] + 2048, "memory of each round: %s KiB" % sizes)
    if not s.polls:
        eventually(lambda: s.watches() <= 24, lambda: "%d watches for one folder" % s.watches())


@scenario(49, "events")
def overflows_in_a_row_do_not_cause_a_storm_of_scans(s):
    s.folders("t", 30)
    s.watch()
    began, n = time.monotonic(), s.sized(8, 30)
    for _ in range(n):
        with s.stopped():
            s.flood("t/flood")
        time.sleep(0.02)
    s.equal()
    counters, took = s.counters(), time.monotonic() - began
    expect(counters["overflows"] >= 1, counters)
    expect(counters["rescans"] <= took + 3, "%d scans in %d s" % (counters["rescans"], took))


def watch_configured(s, paths_and_ids, ready=True):
    """A daemon of these folders; the configuration has no other."""
    lines = ["version: 1", "embedded:", "  socket_dir: %s" % s.base, "folders:"]
    for path, codebase_id in paths_and_ids:
        lines += ["  - path: %s" % path, '    include: ["**"]'] + (["    codebase: %s" % codebase_id] if codebase_id else [])
    with open(s.config_path, "w", encoding="utf-8") as config:
        config.write("\n".join(lines) + "\n")
    return s.watch(ready=ready, configured=True) if ready is not None else None


def tables_of(s, codebase_id):
    return [dict(s.sql("SELECT path, encode(content_hash, 'hex') FROM %s WHERE codebase_id = %%s" % name, codebase_id)) for name in TABLES]


def equal_below(s, folder, codebase_id):
    tree, s.tree = s.tree, folder
    wanted = s.disk()
    s.tree = tree
    return all(table == wanted for table in tables_of(s, codebase_id))


@scenario(50, "")
def many_roots_in_one_daemon_share_one_descriptor(s):
    n = s.sized(130, 130)
    roots = []
    for i in range(n):
        s.write("r%d/f.txt" % i, "%d\n" % i)
        roots.append((s.path("r%d" % i), "%s_%d" % (s.id, i)))
    watch_configured(s, roots, ready=False)
    eventually(lambda: all(equal_below(s, path, codebase) for path, codebase in roots), "all roots are in the tables", 120)
    for i in (0, n // 2, n - 1):
        s.write("r%d/g.txt" % i, "%d\n" % i)
    eventually(lambda: all(equal_below(s, path, codebase) for path, codebase in roots), "all roots are in the tables", 120)
    if not s.polls:
        expect(len(s.inotify_fds()) == 1, "%d inotify descriptors" % len(s.inotify_fds()))


@scenario(51, "short")
def nested_and_overlapping_roots_and_one_by_a_link(s):
    s.write("a/b/f.txt", "x\n")
    s.write("top.txt", "x\n")
    link = os.path.join(s.base, "link")
    os.symlink(s.tree, link)
    roots = [(s.tree, s.id), (s.path("a"), s.id + "_inner"), (link, s.id + "_link")]
    watch_configured(s, roots)
    s.write("a/b/g.txt", "x\n")
    os.rename(s.path("a/b"), s.path("a/c"))
    os.unlink(s.path("top.txt"))
    eventually(lambda: all(equal_below(s, *root) for root in roots), lambda: str([[sorted(table) for table in tables_of(s, c)] for _, c in roots]))
    s.write("a/c/g.txt", "changed\n")
    s.equal()
    eventually(lambda: all(equal_below(s, *root) for root in roots), lambda: str([[sorted(table) for table in tables_of(s, c)] for _, c in roots]))


@scenario(51, "short")
def one_root_named_twice_is_watched_once(s):
    s.write("a/f.txt", "x\n")
    Daemon(s, [POLL] if s.polls else [], (s.tree, s.tree + "/")).ready()
    s.write("a/g.txt", "x\n")
    s.equal_rows("a/f.txt", "a/g.txt")
    expect(s.value("SELECT count(*) FROM watch_folders WHERE codebase_id = %s", s.id) == 1, "it has several rows")


@scenario(51)
def a_root_configured_twice_under_one_name_is_refused(s):
    s.write("a/f.txt", "x\n")
    daemon = watch_configured(s, [(s.path("a"), s.id), (s.tree, s.id)], ready=False)
    daemon.process.wait(60)
    expect(daemon.process.returncode == 2 and daemon.log().count(s.tree) >= 2, daemon.log())


@scenario(52, "short")
def links_that_loop_dangle_or_lead_to_devices(s):
    s.write("a/f.txt", "x\n")
    os.mkfifo(s.out("pipe"))
    for name, target in (("a/loop", ".."), ("self", "self"), ("dangling", "nowhere"), ("stdout", "/dev/stdout"), ("zero", "/dev/zero"), ("proc", "/proc/self"),
                         ("pipe", s.out("pipe")), ("file", "a/f.txt")):
        os.symlink(target, s.path(name))
    s.watch()
    s.equal_rows("a/f.txt")
    os.symlink("f.txt", s.path("a/later"))
    os.symlink("../..", s.path("a/up"))
    os.unlink(s.path("file"))
    s.write("file", "now a file\n")
    s.equal_rows("a/f.txt", "file")


@scenario(53, "short")
def pipes_sockets_and_devices_are_no_rows_and_do_not_block(s):
    s.write("f.txt", "x\n")
    os.mkfifo(s.path("before"))
    s.watch()
    os.mkfifo(s.path("pipe.py"))
    ears = socket.socket(socket.AF_UNIX)
    ears.bind(s.path("socket"))
    if os.geteuid() == 0:
        os.mknod(s.path("null"), 0o020666, os.makedev(1, 3))
    s.write("becomes", "x\n")
    s.equal()
    os.unlink(s.path("becomes"))
    os.mkfifo(s.path("becomes"))
    s.equal_rows("f.txt")
    ears.close()


@scenario(54, "short")
def names_of_any_bytes(s):
    s.watch()
    names = [b"\xff\xfe", b"tab\there", b"new\nline", b"-rf", b"%s%n", b"'\"`$(x)", b"[a-z]*?", b"x" * 255, b" ", b"back\\slash", "é".encode()]
    for name in names:
        s.write(os.fsdecode(b"d\xc0/" + name), "x\n")
    s.equal_rows(*(path_text(os.fsdecode(b"d\xc0/" + name)) for name in names))
    os.rename(s.path(os.fsdecode(b"d\xc0")), s.path("plain"))
    s.equal()
    raw = s.row(path_text(os.fsdecode(b"plain/\xff\xfe")), "path_raw")
    expect(raw and bytes(raw[0]) == b"plain/\xff\xfe", raw)


@scenario(54, "")
def paths_longer_than_the_system_takes_at_once(s):
    s.watch()
    fd = os.open(s.tree, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=fd)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)
    s.equal()
    expect(len(s.rows()) == 10, "%d rows" % len(s.rows()))
    os.rename(s.path("d" * 250), s.path("s"))
    s.equal()
    expect(len(s.rows()) == 11, "%d rows" % len(s.rows()))
    subprocess.run(["rm", "-rf", s.path("s")], check=True)
    s.equal_rows()


@scenario(55, "user short")
def files_and_folders_that_cannot_be_read_keep_their_rows_and_come_back(s):
    s.write("d/e/f.txt", "x\n")
    s.write("secret.txt", "x\n")
    s.write("open.txt", "x\n")
    s.watch()
    s.equal()
    os.chmod(s.path("d"), 0)
    os.chmod(s.path("secret.txt"), 0)
    s.write("open.txt", "y\n")
    eventually(lambda: s.row("open.txt", "content") == ("y\n",), "the others go on")
    expect(s.row("d/e/f.txt") and s.row("secret.txt"), "rows of what cannot be read are gone: %s" % s.rows())
    os.chmod(s.path("d"), 0o755)
    os.chmod(s.path("secret.txt"), 0o644)
    s.write("d/e/f.txt", "changed\n")
    s.equal_rows("d/e/f.txt", "open.txt", "secret.txt")


@scenario(55, "short")
def a_change_of_a_folders_mode_alone_changes_no_row(s):
    s.write("d/f.txt", "x\n")
    s.watch()
    before = s.row("d/f.txt", "xmin::text")
    os.chmod(s.path("d"), 0o700)
    s.equal()
    expect(s.row("d/f.txt", "xmin::text") == before, "the row was written again")
    os.chmod(s.path("d/f.txt"), 0o600)
    s.equal()


@scenario(56, "alone")
def sigterm_with_much_work_left_ends_soon_and_the_next_start_catches_up(s):
    daemon = s.watch()
    for i in range(s.sized(3000, 20000)):
        s.write("d%d/f%d.py" % (i % 50, i), "x = %d\n" % i)
    began = time.monotonic()
    daemon.stop()
    took = time.monotonic() - began
    expect(took < (20 if "asan" in s.program else 4), "it took %.1f s to end" % took)
    s.watch()
    s.equal()


@scenario(57, "short")
def writers_are_not_held_up_by_reading(s):
    text = "x = 1\n" * 50000
    s.write("big.txt", text)
    s.watch()
    waits, end = [], time.monotonic() + s.sized(2, 20)
    while time.monotonic() < end:
        began = time.monotonic()
        fd = os.open(s.path("big.txt"), os.O_WRONLY | os.O_TRUNC)
        waits.append(time.monotonic() - began)
        os.write(fd, text.encode())
        os.close(fd)
        time.sleep(s.dice.uniform(0, 0.03))
    waits.sort()
    expect(waits[len(waits) * 9 // 10] < 0.05 and waits[-1] < 2, "opening took up to %.3f s, in nine of ten cases %.3f s" % (
        waits[-1], waits[len(waits) * 9 // 10]))
    expect(s.daemons[-1].is_running(), "the daemon is gone")
    s.equal()


@scenario(58, "short")
def files_from_the_future_and_the_past(s):
    s.watch()
    for name, when in (("future.txt", 2209000000), ("past.txt", 0), ("before.txt", -10)):
        os.utime(s.write(name, "one\n"), (when, when))
    s.equal()
    for name, when in (("future.txt", 2209000000), ("past.txt", 0), ("before.txt", -10)):
        os.utime(s.write(name, "two\n"), (when, when))
    s.equal()
    s.write("future.txt", "three\n", append=True)
    s.becomes_equal()


@scenario(58, "")
def a_clock_that_is_set_back_by_an_hour(s):
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found or "asan" in s.program or "tsan" in s.program:
        raise Skip("needs libfaketime and a build without sanitizers")
    offset = os.path.join(s.base, "offset")

    def set_clock(text):
        with open(offset + ".new", "w", encoding="ascii") as out:
            out.write(text + "\n")
        os.rename(offset + ".new", offset)

    set_clock("+0")
    program, s.program = s.program, s.wrap("env LD_PRELOAD=%s FAKETIME_TIMESTAMP_FILE=%s FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 "
                                           "FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1" % (found[0], offset))
    s.watch()
    s.program = program
    s.write("a.txt", "one\n")
    s.becomes_equal()
    for turn, text in enumerate(("-1h", "+1h", "-1h")):
        set_clock(text)
        s.write("a.txt", "turn %d\n" % turn)
        s.write("b%d.txt" % turn, "x\n")
        s.becomes_equal()
        s.equal()
