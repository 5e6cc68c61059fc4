"""Scenarios 20 to 31: crashes, outages, limits, and writes of which the kernel tells little."""
import os
import select
import socket
import subprocess
import threading
import time

from scenario import AT_FDCWD, LIBC, Skip, eventually, expect, scenario
from server import Server


@scenario(20, "star short")
def kills_at_random_moments_while_the_tree_changes(s):
    s.watch("--allow-mass-delete")
    for turn in range(s.sized(3, 12)):
        churn = s.churn(s.dice.randrange(1 << 30), s.sized(700, 3000))
        time.sleep(s.dice.uniform(0, s.sized(0.6, 2.5)))
        s.daemons[-1].kill()
        churn.wait()
        s.watch("--allow-mass-delete", ready=turn % 2 == 0)
    s.daemons[-1].ready()
    s.equal()


@scenario(20, "star")
def creates_changes_deletes_and_changes_of_type_while_it_was_down(s):
    for name in ("same", "changed", "deleted", "to-folder"):
        s.write(name, name + "\n")
    s.write("to-file/f", "x\n")
    s.write("moved/f", "x\n")
    s.watch().kill()
    s.write("changed", "other\n")
    s.write("created/f", "x\n")
    s.shell("rm deleted to-folder; rm -r to-file; mkdir to-folder; touch to-folder/f to-file; mv moved moved-away")
    s.watch()
    s.equal_rows("same", "changed", "to-folder/f", "to-file", "moved-away/f", "created/f")


@scenario(21, "short")
def an_edit_that_keeps_size_and_time_while_it_was_down(s):
    s.write("a.txt", "one\n")
    s.watch().stop()
    before = os.stat(s.path("a.txt"))
    s.write("a.txt", "two\n")
    os.utime(s.path("a.txt"), ns=(before.st_atime_ns, before.st_mtime_ns))
    s.watch()
    s.equal()
    before = os.stat(s.path("a.txt"))
    s.write("a.txt", "six\n")
    os.utime(s.path("a.txt"), ns=(before.st_atime_ns, before.st_mtime_ns))
    s.equal()


class OwnServer:
    """A PostgreSQL of this case alone, to be stopped and started."""

    def __init__(self, s):
        self.server = Server()
        self.server.create_database("srctab")
        s.server, s.database = self.server, "srctab"

    def __enter__(self):
        return self.server

    def __exit__(self, *_):
        self.server.close()


