"""Private PostgreSQL servers: unix socket only, in a temporary directory, gone afterwards."""
import atexit
import contextlib
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import psycopg2

START_DEADLINE_S = 60


def newest_bin_dir():
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if not found:
        raise RuntimeError("no PostgreSQL server in /usr/lib/postgresql")
    return os.path.dirname(max(found, key=lambda path: int(re.search(r"postgresql/(\d+)", path).group(1))))


def new_folder():
    """A folder that the server's user owns, and how to become that user."""
    folder = tempfile.mkdtemp(prefix="srctab-pg-")
    os.chmod(folder, 0o755)
    if os.geteuid() != 0:
        return folder, {}
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder, {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def children_of(pid):
    """Ids of the processes that this one started and that still run."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as stat:
            if int(stat.read().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry))
    return found


class Server:
    """The owner of its files is user postgres when root runs the tests: PostgreSQL refuses root."""

    SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "200", "shared_buffers": "64MB",
                "unix_socket_permissions": "0777", "log_min_messages": "warning", "deadlock_timeout": "200ms"}

    making, template = threading.Lock(), None

    def __init__(self, settings=None, standby_of=None):
        """settings: beside SETTINGS, or instead of them. standby_of: another server that this one follows."""
        self.settings = {**self.SETTINGS, **(settings or {})}
        self.bin_dir = newest_bin_dir()
        self.folder, self.as_user = new_folder()
        self.data = os.path.join(self.folder, "data")
        if standby_of is None:
            subprocess.run(["cp", "-a", self.make_template(), self.data], check=True)
        else:
            subprocess.run([os.path.join(self.bin_dir, "pg_basebackup"), "-D", self.data, "-R", "-c", "fast", "--no-sync", "-d",
                            standby_of.conninfo("postgres").replace(" dbname=postgres", "")], check=True, stdout=subprocess.DEVNULL, cwd=self.folder,
                           **self.as_user)
        self.process = None
        self.start()

    @classmethod
    def make_template(cls):
        """A data directory that is made once and copied for each server."""
        with cls.making:
            if cls.template is None:
                folder, as_user = new_folder()
                atexit.register(shutil.rmtree, folder, ignore_errors=True)
                data = os.path.join(folder, "data")
                subprocess.run([os.path.join(newest_bin_dir(), "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
                                "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
                cls.template = data
            return cls.template

    def start(self):
        """Also while the processes of a server that was killed are still about to end."""
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                self.start_once()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > deadline:
                    raise
                self.kill()
                time.sleep(0.1)

    def start_once(self):
        settings = [part for key, value in self.settings.items() for part in ("-c", "%s=%s" % (key, value))]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([os.path.join(self.bin_dir, "postgres"), "-D", self.data, "-k", self.folder] + settings, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self.as_user)
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                psycopg2.connect(self.conninfo("postgres")).close()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self, immediately=False):
        """As a power cut when `immediately`."""
        if self.process.poll() is None:
            self.process.send_signal(3 if immediately else 2)
            self.process.wait(60)

    def kill(self):
        """The postmaster alone; the others notice by themselves."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def send(self, number):
        """A signal to every process of the server."""
        for pid in [self.process.pid] + children_of(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
        self.stop(immediately=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def conninfo(self, database):
        return "host=%s dbname=%s user=postgres" % (self.folder, database)

    def create_database(self, name, options=""):
        self.run('CREATE DATABASE "%s" %s' % (name, options))

    def run(self, statement, database="postgres"):
        """One statement outside of a transaction, on a connection of its own."""
        connection = psycopg2.connect(self.conninfo(database))
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()
