"""The daemon dies, starts twice, meets another schema, a pooler, another clock, a long outage."""
import contextlib
import glob
import json
import os
import signal
import subprocess
import tempfile
import uuid

import psycopg2

from cases import case
from codebase import eventually, expect
from faults import Private, Watch, audited_as, ends_well, fill, own_server, rss_mib, some_rows

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


@case(own_database=True)
def f20_a_second_daemon_takes_over_within_five_seconds(codebase):
    fill(codebase, 20)
    first = codebase.daemon()
    second = codebase.daemon(ready=False)
    eventually(lambda: "standing by" in second.log(), lambda: "the second one says that it stands by:\n" + second.log())
    expect(codebase.run("ingest", codebase.tree).returncode == 5, "a one-shot run beside an owner")
    owner = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted"
    before = codebase.sql(owner)
    watch = Watch()
    first.kill()
    codebase.write("b.py", "x = 1\n")
    eventually(lambda: codebase.sql(owner) not in ([], before), "another owner")
    expect(watch.seconds() < 5, "it took %.1f s" % watch.seconds())
    ends_well(codebase)


@case(own_database=True)
def a_daemon_that_was_stopped_and_lost_its_lock_writes_nothing_more(codebase):
    fill(codebase, 20)
    first = codebase.daemon()
    first.send(signal.SIGSTOP)
    codebase.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    second = codebase.daemon(ready=False)
    eventually(lambda: codebase.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted") > 0, "another owner")
    fill(codebase, 20, "y = %d\n")
    first.send(signal.SIGCONT)
    eventually(lambda: "ownership lost" in first.log() or "standing by" in first.log(), lambda: "the first one says so:\n" + first.log())
    codebase.becomes_equal()
    first.stop()
    second.ready()
    # Records of the first one may lie in its spool until a daemon of this database starts anew.
    ends_well(codebase, audited=False)


@case(own_database=True)
def f36_a_daemon_killed_in_the_middle_of_a_bulk_ingest(codebase):
    fill(codebase, 1200)
    for n in (20, 500):
        daemon = codebase.daemon(ready=False)
        some_rows(codebase, n)
        daemon.kill()
    codebase.daemon()
    ends_well(codebase, audited=False)
    expect(codebase.value("SELECT count(*) = count(DISTINCT attempt_id) FROM sync_audit"), "an attempt twice")


@case(own_database=True)
def f37_a_daemon_killed_between_commit_and_audit(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    with contextlib.closing(psycopg2.connect(codebase.conninfo())) as session:
        session.cursor().execute("LOCK TABLE srctab.sync_audit IN EXCLUSIVE MODE")
        codebase.write("b.py", "x = 1\n")
        codebase.becomes_equal()
        codebase.daemons[-1].kill()
        session.rollback()
    codebase.daemon()
    ends_well(codebase, audited=False)
    codebase.sql("SELECT enqueue_file(%s, 'b.py')", codebase.id)
    audited_as(codebase, "b.py", "unchanged")


@case(own_database=True)
def the_audit_spool_outlives_a_kill(codebase):
    codebase.write("a.py", "x = 1\n")
    daemon = codebase.daemon()
    audited_as(codebase, "a.py", "both_tables")
    codebase.sql("ALTER TABLE sync_audit RENAME TO away")
    for i in range(30):
        codebase.write("f%d.py" % i, "x = 1\n")
    codebase.becomes_equal()
    # A file that was read between its making and its writing has two attempts.
    eventually(lambda: json.loads(codebase.run("status", "--json").stdout)["counters"]["audit_spooled"] >= 30, lambda: codebase.run("status", "--json").stdout)
    expect("records are spooled" in daemon.log(), daemon.log())
    daemon.kill()
    codebase.sql("ALTER TABLE away RENAME TO sync_audit")
    expect(codebase.value("SELECT count(*) FROM sync_audit WHERE path LIKE 'f%'") == 0, "audited without a table")
    codebase.daemon()
    ends_well(codebase)
    expect(codebase.value("SELECT count(DISTINCT path) FROM sync_audit WHERE path LIKE 'f%' AND result = 'both_tables'") == 30, "not each file's attempt")


@case(own_database=True)
def f42_an_older_schema_is_migrated_and_a_changed_one_refused(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    codebase.sql("DROP INDEX sync_audit_age; DELETE FROM schema_migrations WHERE name LIKE '%audit_age%'")
    codebase.ingest()
    expect(codebase.value("SELECT to_regclass('sync_audit_age') IS NOT NULL"), "not migrated")
    ends_well(codebase)
    column = codebase.value("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'schema_migrations'::regclass AND attname = 'sha256'")
    codebase.sql("UPDATE schema_migrations SET sha256 = %s WHERE version = 2" % ("sha256('other')" if column == "bytea" else "repeat('0', 64)"))
    done = codebase.run("ingest", codebase.tree)
    expect(done.returncode in (3, 6) and "migration" in done.stderr, (done.returncode, done.stderr))


@case(own_database=True)
def f42_several_programs_at_once_make_the_schema_once(codebase):
    runs = []
    for i in range(4):
        folder = os.path.join(codebase.base, "tree-%d" % i)
        os.mkdir(folder)
        with open(os.path.join(folder, "a.py"), "w", encoding="utf-8") as file:
            file.write("x = 1\n")
        runs.append(subprocess.Popen([codebase.program, "--db", codebase.conninfo(), "--id", "tree_%d" % i, "ingest", folder], env=codebase.env,
                                     cwd=codebase.base, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for run in runs:
        said, _ = run.communicate(timeout=120)
        expect(run.returncode == 0, said)
    expect(codebase.value("SELECT count(*) = count(DISTINCT version) FROM schema_migrations"), "a migration twice")
    expect(codebase.value("SELECT count(DISTINCT codebase_id) FROM code_files") == 4, "rows are missing")


@case()
def f43_a_database_of_another_encoding_is_refused_with_the_way_out(codebase):
    codebase.write("a.py", "x = 1\n")
    for encoding in ("LATIN1", "SQL_ASCII"):
        name = "%s_%s" % (codebase.id, encoding.lower())
        codebase.server.create_database(name, "ENCODING '%s' TEMPLATE template0" % encoding)
        codebase.use(codebase.server, name)
        for command in ("ingest", "watch"):
            done = codebase.run(command, codebase.tree, status=3)
            expect(encoding in done.stderr and "ENCODING 'UTF8'" in done.stderr, done.stderr)


@contextlib.contextmanager
def pooler(codebase, mode):
    """pgbouncer before the server."""
    with tempfile.TemporaryDirectory(prefix="srctab-pooler-") as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "pooler.ini")
        with open(path, "w", encoding="utf-8") as config:
            config.write("[databases]\n* = host=%s user=postgres\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = any\npool_mode = %s\n"
                         "default_pool_size = 40\nignore_startup_parameters = extra_float_digits\n" % (codebase.server.folder, folder, mode))
        if codebase.server.as_user:
            os.chown(folder, codebase.server.as_user["user"], codebase.server.as_user["group"])
        process = subprocess.Popen(["/usr/sbin/pgbouncer", "-q", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   **codebase.server.as_user)
        codebase.program_conninfo = codebase.conninfo().replace(codebase.server.folder, folder) + " port=6432"
        try:
            eventually(lambda: os.path.exists(os.path.join(folder, ".s.PGSQL.6432")), "the pooler's socket")
            yield
            for daemon in codebase.daemons:
                daemon.stop(status=None)
        finally:
            codebase.program_conninfo = None
            process.kill()
            process.wait()


@case(own_database=True)
def f44_a_pooler_in_session_mode_is_fine(codebase):
    fill(codebase, 50)
    with pooler(codebase, "session"):
        codebase.daemon()
        codebase.write("a.py", "x = 1\n")
        ends_well(codebase)


@case(own_database=True)
def f44_watch_behind_a_pooler_in_transaction_mode_is_refused_with_the_reason(codebase):
    fill(codebase, 50)
    with pooler(codebase, "transaction"):
        daemon = codebase.daemon(ready=False)
        eventually(lambda: "transaction mode" in daemon.log(), lambda: "it says why:\n" + daemon.log())
        expect("prepared statement" not in daemon.log(), daemon.log())
        expect(codebase.value("SELECT count(*) FROM code_files") == 0, "rows were written")


@case(own_database=True)
def f45_a_role_that_may_create_nothing_is_told_whom_to_ask(codebase):
    codebase.write("a.py", "x = 1\n")
    role = "nothing_" + codebase.database
    codebase.sql("CREATE ROLE %s LOGIN" % role)
    codebase.program_conninfo = codebase.conninfo().replace("user=postgres", "user=" + role)
    done = codebase.run("ingest", codebase.tree, status=3)
    expect("permission denied" in done.stderr and "hint" in done.stderr, done.stderr)
    codebase.program_conninfo = None
    expect(codebase.sql("SELECT extname FROM pg_extension") == [("plpgsql",)], "an extension is there")
    codebase.daemon()
    ends_well(codebase)
    expect(codebase.sql("SELECT extname FROM pg_extension") == [("plpgsql",)], "an extension was made")


@case()
def f46_a_private_cluster_that_is_killed_is_started_again(codebase):
    fill(codebase, 30)
    with tempfile.TemporaryDirectory(prefix="srctab-private-", dir="/tmp") as folder:
        os.chmod(folder, 0o777)
        with Private(codebase, folder) as private:
            private.synced()
            pid_file = glob.glob(os.path.join(folder, "srctab", "*", "**", "postmaster.pid"), recursive=True)[0]
            for turn in range(2):
                with open(pid_file, encoding="utf-8") as file:
                    pid = int(file.readline())
                os.kill(pid, signal.SIGKILL)
                codebase.write("a.py", "x = %d\n" % turn)
                private.ends_well()
            expect(private.run("psql", "-Atc", "SELECT count(*) FROM sync_drift").stdout.strip().endswith("0"), "drift")


@case(own_database=True)
def f47_a_clock_that_jumps_back_an_hour(codebase):
    if FAKETIME is None:
        return
    clock = os.path.join(codebase.base, "clock")

    def set_clock(text):
        with open(clock + ".new", "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.rename(clock + ".new", clock)
    set_clock("+0")
    env = codebase.env
    codebase.env = dict(env, LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    daemon = codebase.daemon(ready=False)
    codebase.env = env
    daemon.ready()
    fill(codebase, 50)
    codebase.becomes_equal()
    set_clock("-1h")
    fill(codebase, 50, "y = %d\n")
    for i in range(20):
        codebase.sql("SELECT enqueue_file(%s, %s)", codebase.id, "d%d/f%d.py" % (i % 17, i))
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") == 0, lambda: str(codebase.sql("SELECT * FROM ingestion_queue")))
    ends_well(codebase)
    expect(codebase.value("SELECT count(*) FROM sync_audit WHERE attempted_at < now() - interval '30 min'") > 0, "the clock did not jump")
    identities = [uuid.UUID(row[0]) for row in codebase.sql("SELECT attempt_id::text FROM sync_audit")]
    expect(len(set(identities)) == len(identities) and all(identity.version == 7 for identity in identities), "identities")


@case(own_database=True)
def f48_a_long_outage_with_a_million_events_stays_small(codebase):
    fill(codebase, 200)
    daemon = codebase.daemon()
    codebase.sql("ALTER TABLE code_files RENAME TO away; ALTER TABLE codebase_metadata RENAME TO away2")
    fill(codebase, 200, "yyy = %d\n")
    eventually(lambda: codebase.daemons[-1].log().count("its breaker is open") >= 2, lambda: "both breakers open:\n" + daemon.log())
    before = rss_mib(daemon.process.pid)
    paths = [codebase.path("d%d/f%d.py" % (i % 17, i)) for i in range(200)]
    for turn in range(2500):
        text = b"z = %4d\n" % turn
        for path in paths:
            file = os.open(path, os.O_WRONLY)
            os.write(file, text)
            os.close(file)
    after = rss_mib(daemon.process.pid)
    expect(after < before + 32, "%d MiB before, %d MiB after" % (before, after))
    codebase.sql("ALTER TABLE away RENAME TO code_files; ALTER TABLE away2 RENAME TO codebase_metadata")
    ends_well(codebase)
    expect(rss_mib(daemon.process.pid) < before + 32, "%d MiB before, %d MiB at the end" % (before, rss_mib(daemon.process.pid)))


@case()
def f49_an_unchanged_rescan_writes_no_row(codebase):
    with own_server(codebase, autovacuum="off") as server:
        fill(codebase, 3000)
        codebase.daemon()
        codebase.equal()
        codebase.daemons[-1].stop()
        for i in range(100):  # other times, same content
            os.utime(codebase.path("d%d/f%d.py" % (i % 17, i)))

        def written():
            return codebase.sql("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE relname IN "
                                "('code_files', 'codebase_metadata', 'sync_audit') ORDER BY 1")
        server.run("CHECKPOINT")
        before, place = written(), codebase.value("SELECT pg_current_wal_insert_lsn()::text")
        codebase.daemon()
        codebase.equal()
        codebase.daemons[-1].stop()
        growth = codebase.value("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", place)
        expect(written() == before, "%s, then %s" % (before, written()))
        expect(growth < 1 << 20, "%d bytes of WAL" % growth)
        codebase.verify()


@case()
def a_configuration_in_the_tree_cannot_name_the_database(codebase):
    codebase.write("srctab.yaml", "version: 1\ndatabase:\n  conninfo: host=/nowhere dbname=theirs\nhttp:\n  listen: 127.0.0.1:1\n")
    codebase.write("a.py", "x = 1\n")
    done = subprocess.run([codebase.program, "config", "show"], env=dict(codebase.env, PGHOST=codebase.server.folder, PGDATABASE="srctab"), cwd=codebase.tree,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    expect("theirs" not in done.stdout and "127.0.0.1:1" not in done.stdout, done.stdout)
    expect("database.conninfo is ignored" in done.stderr, done.stderr)


@case(own_database=True)
def the_counters_tell_what_happened(codebase):
    codebase.configure(include=())
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.write("b.log", "ignored\n")
    codebase.sql("SELECT enqueue_file(%s, '../outside.py')", codebase.id)
    eventually(lambda: codebase.value("SELECT count(*) FROM dead_letters") == 1, "a dead letter")
    codebase.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    codebase.write("a.py", "x = 2\n")
    codebase.becomes_equal(lambda path: path.endswith(".py"))
    wanted = ("events_received", "events_filtered", "events_processed", "files_synced", "queue_errors", "reconnects", "queue_dead", "files", "watches")

    def counters():
        status = json.loads(codebase.run("status", "--json").stdout)
        expect(status["counters"] == status["roots"][0]["counters"], "the sum over one root differs from the root")
        return status["counters"]
    eventually(lambda: all(counters()[word] > 0 for word in wanted), lambda: "each of %s counted: %s" % (wanted, counters()))
    eventually(lambda: codebase.value("SELECT count(*) FROM statistics WHERE value > 0 AND counter = ANY(%s)", list(wanted)) == len(wanted),
               lambda: "the table says the same: %s" % codebase.sql("SELECT counter, value FROM statistics ORDER BY 1"))
