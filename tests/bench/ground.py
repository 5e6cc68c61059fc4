"""What the tables stand on: a server with the private cluster's settings, the cost of processes, trees made of real files, tables."""
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from codebase import Codebase, Daemon, Failure, eventually, expect  # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
from server import Server, children_of  # noqa: E402  pylint: disable=wrong-import-position

TICKS = os.sysconf("SC_CLK_TCK")
# Durable as the private cluster is; the server of the test suites does not sync.
DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB", "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "1GB",
           "max_connections": "20", "autovacuum": "on"}


def stat_fields(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stat:
        return stat.read().rpartition(")")[2].split()


def descendants(pid):
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children_of(found[-1])
    return found


def cpu_of(pid):
    """CPU seconds of a process and all that it ever started, as far as they were waited for or still run."""
    total = 0
    for one in descendants(pid):
        try:
            fields = stat_fields(one)
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory_kb(pid, key="VmRSS"):
    """VmRSS: now; VmHWM: at most so far; Pss: shared pages counted by shares."""
    name = "smaps_rollup" if key == "Pss" else "status"
    try:
        with open("/proc/%d/%s" % (pid, name), encoding="utf-8") as lines:
            return next((int(line.split()[1]) for line in lines if line.startswith(key + ":")), 0)
    except OSError:
        return 0


class Cost:
    """Seconds and CPU seconds of a command with all its children, and what the server spent meanwhile."""

    def __init__(self, argv, server=None, **how):
        before = cpu_of(server.process.pid) if server else 0
        near, far = os.pipe()
        done = subprocess.run([sys.executable, os.path.join(HERE, "account.py"), str(far)] + list(argv), stdin=subprocess.DEVNULL,
                              stdout=how.pop("stdout", subprocess.DEVNULL), stderr=subprocess.PIPE, pass_fds=(far,), check=False, **how)
        os.close(far)
        with os.fdopen(near) as told:
            self.wall, self.cpu, self.rss_kb, status = map(float, told.read().split())
        self.server_cpu = cpu_of(server.process.pid) - before if server else 0
        expect(status == 0, "%s ended with %d: %s" % (" ".join(map(str, argv))[:200], status, done.stderr.decode(errors="replace")[-2000:]))


def median(values):
    return statistics.median(values)


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


class Table:
    """Columns as wide as their widest cell; the first is text."""

    def __init__(self, title, *heads):
        self.title, self.rows = title, [heads]

    def add(self, *cells):
        self.rows.append(["-" if cell is None else "%.2f" % cell if isinstance(cell, float) else str(cell) for cell in cells])

    def print(self):
        print("\n%s\n" % self.title)
        widths = [max(len(row[i]) for row in self.rows) for i in range(len(self.rows[0]))]
        lines = ["| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) + " |" for row in self.rows]
        lines.insert(1, "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|")
        print("\n".join(lines), flush=True)


class Ground:
    """One server for a program of tables; a database a codebase."""

    def __init__(self, build, tiny):
        self.program, self.raw, self.tiny = os.path.join(build, "src/app/srctab"), os.path.join(build, "tests/bench/raw"), tiny
        self.server, self.made, self.folder = Server(DURABLE), 0, tempfile.mkdtemp(prefix="srctab-bench-")
        os.chmod(self.folder, 0o755)
        self.open = []

    def codebase(self, tree=None):
        """A new database, and this tree (None: an empty one of its own)."""
        self.made += 1
        name = "bench%d" % self.made
        self.server.create_database(name)
        codebase = Codebase(self.server, self.program, name, name, include=())
        self.open.append(codebase)
        if tree is not None:
            os.rmdir(codebase.tree)
            codebase.tree = os.path.abspath(tree)
            codebase.configure(include=())
        return codebase

    def drop(self, codebase):
        self.open.remove(codebase)
        codebase.close()
        self.server.run('DROP DATABASE "%s" WITH (FORCE)' % codebase.database)

    def files(self, tree):
        """NUL-ended paths below the tree that srctab would ingest."""
        config = os.path.join(self.folder, "none.yaml")
        with open(config, "w", encoding="utf-8") as out:
            out.write("version: 1\n")
        return subprocess.run([self.program, "--config", config, "files", "--null", tree], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def parse(self, tree, listed, jobs=2):
        """(files, bytes, seconds, CPU seconds) of reading and parsing these files, no more."""
        said = subprocess.run([self.raw, str(jobs), tree], input=listed, check=True, stdout=subprocess.PIPE).stdout.split()
        return int(said[0]), int(said[1]), float(said[2]), float(said[3])

    def make_tree(self, trees, n_files, longest=4096):
        """n_files copies of real files of at most so many bytes, each a little different, 100 a folder."""
        pool = []
        for tree in trees:
            for path in self.files(tree).split(b"\0")[:-1]:
                whole = os.path.join(os.fsencode(tree), path)
                if 0 < os.stat(whole).st_size <= longest:
                    with open(whole, "rb") as source:
                        pool.append((os.path.splitext(path)[1], source.read()))
        pool = [(ending, text) for ending, text in pool if ending]
        random.Random(1).shuffle(pool)
        root = os.path.join(self.folder, "tree%d" % n_files)
        for i in range(n_files):
            ending, text = pool[i % len(pool)]
            if i % 100 == 0:
                where = os.path.join(root, "d%03d" % (i // 10000), "e%02d" % (i // 100 % 100))
                os.makedirs(where)
            with open(os.path.join(where, "f%06d" % i).encode() + ending, "wb") as out:
                out.write(text + b"\n" * (i // len(pool)))
        return root

    @staticmethod
    def wait(codebase):
        """Longer than a test would."""
        codebase.run("wait", "--timeout", "3600s", codebase.tree, status=0, deadline_s=3700)

    def close(self):
        for codebase in self.open:  # after a failure
            codebase.close()
        self.server.close()
        shutil.rmtree(self.folder, ignore_errors=True)
