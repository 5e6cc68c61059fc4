"""The two tables are independent; what fails is repaired later; the database may go away."""
import os

from cases import case
from codebase import DEADLINE_S, eventually, expect


@case("star", own_database=True)
def one_table_that_fails_does_not_stop_the_other(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("ALTER TABLE codebase_metadata RENAME TO away")
    codebase.write("b.py", "x = 1\n")
    eventually(lambda: codebase.row("b.py"), "the row of code_files")
    eventually(lambda: any(row[2] == "code_files_only" for row in codebase.audit("b.py")), lambda: "audited: %s" % codebase.audit("b.py"))
    codebase.sql("ALTER TABLE away RENAME TO codebase_metadata")
    codebase.becomes_equal(deadline_s=90)


@case(own_database=True)
def a_row_that_the_server_refuses_does_not_stop_the_others(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("ALTER TABLE code_files ADD CONSTRAINT no_poison CHECK (content NOT LIKE '%%poison%%') NOT VALID")
    for i in range(50):
        codebase.write("f%d.py" % i, "poison = 1\n" if i == 25 else "x = 1\n")
    eventually(lambda: len(codebase.table("code_files")) == 50 and len(codebase.table("codebase_metadata")) == 51,
               lambda: "%d and %d rows" % (len(codebase.table("code_files")), len(codebase.table("codebase_metadata"))))
    eventually(lambda: any(row[2] == "codebase_metadata_only" for row in codebase.audit("f25.py")), lambda: str(codebase.audit("f25.py")))
    codebase.sql("ALTER TABLE code_files DROP CONSTRAINT no_poison")
    codebase.becomes_equal(deadline_s=90)


@case(own_database=True)
def a_locked_table_does_not_hold_up_the_other(codebase):
    import psycopg2
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    locker = psycopg2.connect(codebase.conninfo())
    locker.cursor().execute("LOCK TABLE srctab.codebase_metadata IN ACCESS EXCLUSIVE MODE")
    codebase.write("b.py", "x = 1\n")
    eventually(lambda: codebase.row("b.py"), "the row of code_files")
    locker.rollback()
    locker.close()
    codebase.becomes_equal(deadline_s=90)


@case(own_database=True)
def connections_that_the_server_ends_are_made_again(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    for turn in range(3):
        codebase.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        codebase.write("a.py", "x = 1%d\n" % turn)
        codebase.write("n%d.py" % turn, "x = 1\n")
        codebase.becomes_equal(deadline_s=90)


@case()
def one_table_alone_can_be_written(codebase):
    codebase.configure(folder="sinks: [code_files]")
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    expect(codebase.row("a.py") and not codebase.row("a.py", table="codebase_metadata"), "not only code_files")
    expect(codebase.audit("a.py")[-1][2:5] == ("code_files_only", "ok", "off"), codebase.audit("a.py"))


@case()
def enqueue_file_in_psql_makes_the_daemon_read_a_file_again(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("UPDATE code_files SET content = 'wrong' WHERE codebase_id = %s AND path = 'a.py'", codebase.id)
    codebase.sql("SELECT enqueue_file(%s, 'a.py')", codebase.id)
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue WHERE codebase_id = %s", codebase.id) == 0, "an empty queue")
    eventually(lambda: any(row[1] == "queue" for row in codebase.audit("a.py")), lambda: codebase.audit("a.py"))


@case()
def a_request_for_a_path_outside_the_root_is_a_dead_letter(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("SELECT enqueue_file(%s, '../../etc/passwd')", codebase.id)
    eventually(lambda: codebase.value("SELECT status FROM ingestion_queue WHERE codebase_id = %s", codebase.id) == "dead", "a dead letter")
    expect(codebase.value("SELECT count(*) FROM dead_letters WHERE codebase_id = %s", codebase.id) == 1, "no row in dead_letters")


@case()
def changes_are_announced(codebase):
    import json
    import select
    codebase.daemon()
    codebase.sql("LISTEN srctab_changes")
    codebase.write("a.py", "x = 1\n")

    def announced():
        select.select([codebase.connection], [], [], 0.05)
        codebase.connection.poll()
        return [n for n in codebase.connection.notifies if json.loads(n.payload)["codebase"] == codebase.id]
    payload = json.loads(eventually(announced, "a notification", DEADLINE_S)[0].payload)
    expect(payload["v"] == 1 and "a.py" in payload["created"] + payload["changed"], payload)


@case()
def a_folder_switched_off_in_psql_is_left_alone_until_it_is_switched_on(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.sql("UPDATE watch_folders SET patterns = '{*.py}' WHERE codebase_id = %s", codebase.id)
    codebase.write("b.txt", "x\n")
    codebase.write("c.py", "x = 1\n")
    codebase.becomes_equal(lambda path: path.endswith(".py"))
    codebase.sql("UPDATE watch_folders SET patterns = '{**}' WHERE codebase_id = %s", codebase.id)
    codebase.becomes_equal()


@case()
def the_views_answer(codebase):
    codebase.write("a.py", "import os\n\n\ndef f(a):\n    if a:\n        return 1\n    return 2\n\n\nclass C:\n    pass\n")
    codebase.ingest()
    for view in ("codebase", "functions", "classes", "imports", "ast_nodes", "directories", "hotspots"):
        expect(codebase.value("SELECT count(*) FROM %s WHERE codebase_id = %%s" % view, codebase.id) > 0, "%s is empty" % view)
    for view in ("sync_drift", "dead_letters"):
        expect(codebase.value("SELECT count(*) FROM %s WHERE codebase_id = %%s" % view, codebase.id) == 0, "%s is not empty" % view)


@case()
def two_codebases_in_one_database_do_not_touch_each_other(codebase):
    import subprocess
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    other = os.path.join(codebase.base, "other")
    os.mkdir(other)
    with open(os.path.join(other, "b.py"), "w", encoding="utf-8") as file:
        file.write("x = 1\n")
    subprocess.run([codebase.program, "--db", codebase.conninfo(), "--id", codebase.id + "_other", "ingest", other], env=codebase.env, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=codebase.base)
    expect(set(codebase.table("code_files")) == {"a.py"}, codebase.table("code_files"))
    expect(codebase.sql("SELECT path FROM code_files WHERE codebase_id = %s", codebase.id + "_other") == [("b.py",)], "the other one")