@scenario(22, "star")
def a_database_that_is_down_while_many_files_change(s):
    n = s.sized(3000, 100000)
    with OwnServer(s) as server:
        s.write("first.txt", "x\n")
        s.watch()
        before = s.memory_kib()
        server.stop(immediately=True)
        end, peak = time.monotonic() + s.sized(3, 60), before
        for i in range(n):
            s.write("d%d/f%d.txt" % (i % 97, i), "x %d\n" % i)
            if i % 500 == 0:
                peak = max(peak, s.memory_kib())
        while time.monotonic() < end:
            os.rename(s.path("d1"), s.path("t"))
            os.rename(s.path("t"), s.path("d1"))
            s.write("d2/f2.txt", "again %d\n" % time.monotonic_ns())
            time.sleep(0.05)
        peak = max(peak, s.memory_kib())
        server.start()
        s.connection = None
        eventually(lambda: s.run("wait", "--timeout", "60s", s.tree).returncode == 0, "wait succeeds", 180)
        s.equal()
        if "asan" not in s.program:
            expect(peak < before + 96 * 1024 + n // 4, "memory went from %d to %d KiB" % (before, peak))
        s.daemons[-1].stop()
        s.close()


class Proxy:
    """Between the daemon and the server; drops connections when the server has answered and nobody has heard it yet."""

    def __init__(self, folder, target, dice):
        self.folder, self.target, self.dice, self.losses, self.to_lose = folder, target, dice, 0, 0
        os.mkdir(folder)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(folder, ".s.PGSQL.5432"))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        server = socket.socket(socket.AF_UNIX)
        other, written = {client: server, server: client}, False
        try:
            server.connect(self.target)
            while True:
                for side in select.select([client, server], [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    # An answer to something with contents in it: most likely a commit.
                    if side is client:
                        written = len(data) > 300
                    elif written and self.to_lose > 0 and self.dice.random() < 0.3:
                        self.to_lose, self.losses = self.to_lose - 1, self.losses + 1
                        return
                    other[side].sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()


class Proxied:
    def __init__(self, proxy, server):
        self.proxy, self.folder, self.conninfo = proxy, server.folder, server.conninfo


@scenario(23, "short")
def connections_lost_between_a_commit_and_its_answer(s):
    proxy = Proxy(os.path.join(s.base, "proxy"), os.path.join(s.server.folder, ".s.PGSQL.5432"), s.dice)
    direct = s.server.conninfo
    s.server = Proxied(proxy, s.server)
    s.server.conninfo = lambda database: direct(database).replace(s.server.folder, proxy.folder)
    s.watch()
    s.server.conninfo = direct
    proxy.to_lose = s.sized(8, 50)
    for i in range(s.sized(150, 1500)):
        s.write("f%d.txt" % (i % 50), "turn %d\n" % i)
        if i % 10 == 0:
            time.sleep(0.05)
    eventually(lambda: proxy.to_lose == 0 or not s.differences(), "connections were lost")
    proxy.to_lose = 0
    s.becomes_equal(deadline_s=120)
    expect(proxy.losses > 0, "no connection was lost")
    s.equal()


def limited(s, setting):
    """Words that run a command in a user namespace with a limit of its own."""
    words = "unshare -Ur sh -c 'echo %s && exec \"$@\"' sh" % setting
    if subprocess.run(["sh", "-c", words + " true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("no user namespaces here")
    return s.wrap(words)


@scenario(24, "events short")
def more_folders_than_the_limit_of_watches(s):
    s.folders("t", 60)
    program, s.program = s.program, limited(s, "30 > /proc/sys/user/max_inotify_watches")
    daemon = s.watch()
    s.program = program
    s.equal()
    for i in range(60):
        s.write("t/d%d/sub/new.txt" % i, "x\n")
    s.equal()
    s.write("t/d59/sub/late.txt", "x\n")
    s.write("t/d0/f0.txt", "changed\n")
    s.becomes_equal()
    said = [line for line in daemon.log().splitlines() if "max_user_watches" in line]
    expect(len(said) in (1, 2), "the limit is said once, with the setting:\n" + daemon.log())
    os.rename(s.path("t"), s.path("u"))
    s.equal()


@scenario(24, "events")
def no_descriptor_for_events_at_all(s):
    s.write("a/f.txt", "x\n")
    program, s.program = s.program, limited(s, "0 > /proc/sys/user/max_inotify_instances")
    daemon = s.watch()
    s.program = program
    s.write("a/g.txt", "x\n")
    s.becomes_equal()
    expect("max_user_instances" in daemon.log(), "the limit is said, with the setting:\n" + daemon.log())


@scenario(25, "short")
def temporary_files_that_come_and_go_during_the_first_scan(s):
    n = s.sized(300, 1000)
    s.folders("t", n)
    stop = threading.Event()

    def litter():
        i = 0
        while not stop.is_set():
            i += 1
            name = s.path("t/d%d/tmp" % (i % n))
            with open(name, "w", encoding="utf-8"):
                pass
            os.unlink(name)
            if i % 50 == 0:
                os.mkdir(s.path("t/d%d/dir" % (i % n)))
                os.rmdir(s.path("t/d%d/dir" % (i % n)))

    thread = threading.Thread(target=litter)
    thread.start()
    try:
        s.watch()
    finally:
        stop.set()
        thread.join()
    s.equal()
    if not s.polls:
        expect(s.watches() >= n + 2, "%d watches for %d folders" % (s.watches(), n + 2))
    for i in range(n):
        s.write("t/d%d/after.txt" % i, "x\n")
    s.equal()


@scenario(26, "short")
def a_write_through_a_hard_link_outside_the_root(s):
    s.configure(rest="watch:\n  reconcile_s: 1\n")
    s.write("a.txt", "one\n")
    os.link(s.path("a.txt"), s.out("a.txt"))
    s.watch()
    with open(s.out("a.txt"), "a", encoding="utf-8") as out:
        out.write("two\n")
    s.becomes_equal()


@scenario(27, "short")
def a_write_through_one_of_two_names_in_the_root(s):
    s.write("d/a.txt", "one\n")
    s.watch()
    os.link(s.path("d/a.txt"), s.path("b.txt"))
    s.equal()
    for turn in range(3):
        s.write("b.txt", "turn %d\n" % turn, append=True)
        s.equal()
    os.unlink(s.path("d/a.txt"))
    s.write("b.txt", "alone\n", append=True)
    s.equal_rows("b.txt")


def give_name(fd, path):
    """linkat(2) of a descriptor: os.link() does not follow the link in /proc."""
    if LIBC.linkat(AT_FDCWD, b"/proc/self/fd/%d" % fd, AT_FDCWD, os.fsencode(path), 0x400) != 0:
        raise Skip("linkat of a file without a name is refused")


@scenario(28, "short")
def a_file_without_a_name_that_gets_one_and_is_written_on(s):
    s.watch()
    try:
        fd = os.open(s.tree, os.O_TMPFILE | os.O_RDWR, 0o644)
    except OSError:
        raise Skip("no O_TMPFILE on this file system") from None
    os.write(fd, b"one\n")
    give_name(fd, s.path("linked.txt"))
    s.pause()
    os.write(fd, b"two\n")
    s.pause()
    os.write(fd, b"three\n")
    os.close(fd)
    s.becomes_equal()
    s.equal_rows("linked.txt")


@scenario(29, "short")
def a_file_truncated_by_its_path(s):
    s.write("f.txt", "some text\n")
    s.watch()
    os.truncate(s.path("f.txt"), 3)
    s.equal()
    os.truncate(s.path("f.txt"), 0)
    s.becomes_equal()


@scenario(30, "root events")
def a_file_system_mounted_over_a_watched_folder(s):
    s.write("m/covered.txt", "covered\n")
    s.write("f.txt", "x\n")
    s.watch()
    s.equal()
    if subprocess.run(["mount", "-t", "tmpfs", "srctab", s.path("m")], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("cannot mount")
    try:
        s.write("m/elsewhere.txt", "x\n")
        s.write("f.txt", "y\n")
        outer = lambda path: not path.startswith("m/")  # noqa: E731
        eventually(lambda: "m/elsewhere.txt" not in s.rows(), "no row of another device")
        eventually(lambda: not [d for d in s.differences(outer) if "m/covered.txt" not in d], lambda: str(s.differences(outer)))
    finally:
        subprocess.run(["umount", s.path("m")], check=True)
    s.write("m/covered.txt", "uncovered\n")
    s.becomes_equal()


@scenario(30, "root")
def a_root_that_is_unmounted_and_mounted_again(s):
    mount = ["mount", "-t", "tmpfs", "srctab", s.tree]
    if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("cannot mount")
    try:
        for i in range(20):
            s.write("f%d.txt" % i, "x\n")
        daemon = s.watch()
        s.equal()
        subprocess.run(["mount", "--move", s.tree, s.outside], check=True)
        eventually(lambda: "offline" in daemon.log(), lambda: "it says that the root is offline:\n" + daemon.log())
        expect(len(s.rows()) == 20, "rows are gone with the mount")
        subprocess.run(["mount", "--move", s.outside, s.tree], check=True)
        s.write("f1.txt", "back\n")
        s.becomes_equal()
        daemon.stop()
    finally:
        for folder in (s.tree, s.outside):
            subprocess.run(["umount", folder], check=False, stderr=subprocess.DEVNULL)


@scenario(31, "short events")
def polling_where_events_would_do(s):
    s.polls = True
    s.write("a/sub/f.txt", "x\n")
    s.write("x/f.txt", "x\n")
    s.watch()
    os.rename(s.path("a"), s.path("b"))
    s.write("b/sub/new.txt", "x\n")
    s.shell("rm -r x; echo file > x; rm -rf d; mkdir -p d/sub; echo 1 > d/sub/f; rm -r d; mkdir -p d/sub; echo 2 > d/sub/f")
    s.equal_rows("b/sub/f.txt", "b/sub/new.txt", "x", "d/sub/f")
    s.write("b/sub/new.txt", "y\n")
    s.becomes_equal()
