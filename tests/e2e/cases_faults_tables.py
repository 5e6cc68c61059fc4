"""One table, one right, one lock, one row is at fault: the other table goes on, and what is missing is written when the cause is gone."""
import contextlib
import json
import os
import select

import psycopg2

from cases import case
from codebase import TABLES, eventually, expect
from faults import Watch, audited_as, backends, end_sessions, ends_well, fill, results, wait_for_backend

SAVES = 200


@contextlib.contextmanager
def locked(codebase, table):
    """A user holds the table for himself."""
    with contextlib.closing(psycopg2.connect(codebase.conninfo())) as session:
        session.cursor().execute("LOCK TABLE srctab.%s IN ACCESS EXCLUSIVE MODE" % table)
        yield
        session.rollback()


def one_side_fails(codebase, break_it, mend_it, path_result, sqlstate):
    """While one table cannot be written the other one is; afterwards only what is missing is written, without a restart."""
    fill(codebase, 20)
    codebase.daemon()
    result, files, metadata = path_result
    good, bad = ("codebase_metadata", "code_files") if files == "failed" else ("code_files", "codebase_metadata")
    codebase.sql(break_it)
    for i in range(10):
        codebase.write("n%d.py" % i, "x = 1\n")
    eventually(lambda: codebase.value("SELECT count(*) FROM %s WHERE codebase_id = %%s AND path LIKE 'n%%%%'" % good, codebase.id) == 10, "rows of %s" % good)
    found = eventually(lambda: codebase.sql("SELECT code_files_sqlstate, metadata_sqlstate, code_files_error, metadata_error FROM sync_audit WHERE codebase_id "
                                            "= %s AND path LIKE 'n%%' AND result = %s AND code_files_status = %s AND metadata_status = %s", codebase.id,
                                            result, files, metadata), "attempts audited as %s" % result)[0]
    side = 0 if bad == "code_files" else 1
    expect(found[side] == sqlstate and found[1 - side] is None, found)
    expect(found[2 + side] and not found[3 - side], found)
    before = codebase.sql("SELECT max(synced_at), count(*) FROM %s WHERE codebase_id = %%s" % good, codebase.id)
    codebase.sql(mend_it)
    ends_well(codebase)
    after = codebase.sql("SELECT max(synced_at), count(*) FROM %s WHERE codebase_id = %%s" % good, codebase.id)
    expect(before == after, "%s was written again: %s, %s" % (good, before, after))


@case("star", own_database=True)
def f12_code_files_renamed_away(codebase):
    one_side_fails(codebase, "ALTER TABLE code_files RENAME TO away", "ALTER TABLE away RENAME TO code_files",
                   ("codebase_metadata_only", "failed", "ok"), "42P01")


@case(own_database=True)
def f13_a_column_of_codebase_metadata_taken_away(codebase):
    one_side_fails(codebase, "ALTER TABLE codebase_metadata RENAME lines_code TO away", "ALTER TABLE codebase_metadata RENAME away TO lines_code",
                   ("code_files_only", "ok", "failed"), "42703")


def as_writer(codebase):
    """The program as a role that may only write."""
    codebase.ingest()
    role = "writer_" + codebase.database
    codebase.sql("CREATE ROLE %s LOGIN IN ROLE srctab_writer" % role)
    codebase.program_conninfo = codebase.conninfo().replace("user=postgres", "user=" + role)


@case(own_database=True)
def f14_the_right_to_insert_revoked(codebase):
    as_writer(codebase)
    grants = "TABLE srctab.code_files %s"
    try:
        one_side_fails(codebase, "REVOKE INSERT ON " + grants % "FROM srctab_writer", "GRANT INSERT ON " + grants % "TO srctab_writer",
                       ("codebase_metadata_only", "failed", "ok"), "42501")
    finally:
        codebase.program_conninfo = None


@case(own_database=True)
def f15_the_right_to_write_sync_audit_revoked(codebase):
    as_writer(codebase)
    try:
        fill(codebase, 20)
        codebase.daemon()
        codebase.sql("REVOKE INSERT ON sync_audit FROM srctab_writer")
        codebase.write("a.py", "x = 1\n")
        codebase.becomes_equal()
        expect(not results(codebase, "a.py"), "audited without the right to")
        eventually(lambda: codebase.run("audit", "a.py").stdout.count("a.py") >= 1, "`audit` shows what is spooled")
        codebase.sql("GRANT INSERT ON sync_audit TO srctab_writer")
        ends_well(codebase)
    finally:
        for daemon in codebase.daemons:
            daemon.stop()
        codebase.program_conninfo = None


