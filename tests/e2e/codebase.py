"""What a case works with: a temporary tree, a codebase of its own, the program, the tables."""
import contextlib
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import psycopg2

DEADLINE_S = 60
POLL_S = 0.02
TABLES = ("code_files", "codebase_metadata")


class Failure(AssertionError):
    """A case that did not hold; the sentence says what was seen."""


def expect(condition, sentence):
    if not condition:
        raise Failure(sentence)


def eventually(condition, sentence, deadline_s=DEADLINE_S):
    """Poll until condition() is true; its last value comes back."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("after %d s still not: %s" % (deadline_s, sentence() if callable(sentence) else sentence))
        time.sleep(POLL_S)


def path_text(path):
    """A path as the tables write it: bytes that are not UTF-8 as \\xHH, in capitals."""
    return re.sub(r"[\udc80-\udcff]", lambda byte: "\\x%02X" % (ord(byte.group()) - 0xdc00), os.fsdecode(path))


class Daemon:
    """`srctab watch`, in a process group of its own, its log in a file."""

    def __init__(self, codebase, arguments, folders):
        self.codebase = codebase
        self.log_path = os.path.join(codebase.base, "log-%d" % len(codebase.daemons))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(codebase.command("watch", *arguments, *folders), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=codebase.env, cwd=codebase.base, start_new_session=True)
        codebase.daemons.append(self)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def is_running(self):
        return self.process.poll() is None

    def ready(self, deadline_s=DEADLINE_S):
        """Until it watches and its first scan is in the tables."""
        def is_ready():
            expect(self.is_running(), "the daemon ended with %s:\n%s" % (self.process.returncode, self.log()[-4000:]))
            return self.codebase.run("health", "--ready", self.codebase.tree).returncode == 0
        eventually(is_ready, lambda: "ready; it said:\n" + self.log()[-4000:], deadline_s)
        self.codebase.wait()
        return self

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, status=0, deadline_s=DEADLINE_S):
        """End it and check its exit status (None: any)."""
        if self.is_running():
            self.send(signal.SIGCONT)
            self.send(number)
        try:
            ended = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("did not end within %d s of signal %d:\n%s" % (deadline_s, number, self.log()[-4000:])) from None
        expect(status is None or ended == status, "ended with %s, not %s:\n%s" % (ended, status, self.log()[-4000:]))

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Codebase:
    def __init__(self, server, program, name, database, include=("**",)):
        self.server, self.program, self.id, self.database = server, program, name, database
        self.base = tempfile.mkdtemp(prefix="srctab-e2e-")
        os.chmod(self.base, 0o755)
        self.tree = os.path.join(self.base, "tree")
        os.mkdir(self.tree)
        self.config_path = os.path.join(self.base, "srctab.yaml")
        self.daemons, self.connection = [], None
        self.program_conninfo = None  # where the program connects; None: where the case does
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(("SRCTAB_", "PG", "XDG_"))}
        self.env.update(HOME=self.base, XDG_RUNTIME_DIR=self.base, XDG_STATE_HOME=self.base, GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="a",
                        GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example.org", TZ="UTC")
        self.configure(include=include)

    # -- configuration and commands

    def configure(self, include=("**",), folder="", rest=""):
        """Write the configuration: the tree with these patterns, further lines of its folder, further sections."""
        lines = ["version: 1", "embedded:", "  socket_dir: %s" % self.base, "folders:", "  - path: %s" % self.tree, "    codebase: %s" % self.id]
        if include:
            lines.append("    include: [%s]" % ", ".join('"%s"' % pattern for pattern in include))
        lines += ["    " + line for line in folder.splitlines()] + rest.splitlines()
        with open(self.config_path, "w", encoding="utf-8") as config:
            config.write("\n".join(lines) + "\n")

    def conninfo(self):
        return self.server.conninfo(self.database)

    def command(self, *arguments):
        return [self.program, "--config", self.config_path, "--db", self.program_conninfo or self.conninfo()] + [os.fspath(a) for a in arguments]

    def run(self, *arguments, status=None, stdin=None, deadline_s=120, cwd=None):
        """One command to its end; `status` is checked when given."""
        done = subprocess.run(self.command(*arguments), input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env, cwd=cwd or self.base, timeout=deadline_s, text=True, errors="replace", check=False)
        expect(status is None or done.returncode == status, "srctab %s ended with %s, not %s\n%s\n%s" % (
            " ".join(map(str, arguments)), done.returncode, status, done.stdout[-3000:], done.stderr[-3000:]))
        return done

    def ingest(self, *arguments, status=0):
        return self.run("ingest", *arguments, self.tree, status=status)

    def verify(self, *arguments, status=0):
        return self.run("verify", *arguments, self.tree, status=status)

    def wait(self, timeout="60s", status=0):
        return self.run("wait", "--timeout", timeout, self.tree, status=status)

    def daemon(self, *arguments, ready=True, configured=False):
        """configured: watch the folders of the configuration, not the one that is named."""
        daemon = Daemon(self, arguments, () if configured else (self.tree,))
        return daemon.ready() if ready else daemon

    # -- the tree

    def path(self, *parts):
        return os.path.join(self.tree, *parts)

    def write(self, path, content, append=False):
        """Write one file; folders on the way are made."""
        whole = self.path(path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "ab" if append else "wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)
        return whole

    def git(self, *arguments):
        return subprocess.run(["git", "-C", self.tree] + list(arguments), check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env).stdout

    def disk(self, ingested=lambda path: True):
        """{path as text: SHA-256} of every regular file that should have a row."""
        found = {}
        for where, folders, names in os.walk(self.tree):
            folders[:] = [name for name in folders if name != ".git"]
            for name in names:
                whole = os.path.join(where, name)
                path = os.path.relpath(whole, self.tree)
                if name != ".git" and stat.S_ISREG(os.lstat(whole).st_mode) and ingested(path):
                    with open(whole, "rb") as content:
                        found[path_text(path)] = hashlib.sha256(content.read()).hexdigest()
        return found

    # -- the tables

    def sql(self, query, *parameters):
        if self.connection is None or self.connection.closed:
            self.connection = psycopg2.connect(self.conninfo() + " options='-c search_path=srctab,public'")
            self.connection.autocommit = True
        cursor = self.connection.cursor()
        cursor.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def disconnect(self):
        """The next statement connects anew."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def use(self, server, database):
        """From now on in this database of this server."""
        self.disconnect()
        self.server, self.database = server, database

    def value(self, query, *parameters):
        rows = self.sql(query, *parameters)
        return rows[0][0] if rows else None

    def row(self, path, columns="*", table="code_files"):
        rows = self.sql("SELECT %s FROM %s WHERE codebase_id = %%s AND path = %%s" % (columns, table), self.id, path)
        return rows[0] if rows else None

    def table(self, name):
        return dict(self.sql("SELECT path, encode(content_hash, 'hex') FROM %s WHERE codebase_id = %%s" % name, self.id))

    def differences(self, ingested=lambda path: True):
        """Sentences on how the tables differ from the disk; empty: equal."""
        wanted, found = self.disk(ingested), []
        for name in TABLES:
            rows = self.table(name)
            found += ["%s: no row for %r" % (name, path) for path in sorted(set(wanted) - set(rows))]
            found += ["%s: a row too many, %r" % (name, path) for path in sorted(set(rows) - set(wanted))]
            found += ["%s: another content, %r" % (name, path) for path in sorted(set(rows) & set(wanted)) if rows[path] != wanted[path]]
        return found

    def equal(self, ingested=lambda path: True):
        """After a barrier the tables must equal the disk, without further waiting."""
        self.wait()
        found = self.differences(ingested)
        expect(not found, "%d differences:\n%s" % (len(found), "\n".join(found[:20])))

    def becomes_equal(self, ingested=lambda path: True, deadline_s=DEADLINE_S):
        """Without a barrier, by themselves."""
        eventually(lambda: not self.differences(ingested), lambda: "\n".join(self.differences(ingested)[:20]), deadline_s)

    def audit(self, path=None):
        """Newest last: (operation, origin, result, code_files_status, metadata_status, old_path, skipped_reason)"""
        rows = self.sql("SELECT path, operation, origin, result, code_files_status, metadata_status, old_path FROM sync_audit WHERE codebase_id = %s ORDER BY "
                        "attempted_at, attempt_id", self.id)
        return [row[1:] for row in rows if path is None or row[0] == path]

    def close(self):
        for daemon in self.daemons:
            if daemon.is_running():
                daemon.stop(status=None)
        self.disconnect()
        subprocess.run(["chmod", "-R", "u+rwx", self.base], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.base, ignore_errors=True)
