"""What a scenario works with: a codebase, its daemon, ways to be quick and to be late."""
import contextlib
import ctypes
import hashlib
import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from codebase import Codebase, Daemon, Failure, eventually, expect, path_text  # noqa: E402,F401

CASES = []
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2
POLL = "--poll=200ms"
MAX_PATH_BYTES = 2600  # longer ones have no row
FLOOD_EVENTS = 18000   # fs.inotify.max_queued_events is 16384


class Skip(Exception):
    """This machine cannot show it; the word says why."""


class Case:
    def __init__(self, number, function, tags):
        self.number, self.function, self.tags = number, function, set(tags.split())
        self.name = "%02d %s" % (number, function.__name__.replace("_", " "))


def scenario(number, tags=""):
    """tags: star = also under AddressSanitizer; short = also on the other combinations; events = not for polling; root = needs root; user = only as an
    ordinary user; alone = measures, so nothing else runs meanwhile; no-overlay = overlayfs tells nothing."""
    def add(function):
        CASES.append(Case(number, function, tags))
        CASES.sort(key=lambda case: case.number)
        return function
    return add


def exchange(left, right):
    if LIBC.renameat2(AT_FDCWD, os.fsencode(left), AT_FDCWD, os.fsencode(right), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2 of %s and %s" % (left, right))


class Scenario(Codebase):
    def __init__(self, *arguments, events, disk, seed, long):
        super().__init__(*arguments)
        self.polls, self.disk_type, self.long = events == "poll", disk, long
        self.dice = random.Random(seed)
        self.outside = os.path.join(self.base, "outside")
        os.mkdir(self.outside)

    # -- the daemon

    def watch(self, *arguments, ready=True, configured=False):
        return self.daemon(*([POLL] if self.polls else []), *arguments, ready=ready, configured=configured)

    def wrap(self, words):
        """Run the program by way of other words from now on."""
        wrapper = os.path.join(self.base, "wrapped-%d" % len(os.listdir(self.base)))
        with open(wrapper, "w", encoding="utf-8") as script:
            script.write('#!/bin/sh\nexec %s "%s" "$@"\n' % (words, self.program))
        os.chmod(wrapper, 0o755)
        return wrapper

    @property
    def pid(self):
        return self.daemons[-1].process.pid

    @contextlib.contextmanager
    def stopped(self):
        """The daemon does not run meanwhile: all that happens is read at once, later."""
        self.daemons[-1].send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemons[-1].send(signal.SIGCONT)

    def counters(self):
        status = json.loads(self.run("status", "--json", self.tree, status=0).stdout)
        return status["roots"][0]["counters"] if "counters" in status["roots"][0] else status["roots"][0]

    def memory_kib(self, key="VmRSS"):
        with open("/proc/%d/status" % self.pid, encoding="ascii", errors="replace") as text:
            return int(re.search(r"^%s:\s+(\d+)" % key, text.read(), re.M).group(1))

    def inotify_fds(self):
        folder = "/proc/%d/fd" % self.pid
        try:
            return [fd for fd in os.listdir(folder) if "inotify" in os.readlink(os.path.join(folder, fd))]
        except PermissionError:
            raise Skip("/proc of the daemon is closed") from None

    def watches(self):
        """How many inotify watches the daemon has."""
        count = 0
        for fd in self.inotify_fds():
            with open("/proc/%d/fdinfo/%s" % (self.pid, fd), encoding="ascii") as text:
                count += text.read().count("inotify wd:")
        return count

    # -- the tree

    def sized(self, short, long):
        return long if self.long else short

    def pause(self):
        """Between two steps, by the seed: often none."""
        time.sleep(self.dice.choice((0, 0, 0, 0.001, 0.01, 0.03, 0.15, 0.6)))

    def shell(self, script, cwd=None):
        subprocess.run(["sh", "-ec", script], cwd=cwd or self.tree, check=True, stdin=subprocess.DEVNULL, env=self.env)

    def out(self, *parts):
        return os.path.join(self.outside, *parts)

    def write_out(self, path, content):
        whole = self.out(path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as out:
            out.write(content)
        return whole

    def folders(self, name, n_folders, n_files=1):
        for i in range(n_folders):
            for k in range(n_files):
                self.write("%s/d%d/f%d.txt" % (name, i, k), "%s %d %d\n" % (name, i, k))

    def flood(self, name="flood"):
        """More events than the kernel's queue takes: equal ones in a row are merged, so two files take turns."""
        fds = [os.open(self.path("%s%d" % (name, i)), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644) for i in range(2)]
        for i in range(FLOOD_EVENTS):
            os.write(fds[i % 2], b"x")
        for fd in fds:
            os.close(fd)

    def churn(self, seed, milliseconds, writers=3, stop_pid=None):
        """The seeded writers of tests/watch/churn.c, begun."""
        folder = os.path.dirname(os.environ.get("SRCTAB_SCENARIO_PROGRAM") or self.program)
        program = os.path.join(folder, "..", "..", "tests", "watch", "churn")
        if not os.path.exists(program):
            raise Skip("tests/watch/churn is not built")
        words = [program, str(seed), str(writers), str(milliseconds), self.tree, self.outside] + ([str(stop_pid)] if stop_pid else [])
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def disk(self, ingested=lambda path: True):
        """{path as text: SHA-256}, by descriptors of folders: a path may be longer than the system takes at once."""
        found = {}
        for where, folders, names, fd in os.fwalk(os.path.realpath(self.tree)):
            folders[:] = [name for name in folders if name != ".git"]
            for name in names:
                path = os.path.relpath(os.path.join(where, name), os.path.realpath(self.tree))
                if name == ".git" or len(os.fsencode(path)) > MAX_PATH_BYTES or not ingested(path) or not stat.S_ISREG(
                        os.lstat(name, dir_fd=fd).st_mode):
                    continue
                with open(name, "rb", opener=lambda p, flags, fd=fd: os.open(p, flags, dir_fd=fd)) as content:
                    found[path_text(path)] = hashlib.sha256(content.read()).hexdigest()
        return found

    def rows(self):
        return sorted(self.table("code_files"))

    def equal_rows(self, *paths):
        """The tables equal the disk, and these are all the files."""
        self.equal()
        expect(self.rows() == sorted(paths), "rows are %s" % self.rows())