@case(own_database=True)
def f19_a_locked_table_delays_the_other_one_not_at_all(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()

    def seconds_of(turn):
        watch = Watch()
        for i in range(SAVES):
            codebase.write("f%d.py" % i, "turn = %d\n" % turn)
        eventually(lambda: codebase.value("SELECT count(*) FROM codebase_metadata m WHERE codebase_id = %s AND path LIKE 'f%%' AND content_hash = "
                                          "sha256(%s::bytea)", codebase.id, b"turn = %d\n" % turn) == SAVES, "%d rows" % SAVES)
        return watch.seconds()
    usual = min(seconds_of(1), seconds_of(2))
    codebase.wait()  # no path has a job in flight: the next version of such a path would wait for it
    with locked(codebase, "code_files"):
        delayed = seconds_of(3)
        waiting = backends(codebase, "application_name = 'srctab code_files' AND wait_event_type = 'Lock'")
    expect(waiting, "code_files did not wait for its lock")
    expect(delayed < 3 * usual + 1, "%.2f s with the other table locked, %.2f s without" % (delayed, usual))
    ends_well(codebase)


@case(own_database=True)
def f19_a_lock_held_longer_than_the_timeout_is_waited_for(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    with locked(codebase, "code_files"):
        codebase.write("b.py", "x = 1\n")
        eventually(lambda: codebase.value("SELECT count(*) FROM codebase_metadata WHERE path = 'b.py'") == 1, "the other table")
        wait_for_backend(codebase, "application_name = 'srctab code_files' AND wait_event_type = 'Lock'")
        eventually(lambda: not backends(codebase, "application_name = 'srctab code_files' AND wait_event_type = 'Lock'"), "lock_timeout")
    ends_well(codebase)
    eventually(lambda: codebase.value("SELECT max(code_files_attempts) FROM sync_audit WHERE path = 'b.py'") > 1, "more than one attempt")


@case(own_database=True)
def f21_a_deadlock_with_another_writer_is_tried_again(codebase):
    codebase.sql("ALTER DATABASE %s SET deadlock_timeout = '1500ms'" % codebase.database)
    codebase.disconnect()
    for name in "az":
        codebase.write(name + ".py", "x = 1\n")
    codebase.daemon()
    with contextlib.closing(psycopg2.connect(codebase.conninfo() + " options='-c deadlock_timeout=60s -c search_path=srctab'")) as other:
        cursor = other.cursor()
        cursor.execute("SELECT 1 FROM code_files WHERE codebase_id = %s AND path = 'z.py' FOR UPDATE", (codebase.id,))
        for name in "az":
            codebase.write(name + ".py", "x = 2\n")
        wait_for_backend(codebase, "application_name = 'srctab code_files' AND wait_event_type = 'Lock'")
        # whichever of the two was written first: this wait closes the circle only if a.py is held
        cursor.execute("SET lock_timeout = '20s'")
        cursor.execute("SELECT 1 FROM code_files WHERE codebase_id = %s AND path = 'a.py' FOR UPDATE", (codebase.id,))
        other.rollback()
    ends_well(codebase)


@case(own_database=True)
def f21_two_bulk_writers_in_one_database_do_not_meet(codebase):
    import subprocess
    other = os.path.join(codebase.base, "other")
    os.mkdir(other)
    for i in range(400):
        codebase.write("f%d.py" % i, "x = 1\n")
        with open(os.path.join(other, "f%d.py" % (399 - i)), "w", encoding="utf-8") as file:
            file.write("x = 1\n")
    second = subprocess.Popen([codebase.program, "--db", codebase.conninfo(), "--id", codebase.id + "_other", "ingest", other], env=codebase.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=codebase.base, text=True)
    codebase.ingest()
    said, _ = second.communicate(timeout=120)
    expect(second.returncode == 0, said)
    expect(codebase.value("SELECT count(*) FROM sync_audit WHERE '40P01' IN (code_files_sqlstate, metadata_sqlstate)") == 0, "deadlocks")
    ends_well(codebase)


@case(own_database=True)
def f22_serializable_by_default(codebase):
    codebase.sql("ALTER DATABASE %s SET default_transaction_isolation = 'serializable'" % codebase.database)
    codebase.disconnect()
    codebase.daemon()
    codebase.sql("CREATE SEQUENCE turn")
    codebase.sql("GRANT USAGE ON SEQUENCE turn TO PUBLIC")
    codebase.sql("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF nextval('srctab.turn') % 37 = 1 THEN RAISE EXCEPTION "
                 "'could not serialize access' USING ERRCODE = '40001'; END IF; RETURN NEW; END$$")
    codebase.sql("CREATE TRIGGER fail BEFORE INSERT ON code_files FOR EACH ROW EXECUTE FUNCTION fail()")
    fill(codebase, 100)
    codebase.becomes_equal(deadline_s=90)
    codebase.sql("DROP TRIGGER fail ON code_files")
    ends_well(codebase)
    expect(codebase.value("SELECT max(code_files_attempts) FROM sync_audit") > 1, "nothing was tried again")


@case(own_database=True)
def f31_one_poison_row_of_two_hundred(codebase):
    codebase.ingest()
    codebase.sql("ALTER TABLE code_files ADD CONSTRAINT no_poison CHECK (content NOT LIKE '%poison%') NOT VALID")
    for i in range(200):
        codebase.write("f%d.py" % i, "poison = 1\n" if i == 100 else "x = %d\n" % i)
    codebase.ingest(status=1)
    expect(len(codebase.table("code_files")) == 199 and len(codebase.table("codebase_metadata")) == 200, "not 199 and 200 rows")
    found = codebase.sql("SELECT path, code_files_sqlstate, code_files_attempts FROM sync_audit WHERE result <> 'both_tables'")
    expect(found and all(row[:2] == ("f100.py", "23514") for row in found), found)
    expect("poison" not in str(codebase.sql("SELECT code_files_error FROM sync_audit WHERE path = 'f100.py'")).replace("no_poison", ""), "content in an error")
    codebase.sql("ALTER TABLE code_files DROP CONSTRAINT no_poison")
    codebase.ingest()
    ends_well(codebase)


@case(own_database=True)
def results_are_audited_exactly_as_they_happened(codebase):
    codebase.daemon()
    for table, result in (("codebase_metadata", ("code_files_only", "ok", "failed", None, "42P01")),
                          ("code_files", ("codebase_metadata_only", "failed", "ok", "42P01", None))):
        codebase.sql("ALTER TABLE %s RENAME TO away" % table)
        codebase.write(table + ".py", "x = 1\n")
        audited_as(codebase, table + ".py", *result)
        codebase.sql("ALTER TABLE away RENAME TO %s" % table)
        codebase.becomes_equal()
    codebase.sql("ALTER TABLE code_files RENAME TO away; ALTER TABLE codebase_metadata RENAME TO away2")
    codebase.write("neither.py", "x = 1\n")
    audited_as(codebase, "neither.py", "both_failed", "failed", "failed", "42P01", "42P01")
    codebase.sql("ALTER TABLE away RENAME TO code_files; ALTER TABLE away2 RENAME TO codebase_metadata")
    codebase.write("both.py", "x = 1\n")
    audited_as(codebase, "both.py", "both_tables", "ok", "ok", None, None)
    ends_well(codebase)


@case(own_database=True)
def a_breaker_opens_after_five_failures_and_closes_by_itself(codebase):
    codebase.daemon()
    codebase.sql("ALTER TABLE code_files RENAME TO away")
    for i in range(12):
        codebase.write("n%d.py" % i, "x = 1\n")
    eventually(lambda: codebase.value("SELECT count(*) FROM codebase_metadata WHERE codebase_id = %s", codebase.id) == 12, "the other table")
    eventually(lambda: codebase.value("SELECT count(DISTINCT path) FROM sync_audit") == 12, "twelve paths audited")
    words = dict(codebase.sql("SELECT code_files_status, count(*) FROM sync_audit GROUP BY 1"))
    expect(5 <= words.get("failed", 0) <= 12, words)
    codebase.sql("ALTER TABLE away RENAME TO code_files")
    ends_well(codebase)
    expect("is written again" in codebase.daemons[-1].log(), codebase.daemons[-1].log())


@case(own_database=True)
def a_sink_whose_own_database_is_away_does_not_stop_the_other(codebase):
    away = "sink_" + codebase.database
    codebase.server.create_database(away)
    codebase.configure(rest="sinks:\n  codebase_metadata:\n    conninfo: %s" % codebase.server.conninfo(away))
    codebase.daemon()
    codebase.write("a.py", "x = 1\n")

    def there(path):
        with contextlib.closing(psycopg2.connect(codebase.server.conninfo(away))) as session:
            cursor = session.cursor()
            cursor.execute("SELECT path FROM srctab.codebase_metadata WHERE path = %s", (path,))
            return cursor.fetchall()
    eventually(lambda: there("a.py"), "the row in the other database")
    codebase.server.run("ALTER DATABASE %s ALLOW_CONNECTIONS false" % away)
    codebase.server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % away)
    codebase.write("b.py", "x = 1\n")
    eventually(lambda: codebase.row("b.py"), "the row of code_files")
    audited_as(codebase, "b.py", "code_files_only", "ok")
    codebase.server.run("ALTER DATABASE %s ALLOW_CONNECTIONS true" % away)
    eventually(lambda: there("b.py"), "the row in the other database")
    codebase.wait()
    codebase.verify()


@case(own_database=True)
def f39_a_request_that_fails_while_a_newer_one_waits(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.3); RAISE EXCEPTION 'no'; END$$")
    codebase.sql("CREATE TRIGGER fail BEFORE INSERT ON code_files FOR EACH ROW EXECUTE FUNCTION fail()")
    codebase.write("a.py", "x = 2\n")
    for _ in range(3):
        codebase.sql("SELECT enqueue_file(%s, 'a.py')", codebase.id)
        eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue WHERE status = 'pending' AND retry_from IS NULL") == 0, "it is taken")
    expect("23505" not in codebase.daemons[-1].log(), codebase.daemons[-1].log())
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") <= 1, lambda: str(codebase.sql("SELECT * FROM ingestion_queue")))
    codebase.sql("DROP TRIGGER fail ON code_files")
    codebase.sql("SELECT requeue_dead(%s)", codebase.id)
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") == 0, lambda: str(codebase.sql("SELECT * FROM ingestion_queue")))
    ends_well(codebase)


@case("star", own_database=True)
def a_dead_letter_says_why_and_is_revived(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("ALTER TABLE code_files ADD CONSTRAINT no_poison CHECK (content NOT LIKE '%poison%') NOT VALID")
    codebase.write("a.py", "poison = 1\n")
    audited_as(codebase, "a.py", "codebase_metadata_only", "failed", "ok", "23514")
    codebase.sql("SELECT enqueue_file(%s, 'a.py')", codebase.id)
    dead = eventually(lambda: codebase.sql("SELECT attempts, last_error, sqlstate FROM ingestion_queue WHERE status = 'dead'"),
                      lambda: "a dead letter: %s" % codebase.sql("SELECT * FROM ingestion_queue"))[0]
    expect("no_poison" in dead[1] and dead[2] == "23514", dead)
    expect(codebase.value("SELECT count(*) FROM dead_letters") == 1, "no row in dead_letters")
    codebase.sql("ALTER TABLE code_files DROP CONSTRAINT no_poison")
    codebase.sql("SELECT requeue_dead(%s)", codebase.id)
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") == 0, lambda: str(codebase.sql("SELECT * FROM ingestion_queue")))
    ends_well(codebase)


@case("star", own_database=True)
def sinks_are_selected_by_request_and_by_folder(codebase):
    codebase.daemon()
    for table in TABLES:
        codebase.sql("ALTER TABLE %s ADD CONSTRAINT refused CHECK (path > 'd')" % table)
    for name in "abc":
        codebase.write(name + ".py", "x = 1\n")
    # from the fourth attempt on the pause is long enough to look at what a request does
    for name in "abc":
        eventually(lambda name=name: len(results(codebase, name + ".py")) >= 4, lambda: "four attempts: %s" % results(codebase, "a.py"))
    for table in TABLES:
        codebase.sql("ALTER TABLE %s DROP CONSTRAINT refused" % table)
    for path, sinks in (("a.py", "{code_files}"), ("b.py", "{codebase_metadata}"), ("c.py", None)):
        codebase.sql("SELECT enqueue_file(%s, %s, 10, 'update', %s)", codebase.id, path, sinks)
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue") == 0, "an empty queue")
    rows = [sorted(codebase.table(table)) for table in TABLES]
    expect(rows == [["a.py", "c.py"], ["b.py", "c.py"]], rows)
    codebase.sql("UPDATE watch_folders SET sinks = '{codebase_metadata}'")
    codebase.write("d.py", "x = 1\n")
    eventually(lambda: codebase.row("d.py", table="codebase_metadata"), "the row of codebase_metadata")
    audited_as(codebase, "d.py", "codebase_metadata_only", "off", "ok")
    expect(codebase.row("d.py") is None, "code_files was written")
    codebase.sql("UPDATE watch_folders SET sinks = NULL")
    for name in "abcd":
        codebase.write(name + ".py", "x = 2\n")
    ends_well(codebase)


def notifications(session, seconds):
    """What comes until nothing has come for so long."""
    while select.select([session], [], [], seconds)[0]:
        session.poll()
    return [json.loads(notification.payload) for notification in session.notifies]


@case(own_database=True)
def f40_announcements_of_thousands_of_paths_stay_small(codebase):
    codebase.daemon()
    with contextlib.closing(psycopg2.connect(codebase.conninfo())) as session, contextlib.closing(psycopg2.connect(codebase.conninfo())) as stuck:
        session.autocommit = True
        session.cursor().execute("LISTEN srctab_changes")
        stuck.cursor().execute("LISTEN srctab_changes")
        stuck.commit()
        stuck.cursor().execute("SELECT 1")  # a listener that never leaves its transaction
        for i in range(3000):
            codebase.write("folder_with_a_long_name_%d/file_with_a_long_name_%d.txt" % (i % 50, i), "%d\n" % i)
        codebase.wait()
        payloads = notifications(session, 2)
        sizes = [len(notification.payload.encode()) for notification in session.notifies]
        stuck.rollback()
    expect(max(sizes) < 8000, "a payload of %d bytes" % max(sizes))
    for payload in payloads:
        named = len(payload["created"]) + len(payload["changed"]) + len(payload["deleted"]) + len(payload["moved"])
        expect(payload["v"] == 1 and payload["n"] >= named and payload["more"] == (payload["n"] > named), payload)
    expect(sum(payload["n"] for payload in payloads) == 3000, "%d paths in %d payloads" % (sum(p["n"] for p in payloads), len(payloads)))
    expect(len(payloads) < 1000, "%d notifications of 3000 changes" % len(payloads))
    ends_well(codebase)


@case(own_database=True)
def f41_a_folder_changed_in_psql_also_while_nobody_listens(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    watch = Watch()
    codebase.sql("UPDATE watch_folders SET patterns = '{*.py}'")
    codebase.write("b.txt", "x\n")
    codebase.write("c.txt", "x\n")
    eventually(lambda: codebase.value("SELECT config_rev FROM watch_folders") >= 2, "the new revision")
    codebase.wait()
    expect(watch.seconds() < 20, "it took %.1f s" % watch.seconds())
    for pid in wait_for_backend(codebase, "application_name LIKE %s", "%control"):
        end_sessions(codebase, "pid = %d" % pid)
    codebase.sql("UPDATE watch_folders SET patterns = '{**}'")
    codebase.becomes_equal()
    ends_well(codebase)


@case(own_database=True)
def requests_and_changes_overtake_a_bulk_ingest(codebase):
    codebase.configure(rest="queue:\n  priorities:\n    - {match: \"*.txt\", add: 2}\n    - {language: json, add: 4}\nanalysis:\n  jobs: 1")
    for i in range(3000):
        codebase.write("d%d/f%d.py" % (i % 20, i), "x = %d\n" % i)
    for i in range(10):
        codebase.write("t%d.txt" % i, "x\n")
        codebase.write("z%d.json" % i, "[1]\n")
    codebase.daemon()
    ends_well(codebase)
    # attempts begin when a path is handed out: the heaviest first, but for the few that were on their way when they were found
    order = [row[0].rpartition(".")[2] for row in codebase.sql("SELECT path FROM sync_audit WHERE codebase_id = %s ORDER BY attempt_id", codebase.id)]
    expect(order[:2000].count("json") == 10 and order[:2000].count("txt") == 10, "%s" % [i for i, ending in enumerate(order) if ending != "py"])


@case(own_database=True)
def a_save_overtakes_a_bulk_ingest_that_is_running(codebase):
    codebase.configure(rest="analysis:\n  jobs: 1")
    codebase.daemon()
    text = "".join("def f%d(a):\n    return a + %d\n" % (i, i) for i in range(60))
    for i in range(1500):
        codebase.write("d%d/f%d.py" % (i % 20, i), text)
    codebase.write("saved.py", "x = 1\n")
    codebase.sql("SELECT enqueue_file(%s, 'saved.py')", codebase.id)
    eventually(lambda: codebase.row("saved.py", table="codebase_metadata"), "the saved file")
    ends_well(codebase)
