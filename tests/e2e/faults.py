"""What the cases of faults share: servers of their own, and how every one of them has to end."""
import contextlib
import os
import subprocess
import time

from codebase import eventually, expect
from server import Server

RSS_MIB = 256  # of the daemon itself; its workers are bounded by analysis.memory_mb


@contextlib.contextmanager
def own_server(codebase, **settings):
    """A server that the case may kill, stop and fill; settings as in postgresql.conf."""
    server = Server(settings)
    try:
        server.create_database("srctab")
        codebase.use(server, "srctab")
        yield server
        for daemon in codebase.daemons:
            if daemon.is_running():
                daemon.stop()
    finally:
        for daemon in codebase.daemons:
            if daemon.is_running():
                daemon.kill()
        codebase.disconnect()
        server.close()


def rss_mib(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def unaudited(codebase, ingested):
    """Paths that have rows, but no attempt that says so for each table."""
    rows = codebase.sql("SELECT path, bool_or(code_files_status = 'ok'), bool_or(metadata_status = 'ok') FROM sync_audit WHERE codebase_id = %s GROUP BY path",
                        codebase.id)
    whole = {path for path, files, metadata in rows if files and metadata}
    return sorted(set(codebase.disk(ingested)) - whole)


def ends_well(codebase, ingested=lambda path: True, audited=True, deadline_s=90):
    """Both tables equal the disk by `verify`, nothing drifts, every attempt is audited, memory is bounded."""
    codebase.becomes_equal(ingested, deadline_s=deadline_s)
    if any(daemon.is_running() for daemon in codebase.daemons):
        codebase.equal(ingested)
    codebase.verify()
    drift = codebase.sql("SELECT path, problem FROM sync_drift WHERE codebase_id = %s", codebase.id)
    expect(not drift, "sync_drift: %s" % drift[:10])
    if audited:
        eventually(lambda: not unaudited(codebase, ingested), lambda: "an audit row for %s" % unaudited(codebase, ingested)[:10])
    for daemon in codebase.daemons:
        if daemon.is_running():
            expect(rss_mib(daemon.process.pid) < RSS_MIB, "the daemon takes %d MiB" % rss_mib(daemon.process.pid))


def fill(codebase, n, text="x = %d\n", name="d%d/f%d.py"):
    for i in range(n):
        codebase.write(name % (i % 17, i), text % i)


def some_rows(codebase, n):
    """Wait until a bulk ingest is under way."""
    def are_there():
        return codebase.value("SELECT to_regclass('code_files') IS NOT NULL") and len(codebase.table("code_files")) >= n
    eventually(are_there, "the first %d rows" % n)


def results(codebase, path):
    """(result, code_files_status, metadata_status, code_files_sqlstate, metadata_sqlstate), newest last."""
    return codebase.sql("SELECT result, code_files_status, metadata_status, code_files_sqlstate, metadata_sqlstate FROM sync_audit WHERE codebase_id = %s "
                        "AND path = %s ORDER BY attempted_at, attempt_id", codebase.id, path)


def audited_as(codebase, path, *row):
    """Wait for an audit row of the path that begins with these columns."""
    return eventually(lambda: [found for found in results(codebase, path) if found[:len(row)] == row],
                      lambda: "audited as %s: %s" % (row, results(codebase, path)))


def backends(codebase, where, *parameters):
    """Process ids of the program's sessions."""
    return [row[0] for row in codebase.sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND " + where,
                                           *parameters)]


def wait_for_backend(codebase, where, *parameters):
    return eventually(lambda: backends(codebase, where, *parameters), "a session with " + where)


def end_sessions(codebase, where="true"):
    codebase.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND " + where)


class Watch:
    """How long something takes, in seconds."""

    def __init__(self):
        self.began = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.began


def long_path(n_bytes):
    """A relative path of exactly so many bytes, of components of at most 200."""
    parts = []
    while n_bytes > 201:
        parts.append("d" * 200)
        n_bytes -= 201
    return os.path.join(*parts, "f" * (n_bytes - 3) + ".py") if n_bytes > 3 else None


class Private:
    """`srctab watch` on the private cluster, in a directory of its own."""

    def __init__(self, codebase, directory):
        self.codebase = codebase
        self.env = dict(codebase.env, SRCTAB_EMBEDDED_DIR=os.path.join(directory, "srctab"), SRCTAB_EMBEDDED_SOCKET_DIR=os.path.join(directory, "run"))
        self.log_path = os.path.join(codebase.base, "log-private")
        self.daemon = None

    def __enter__(self):
        with open(self.log_path, "wb") as log:
            self.daemon = subprocess.Popen([self.codebase.program, "watch", self.codebase.tree], env=self.env, cwd=self.codebase.base,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.daemon.terminate()
        self.daemon.wait(60)
        self.run("db", "stop")

    def run(self, *arguments):
        return subprocess.run([self.codebase.program, *arguments], env=self.env, cwd=self.codebase.base, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False)

    def said(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()[-4000:]

    def synced(self):
        """Until every write made before is in the tables."""
        eventually(lambda: self.run("wait", "--timeout", "60s", self.codebase.tree).returncode == 0, lambda: "all written:\n" + self.said(), 120)

    def ends_well(self):
        self.synced()
        expect(self.daemon.poll() is None, "it ended:\n" + self.said())
        done = self.run("verify", self.codebase.tree)
        expect(done.returncode == 0, done.stdout)
