"""Live: save to committed rows in both tables, ten files at once, CPU under steady saves, a checkout of many files."""
import time

import psycopg2

from ground import Cost, Table, cpu_of, expect, median, percentile

POLL_S = 0.0005
LINES = 60


def text_of(i, revision):
    body = "".join("    total = total + step(%d, total)\n    if total > %d:\n        total -= 1\n" % (line, line * 7) for line in range(LINES))
    return "def run_%d(total):\n%s    return total\n# %d\n" % (i, body, revision)


class Watched:
    """A running daemon over n small files, and a connection that sees when a row is there."""

    def __init__(self, ground, n_files, rest=""):
        self.ground, self.codebase = ground, ground.codebase()
        self.codebase.configure(include=(), rest=rest)
        for i in range(n_files):
            self.codebase.write("d%02d/f%04d.py" % (i // 100, i), text_of(i, 0))
        self.daemon = self.codebase.daemon()
        self.connection = psycopg2.connect(self.codebase.conninfo() + " options='-c search_path=srctab'")
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.cursor.execute("PREPARE seen AS SELECT count(*) FROM code_files f JOIN codebase_metadata m USING (codebase_id, path) "
                            "WHERE f.path = ANY ($1) AND f.content LIKE '%# ' || $2 || E'\\n' AND m.content_hash = f.content_hash")

    def save(self, numbers, revision):
        """Seconds from the close of the last file until all rows are there."""
        paths = ["d%02d/f%04d.py" % (i // 100, i) for i in numbers]
        for i, path in zip(numbers, paths):
            self.codebase.write(path, text_of(i, revision))
        start = time.monotonic()
        while True:
            self.cursor.execute("EXECUTE seen (%s, %s)", (paths, str(revision)))
            if self.cursor.fetchone()[0] == len(paths):
                return time.monotonic() - start
            expect(time.monotonic() - start < 60, "no row after 60 s")
            time.sleep(POLL_S)

    def close(self):
        self.connection.close()
        self.daemon.stop()
        self.ground.drop(self.codebase)


def latency(ground, options):
    table = Table("Save to committed rows in both tables, ms (looked for with a query every 0.5 ms)", "mode", "edits", "median", "p90", "p99", "slowest")
    at_once = Table("Ten files saved at once, all rows there, over one file (medians)", "mode", "one ms", "ten ms", "ratio")
    for mode, rest in (("fast path", ""), ("debounce 500 ms", "watch:\n  fast_path: off\n")):
        watched, n = Watched(ground, 100, rest), options.edits if not rest else max(5, options.edits // 10)
        waits = [1000 * watched.save([i % 100], i + 1) for i in range(n)]
        table.add(mode, n, median(waits), percentile(waits, 90), percentile(waits, 99), max(waits))
        tens, ones = [], []
        for i in range(max(3, n // 40)):
            ones.append(1000 * watched.save([i % 100], n + 2 * i + 1))
            tens.append(1000 * watched.save(range(10, 20), n + 2 * i + 2))
        at_once.add(mode, median(ones), median(tens), median(tens) / median(ones))
        watched.close()
    table.print()
    at_once.print()


def steady(ground, options):
    """Saves at an even pace, whether they are synced yet or not."""
    table = Table("Steady saves: CPU of the daemon and its workers, % of a core", "saves a minute", "seconds", "srctab %", "server %", "CPU ms a save")
    watched, pause, n = Watched(ground, 100), 0.06, 50 if ground.tiny else options.saves
    before, server, start = cpu_of(watched.daemon.process.pid), cpu_of(ground.server.process.pid), time.monotonic()
    for i in range(n):
        watched.codebase.write("d00/f%04d.py" % (i % 100), text_of(i % 100, i + 1))
        time.sleep(max(0, start + (i + 1) * pause - time.monotonic()))
    watched.codebase.wait()
    took = time.monotonic() - start
    cpu, server = cpu_of(watched.daemon.process.pid) - before, cpu_of(ground.server.process.pid) - server
    table.add(str(round(60 * n / took)), took, 100 * cpu / took, 100 * server / took, 1000 * cpu / n)
    table.print()
    watched.close()


def checkout(ground, options):
    """Between two branches that differ in every file."""
    n = options.checkout
    table = Table("`git checkout` to the return of `wait`, over a full ingest of the same files", "files", "full ingest s", "checkout + wait s", "ratio")
    watched = Watched(ground, n)
    codebase = watched.codebase
    codebase.git("init", "-q", "-b", "one")
    codebase.git("add", "-A")
    codebase.git("commit", "-qm", "one")
    codebase.git("checkout", "-q", "-b", "two")
    for i in range(n):
        codebase.write("d%02d/f%04d.py" % (i // 100, i), text_of(i, 1))
    codebase.git("commit", "-qam", "two")
    ground.wait(codebase)
    waits = []
    for branch in ("one", "two", "one"):
        start = time.monotonic()
        codebase.git("checkout", "-q", branch)
        ground.wait(codebase)
        waits.append(time.monotonic() - start)
    watched.daemon.stop()
    full = []
    for _ in range(2):
        codebase.sql("TRUNCATE code_files, codebase_metadata")
        full.append(Cost(codebase.command("ingest", codebase.tree), ground.server, env=codebase.env).wall)
    table.add(str(n), median(full), median(waits), median(waits) / median(full))
    table.print()
    watched.close()


def run(ground, options):
    latency(ground, options)
    steady(ground, options)
    checkout(ground, options)
