"""The server goes away, hangs, is full, is replaced: afterwards both tables equal the disk."""
import contextlib
import os
import pwd
import signal
import subprocess
import tempfile

import psycopg2

from cases import case
from codebase import eventually, expect
from faults import Private, Watch, audited_as, backends, end_sessions, ends_well, fill, own_server, some_rows, wait_for_backend
from server import Server

SINKS = ("srctab code_files", "srctab codebase_metadata")


def restart(codebase, server):
    codebase.disconnect()
    server.start()


@case()
def f01_a_server_restarted_in_the_middle_of_a_bulk_ingest(codebase):
    with own_server(codebase) as server:
        fill(codebase, 1500)
        codebase.daemon(ready=False)
        some_rows(codebase, 50)
        server.stop()
        restart(codebase, server)
        ends_well(codebase)


@case()
def f02_a_server_killed_in_the_middle_of_a_batch(codebase):
    with own_server(codebase) as server:
        fill(codebase, 1500)
        codebase.daemon(ready=False)
        some_rows(codebase, 50)
        server.kill()
        restart(codebase, server)
        ends_well(codebase)


@case(own_database=True)
def f03_each_connection_is_ended_in_turn(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    for turn, name in enumerate(("srctab code_files", "srctab codebase_metadata", "srctab audit", "%control")):
        pids = wait_for_backend(codebase, "application_name LIKE %s", name)
        end_sessions(codebase, "pid = %d" % pids[0])
        codebase.write("a.py", "x = 1%d\n" % turn)
        codebase.write("n%d.py" % turn, "x = 1\n")
        codebase.becomes_equal()
    # the control connection is made anew with all it did: the lock, LISTEN, the folders
    for pid in wait_for_backend(codebase, "application_name LIKE %s", "%control"):
        end_sessions(codebase, "pid = %d" % pid)
    codebase.sql("UPDATE watch_folders SET patterns = '{*.py}' WHERE codebase_id = %s", codebase.id)
    codebase.write("b.txt", "x\n")
    codebase.becomes_equal(lambda path: path.endswith(".py"))
    codebase.sql("SELECT enqueue_file(%s, 'a.py')", codebase.id)
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") == 0, "the request done")
    codebase.sql("UPDATE watch_folders SET patterns = '{**}' WHERE codebase_id = %s", codebase.id)
    ends_well(codebase)


def slow_rows(codebase, table, seconds):
    """Each row that is written takes so long, so that a case can come in between."""
    codebase.sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(%s); RETURN NEW; END'" % seconds)
    codebase.sql("CREATE TRIGGER slow BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION slow()" % table)


@case(own_database=True)
def f04_a_connection_killed_in_the_middle_of_a_pipeline(codebase):
    codebase.daemon()
    slow_rows(codebase, "code_files", 0.02)
    fill(codebase, 200)
    for _ in range(3):
        pid = wait_for_backend(codebase, "application_name = %s AND state = 'active' AND wait_event = 'PgSleep'", SINKS[0])[0]
        end_sessions(codebase, "pid = %d" % pid)
        eventually(lambda pid=pid: pid not in backends(codebase, "true"), "the session gone")
    codebase.sql("DROP TRIGGER slow ON code_files")
    ends_well(codebase)


@case(own_database=True)
def f05_a_connection_killed_in_the_middle_of_a_transaction_leaves_nothing_of_it(codebase):
    codebase.daemon()
    slow_rows(codebase, "code_files", 0.05)
    fill(codebase, 60)
    pid = wait_for_backend(codebase, "application_name = %s AND wait_event = 'PgSleep'", SINKS[0])[0]
    transaction = codebase.value("SELECT backend_xid::text FROM pg_stat_activity WHERE pid = %s", pid)
    end_sessions(codebase, "pid = %d" % pid)
    eventually(lambda: pid not in backends(codebase, "true"), "the session gone")
    if transaction is not None and codebase.value("SELECT pg_xact_status(%s::text::xid8)", transaction) == "aborted":
        expect(codebase.value("SELECT count(*) FROM code_files WHERE xmin::text = %s", transaction) == 0, "rows of a transaction that was cut off")
    codebase.sql("DROP TRIGGER slow ON code_files")
    ends_well(codebase)


@case()
def f06_a_server_that_is_away_during_edits(codebase):
    with own_server(codebase) as server:
        fill(codebase, 50)
        codebase.daemon()
        server.stop()
        for turn in range(20):
            fill(codebase, 50, "x = %d" + "%d\n" % turn)
        os.unlink(codebase.path("d3/f3.py"))
        eventually(lambda: '"database_up":false' in codebase.run("status", "--json").stdout.replace(" ", ""), "status says that the database is away")
        restart(codebase, server)
        codebase.write("d0/f0.py", "first = 1\n")
        watch = Watch()
        codebase.becomes_equal()
        expect(watch.seconds() < 10, "the first edit after the outage took %.1f s" % watch.seconds())
        ends_well(codebase)


@case()
def f07_a_server_that_is_away_at_the_start_is_waited_for_by_watch_alone(codebase):
    with own_server(codebase) as server:
        fill(codebase, 20)
        server.stop()
        done = codebase.ingest(status=3)
        expect("could not connect" in done.stderr, done.stderr)
        daemon = codebase.daemon(ready=False)
        eventually(lambda: "could not connect" in daemon.log(), lambda: "it says so:\n" + daemon.log())
        restart(codebase, server)
        daemon.ready()
        ends_well(codebase)


@case()
def f08_a_server_that_hangs_holds_up_neither_status_nor_the_end(codebase):
    with own_server(codebase) as server:
        fill(codebase, 20)
        daemon = codebase.daemon()
        server.send(signal.SIGSTOP)
        codebase.write("a.py", "x = 1\n")
        expect(codebase.run("status", "--json", deadline_s=30).returncode in (0, 1), "no status")
        server.send(signal.SIGCONT)
        ends_well(codebase)
        server.send(signal.SIGSTOP)
        codebase.write("a.py", "x = 2\n")
        watch = Watch()
        daemon.stop(status=None, deadline_s=30)
        expect(watch.seconds() < 15, "it took %.1f s to end" % watch.seconds())
        server.send(signal.SIGCONT)
        codebase.daemon()
        ends_well(codebase)


@case()
def f09_a_failover_to_the_second_host_of_the_list(codebase):
    with own_server(codebase, wal_level="replica", max_wal_senders="4", synchronous_commit="on") as first:
        fill(codebase, 30)
        codebase.ingest()
        second = Server(first.settings, standby_of=first)
        try:
            codebase.program_conninfo = "host=%s,%s dbname=srctab user=postgres target_session_attrs=read-write" % (first.folder, second.folder)
            codebase.daemon()
            codebase.write("a.py", "x = 1\n")
            codebase.becomes_equal()
            # the first one becomes read-only before the second one is promoted
            first.run("ALTER SYSTEM SET default_transaction_read_only = on")
            first.run("SELECT pg_reload_conf()")
            end_sessions(codebase, "application_name LIKE 'srctab%'")
            codebase.write("b.py", "x = 1\n")
            second.run("SELECT pg_promote()")
            codebase.use(second, "srctab")
            ends_well(codebase)
            for daemon in codebase.daemons:
                daemon.stop()
        finally:
            codebase.disconnect()
            second.close()
            codebase.program_conninfo = None


@case()
def f10_a_server_that_becomes_read_only_and_writable_again(codebase):
    with own_server(codebase) as server:
        fill(codebase, 20)
        codebase.daemon()
        server.run("ALTER SYSTEM SET default_transaction_read_only = on")
        server.run("SELECT pg_reload_conf()")
        eventually(lambda: codebase.value("SHOW default_transaction_read_only") == "on", "a read-only server")
        for i in range(8):
            codebase.write("n%d.py" % i, "x = 1\n")
        eventually(lambda: '"breaker_open"' in codebase.run("status", "--json").stdout.replace(" ", ""),
                   lambda: "a breaker open: " + codebase.run("status", "--json").stdout)
        with contextlib.closing(psycopg2.connect(server.conninfo("postgres") + " options='-c default_transaction_read_only=off'")) as session:
            session.autocommit = True
            session.cursor().execute("ALTER SYSTEM RESET default_transaction_read_only")
            session.cursor().execute("SELECT pg_reload_conf()")
        codebase.disconnect()
        ends_well(codebase)
        expect(codebase.value("SELECT count(*) FROM sync_audit WHERE result = 'both_failed' AND code_files_sqlstate = '25006'") > 0, "no attempt with 25006")


@case()
def f11_a_server_without_free_connections(codebase):
    with own_server(codebase, max_connections="12", superuser_reserved_connections="1", max_wal_senders="0") as server:
        server.run("CREATE ROLE plain LOGIN SUPERUSER")
        codebase.write("a.py", "x = 1\n")
        codebase.daemon()
        end_sessions(codebase, "application_name LIKE 'srctab%'")
        taken = []
        with contextlib.suppress(psycopg2.OperationalError):
            while len(taken) < 20:
                taken.append(psycopg2.connect(server.conninfo("postgres")))
        expect(len(taken) < 20, "connections never ran out")
        fill(codebase, 30)
        eventually(lambda: "too many" in codebase.daemons[-1].log() or "remaining connection slots" in codebase.daemons[-1].log(),
                   lambda: "it says so:\n" + codebase.daemons[-1].log())
        expect(codebase.daemons[-1].is_running(), "it ended")
        for connection in taken:
            connection.close()
        ends_well(codebase)


@contextlib.contextmanager
def small_disk(megabytes, owner):
    """A file system of its own that can be filled."""
    folder = tempfile.mkdtemp(prefix="srctab-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm,mode=0700,uid=%d,gid=%d" % (megabytes, owner, owner), "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


def fill_up(folder):
    path = os.path.join(folder, "ballast")
    with open(path, "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(1 << 20)):
            pass
    return path


@case("root")
def f16_a_full_disk_under_one_table(codebase):
    with own_server(codebase) as server, small_disk(24, server.as_user["user"]) as disk:
        fill(codebase, 20)
        codebase.daemon()
        server.run("CREATE TABLESPACE small LOCATION '%s'" % disk)
        codebase.sql("ALTER TABLE code_files SET TABLESPACE small")
        codebase.write("a.py", "x = 1\n")
        codebase.becomes_equal()
        ballast = fill_up(disk)
        for i in range(8):
            codebase.write("n%d.py" % i, "".join("x%d = '%s'\n" % (k, os.urandom(40).hex()) for k in range(400)))
        eventually(lambda: codebase.value("SELECT count(*) FROM codebase_metadata WHERE path LIKE 'n%%'") == 8, "the other table")
        eventually(lambda: codebase.value("SELECT count(*) FROM sync_audit WHERE code_files_sqlstate = '53100'") > 0, "an attempt with 53100")
        os.unlink(ballast)
        ends_well(codebase)
        for daemon in codebase.daemons:
            daemon.stop()
        codebase.sql("ALTER TABLE code_files SET TABLESPACE pg_default")


@case("root")
def f17_a_full_disk_under_the_private_cluster(codebase):
    with small_disk(160, pwd.getpwnam("postgres").pw_uid) as disk:
        fill(codebase, 20)
        with Private(codebase, disk) as private:
            private.synced()
            ballast = fill_up(disk)
            for i in range(8):
                codebase.write("n%d.py" % i, "".join("x%d = '%s'\n" % (k, os.urandom(40).hex()) for k in range(20000)))
            eventually(lambda: any(word in private.said() for word in ("No space left", "lost connection", "could not")),
                       lambda: "it says so:\n" + private.said())
            os.unlink(ballast)
            private.ends_well()


@case(own_database=True)
def f18_a_statement_that_is_always_cancelled_ends_as_a_debt_and_not_in_a_loop(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                 "IF NEW.path = 'slow.py' THEN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'; END IF; RETURN NEW; END$$")
    codebase.sql("CREATE TRIGGER cancel BEFORE INSERT ON code_files FOR EACH ROW EXECUTE FUNCTION cancel()")
    fill(codebase, 30)
    codebase.write("slow.py", "x = 1\n")
    audited_as(codebase, "slow.py", "codebase_metadata_only", "failed", "ok", "57014")
    eventually(lambda: codebase.value("SELECT count(*) FROM code_files WHERE codebase_id = %s", codebase.id) == 31, "the others")
    attempts = codebase.value("SELECT max(code_files_attempts) FROM sync_audit WHERE path = 'slow.py'")
    expect(attempts == 4, "%s attempts, not one and three more" % attempts)
    codebase.sql("DROP TRIGGER cancel ON code_files")
    ends_well(codebase)
