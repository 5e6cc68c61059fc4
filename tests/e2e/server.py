"""A private PostgreSQL for one run of the cases: unix socket only, in a temporary directory, gone afterwards."""
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time

import psycopg2

START_DEADLINE_S = 60


def newest_bin_dir():
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if not found:
        raise RuntimeError("no PostgreSQL server in /usr/lib/postgresql")
    return os.path.dirname(max(found, key=lambda path: int(re.search(r"postgresql/(\d+)", path).group(1))))


class Server:
    """The owner of its files is user postgres when root runs the tests: PostgreSQL refuses root."""

    SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "200", "shared_buffers": "64MB",
                "unix_socket_permissions": "0777", "log_min_messages": "warning", "deadlock_timeout": "200ms"}

    def __init__(self):
        self.bin_dir = newest_bin_dir()
        self.folder = tempfile.mkdtemp(prefix="srctab-pg-")
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.as_user = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        subprocess.run([os.path.join(self.bin_dir, "initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
                        "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.as_user)
        self.process = None
        self.start()

    def start(self):
        settings = [part for key, value in self.SETTINGS.items() for part in ("-c", "%s=%s" % (key, value))]
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

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def conninfo(self, database):
        return "host=%s dbname=%s user=postgres" % (self.folder, database)

    def create_database(self, name):
        connection = psycopg2.connect(self.conninfo("postgres"))
        connection.autocommit = True
        connection.cursor().execute('CREATE DATABASE "%s"' % name)
        connection.close()
