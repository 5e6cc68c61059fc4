#!/usr/bin/env python3
"""Commands on a database: ready queries, rules, report, audit, folders, requests, psql; exit statuses. On a PostgreSQL of their own.

usage: tests/cli/database.py PROGRAM
"""
import csv
import glob
import html.parser
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

import psycopg2  # noqa: E402
from server import Server  # noqa: E402

from tap import TOP, case, expect, main  # noqa: E402

SERVER = Server()
HOSTILE = "<img onerror=alert(1)>.py"
TREE = {
    "src/a.py": "import b\n\n\ndef shout(text):\n    # TODO: louder\n    if text:\n        for c in text:\n            if c:\n                return c\n    return helper(text)\n",
    "src/b.py": "import a\n\n\ndef helper(text):\n    return text\n\n\ndef unused_one():\n    return 1\n",
    "src/copy.py": "import a\n\n\ndef helper(text):\n    return text\n\n\ndef unused_one():\n    return 1\n",
    "tests/test_b.py": "import b\n\n\ndef test_helper():\n    assert b.helper(1) == 1\n",
    "main.c": "#include \"lib.h\"\n\nint main(void)\n{\n    return lib();\n}\n",
    "lib.h": "int lib(void);\n",
    "broken.py": "def (:\n",
    HOSTILE: "x = '</script><script>alert(1)</script>'\n",
}


def conninfo(name):
    return SERVER.conninfo(name)


def fresh(place):
    """A database of its own, and the tree in it."""
    name = "cli_%s" % os.path.basename(place.folder).replace("-", "_").lower()
    SERVER.create_database(name)
    place.environment.update(SRCTAB_DATABASE=conninfo(name), SRCTAB_EMBEDDED_DIR=place.path("state"), SRCTAB_EMBEDDED_SOCKET_DIR=place.path("run"))
    place.database = name
    for path, text in TREE.items():
        place.write("tree/" + path, text)
    place.run("ingest", "--id", "app", where="tree")


def sql(place, text):
    connection = psycopg2.connect(conninfo(place.database))
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET search_path = srctab")
    cursor.execute(text)
    rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


@case
def every_ready_query_runs_in_every_form(place):
    fresh(place)
    queries = place.json("q")
    expect(len(queries) >= 12, len(queries))
    words = {"file": "src/b.py", "name": "helper"}
    for query in queries:
        call = ["q", query["name"], *[words[name] for name in query["arguments"]]]
        rows = place.json(*call, where="tree")
        table = place.run(*call, where="tree").out
        lines = list(csv.reader(io.StringIO(place.run(*call, "--csv", where="tree").out)))
        expect(len(lines) == len(rows) + 1, call, lines, rows)
        expect(len(table.splitlines()) == (len(rows) + 1 if rows else 0), call, table)
        text = place.run(*call, "--sql", "--id", "app", "-n", "20").out
        done = place.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", stdin=text.encode(), where="tree")
        expect(len(done.out.splitlines()) == len(rows), call, done.out, rows)
    expect(any(place.json("q", query["name"], where="tree") for query in queries if not query["arguments"]))


@case
def ready_queries_find_what_they_say(place):
    fresh(place)

    def query(*words):
        return place.json("q", *words, where="tree")
    expect([row["path"] for row in query("impact", "src/b.py")] == ["src/a.py", "tests/test_b.py", "src/copy.py"] or
           {row["path"] for row in query("impact", "src/b.py")} >= {"src/a.py", "tests/test_b.py"}, query("impact", "src/b.py"))
    expect([row["path"] for row in query("impact", "lib.h")] == ["main.c"], query("impact", "lib.h"))
    expect({(row["path"], row["and_path"]) for row in query("cycles")} == {("src/a.py", "src/b.py")}, query("cycles"))
    expect({row["path"] for row in query("callers", "helper")} == {"src/a.py", "tests/test_b.py"}, query("callers", "helper"))
    expect(query("duplicates")[0]["copies"] == 2 and query("duplicates")[0]["paths"] == "src/b.py src/copy.py", query("duplicates"))
    expect([(row["path"], row["line"]) for row in query("todo")] == [("src/a.py", 5)], query("todo"))
    expect({row["path"]: row["problem"] for row in query("problems")} == {"broken.py": "partial"}, query("problems"))
    expect("shout" in {row["function"] for row in query("unused")}, query("unused"))
    expect(query("complex", "-n", "1")[0]["function"] == "shout", query("complex"))


@case
def queries_are_about_the_codebase_of_the_folder(place):
    fresh(place)
    place.write("other/c.py", "def other():\n    return 1\n")
    place.run("ingest", "--id", "other", where="other")
    expect({row["path"] for row in place.json("q", "largest", where="other")} == {"c.py"})
    expect(len(place.json("q", "largest", where="tree/src")) == len(TREE))
    expect(len(place.json("q", "largest", where="")) == len(TREE) + 1)
    expect({row["path"] for row in place.json("--id", "other", "q", "largest", where="tree")} == {"c.py"})


@case
def arguments_of_a_query_are_values_not_sql(place):
    fresh(place)
    for word in ("'; DROP TABLE code_files; --", "\\", "$1", "%", ".*"):
        expect(place.json("q", "symbol", word, where="tree") == [])
        expect(isinstance(place.json("q", "callers", word, where="tree"), list))
    text = place.run("q", "symbol", "it's \\d", "--sql").out
    expect("\\set name 'it''s \\\\d'" in text, text)


@case
def a_rule_finds_rows_and_says_so_in_every_form(place):
    fresh(place)
    rule = place.write("rules/too_deep.sql", "SELECT path, line, 'nested: ' || name AS message, 'error' AS severity FROM functions\n"
                       "WHERE nesting_depth_max > 2 AND codebase_id = current_setting('srctab.codebase_id');\n")
    done = place.run("check", rule, where="tree", status=1)
    expect(done.out == "src/a.py:4: error: nested: shout [too_deep]\n", done.out)
    expect(place.run("check", "--format", "github", rule, where="tree", status=1).out == "::error file=src/a.py,line=4,title=too_deep::nested: shout\n")
    report = json.loads(place.run("check", "--format", "gitlab", rule, where="tree", status=1).out)
    expect(report[0]["location"] == {"path": "src/a.py", "lines": {"begin": 4}} and report[0]["severity"] == "critical" and len(report[0]["fingerprint"]) == 64)
    finding = json.loads(place.run("--json", "check", rule, where="tree", status=1).out)
    expect(finding == {"v": 1, "path": "src/a.py", "line": 4, "severity": "error", "rule": "too_deep", "message": "nested: shout"}, finding)


@case
def the_rules_in_the_examples_run(place):
    fresh(place)
    rules = sorted(glob.glob(os.path.join(TOP, "docs", "examples", "rules", "*.sql")))
    expect(len(rules) >= 4, rules)
    findings = place.json("check", *rules, where="tree", status=1)
    expect([(row["rule"], row["path"]) for row in findings] == [("not_parsed", "broken.py")], findings)


@case
def a_rule_without_findings_is_status_0(place):
    fresh(place)
    rule = place.write("none.sql", "SELECT path, 1 AS line, 'x' AS message FROM code_files WHERE false")
    expect(place.run("check", rule, where="tree").out == "")
    expect(json.loads(place.run("check", "--format", "gitlab", rule, where="tree").out) == [])


@case
def a_rule_can_only_read_and_is_one_statement(place):
    fresh(place)
    for number, text in enumerate(("DELETE FROM code_files RETURNING path, 1 AS line, 'x' AS message", "SELECT 1 AS path", "SELECT path FROM", "SELECT 1; SELECT 2",
                                   "COMMIT", "SELECT 1/0 AS line, '' AS path, '' AS message")):
        rule = place.write("bad_%d.sql" % number, text)
        expect(rule in place.run("check", rule, where="tree", status=2).err)
    place.fails(2, "could not open file", "check", "none.sql", where="tree")
    expect(sql(place, "SELECT count(*) FROM code_files")[0][0] == len(TREE))


@case
def findings_cannot_forge_commands_of_the_service(place):
    fresh(place)
    rule = place.write("forge.sql", "SELECT E'a\\n::warning ::b' AS path, 1 AS line, E'c\\n::error ::d' AS message")
    done = place.run("check", "--format", "github", rule, where="tree", status=1)
    expect(len(done.out.splitlines()) == 1 and "%0A%3A%3Awarning" in done.out, done.out)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.policy, self.data, self.inside = [], "", "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        self.inside = attrs.get("id", tag)

    def handle_data(self, data):
        if self.inside == "data":
            self.data += data

    def handle_endtag(self, tag):
        self.inside = ""


@case
def the_report_is_one_page_that_hostile_names_cannot_leave(place):
    fresh(place)
    place.run("report", "-o", "r.html", where="tree")
    with open(place.path("tree/r.html"), encoding="utf-8") as file:
        text = file.read()
    page = Page(text)
    expect(page.tags.count("script") == 2 and "img" not in page.tags, page.tags)
    expect("default-src 'none'" in page.policy and "unsafe" not in page.policy, page.policy)
    data = json.loads(page.data)
    expect(HOSTILE in {row[0] for row in data["files"]} and len(data["files"]) == len(TREE), data["files"])
    expect(len(data["audit"]) == len(TREE) and data["title"] == "app" and len(data["latency"]) >= 1, data["audit"])
    expect("http" not in re.sub(r"http://www.w3.org/2000/svg|http-equiv", "", text), "the page names an address")
    import base64
    import hashlib
    for tag, attribute in (("script", "script-src"), ("style", "style-src")):
        body = re.findall(r"<%s>(.*?)</%s>" % (tag, tag), text, re.S)[0]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        expect("%s 'sha256-%s'" % (attribute, digest) in page.policy, tag, digest, page.policy)
    expect(place.run("report", "-o", "-", where="tree").out.startswith("<!doctype html>"))
    browser = shutil.which("chromium")
    if browser:
        done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + place.path("browser"), "--dump-dom", "file://" + place.path("tree/r.html")],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
        dom = done.stdout.decode()
        expect("%d files" % len(TREE) in dom and "&lt;img onerror=alert(1)&gt;.py</td>" in dom, dom[-3000:])
    expect(place.json("report", "-o", "r.html", where="tree")[0]["file"] == "r.html")
    place.fails(2, "report needs --output FILE", "report", where="tree")


@case
def the_audit_log_tells_what_happened(place):
    fresh(place)
    rows = place.json("audit", where="tree")
    expect(len(rows) == len(TREE) and all(row["result"] == "both_tables" and row["origin"] == "cli" for row in rows), rows)
    expect(all(row["code_files_attempts"] == 1 and row["metadata_attempts"] == 1 for row in rows), rows)
    expect([row["attempt_id"] for row in rows] == sorted(row["attempt_id"] for row in rows))
    expect([row["path"] for row in place.json("audit", "src/a.py", where="tree")] == ["src/a.py"])
    expect({row["path"] for row in place.json("audit", "src", where="tree")} == {"src/a.py", "src/b.py", "src/copy.py"})
    expect(len(place.json("audit", "-n", "2", where="tree")) == 2)
    expect(place.json("audit", "--failed", where="tree") == [])
    expect(len(place.json("audit", "--since", "1h", where="tree")) == len(TREE))
    expect(len(place.json("audit", "--since", "2 hours ago", where="tree")) == len(TREE))
    expect(place.json("audit", "--since", "2999-01-01", where="tree") == [])
    place.fails(2, '--since: "soon" is not a time', "audit", "--since", "soon", where="tree")
    expect("both_tables" in place.run("audit", where="tree").out)


@case
def status_without_a_daemon_says_what_the_tables_say(place):
    fresh(place)
    status = place.json("status", where="tree")[0]
    root = status["roots"][0]
    expect(status["running"] is False and root["codebase_id"] == "app" and root["code_files"] == len(TREE) and root["drift"] == 0, status)
    done = place.run("status", where="tree")
    expect("not watched" in done.out and "no daemon answers" in done.err, done.out)


@case
def health_without_a_daemon_is_status_4(place):
    place.environment["SRCTAB_EMBEDDED_SOCKET_DIR"] = place.path("run")
    place.fails(4, "no daemon answers", "health")
    place.fails(4, "no daemon answers", "health", "--ready", place.folder)
    expect(json.loads(place.run("health", "--json", status=4).out) == {"v": 1, "live": False, "ready": False})


class Daemon:
    """`srctab watch` on the tree of a place; ends with the `with` block."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        with open(self.place.path("log"), "wb") as log:
            self.process = subprocess.Popen([self.place.program, "watch", "--id", "app", "tree"], cwd=self.place.folder, env=self.place.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until(lambda: self.place.run("health", "--ready", "tree", status=None).returncode == 0, "ready")
        self.place.run("wait", "--timeout", "30s", "tree")
        return self

    def until(self, condition, what):
        deadline = time.monotonic() + 30
        while not condition():
            with open(self.place.path("log"), encoding="utf-8", errors="replace") as log:
                expect(self.process.poll() is None and time.monotonic() < deadline, "not " + what, log.read()[-2000:])
            time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


@case
def status_and_health_ask_the_running_daemon(place):
    fresh(place)
    with Daemon(place) as daemon:
        status = place.json("status", "tree")[0]
        expect(status["running"] is True and status["pid"] == daemon.process.pid and status["roots"][0]["state"] == "live", status)
        expect(place.json("status")[0]["pid"] == daemon.process.pid)
        expect("app" in place.run("status", where="tree").out)
        expect(json.loads(place.run("health", "--json").out) == {"v": 1, "live": True, "ready": True})
    expect(daemon.process.returncode == 0, daemon.process.returncode)


@case
def a_request_and_a_folder_reach_the_running_daemon(place):
    fresh(place)
    with Daemon(place) as daemon:
        place.run("enqueue", "--flash", "main.c", where="tree")
        daemon.until(lambda: sql(place, "SELECT 1 FROM sync_audit WHERE path = 'main.c' AND origin = 'queue'"), "taken from the queue")
        daemon.until(lambda: not sql(place, "SELECT 1 FROM ingestion_queue"), "off the queue")
        daemon.until(lambda: place.json("status", place.path("tree"))[0]["counters"]["queue_depth"] == 0, "off the count of the queue")
        place.write("second/x.py", "x = 1\n")
        place.run("folders", "add", "second", "--id", "second", status=None)
        place.run("folders", "disable", "tree")
        daemon.until(lambda: not any(root["codebase_id"] == "app" for root in place.json("status")[0].get("roots", [])) if place.run("health", status=None).returncode == 0 else True,
                     "disabled")


@case
def audit_shows_what_waits_in_the_spool(place):
    fresh(place)
    with Daemon(place) as daemon:
        sql(place, "ALTER TABLE sync_audit RENAME TO elsewhere")
        try:
            place.write("tree/late.py", "x = 1\n")

            def spooled():
                done = place.run("--json", "audit", where="tree", status=3)
                return [row for row in map(json.loads, done.out.splitlines()) if row["path"] == "late.py" and row["spooled"]]
            daemon.until(lambda: spooled(), "spooled")
            expect(spooled()[0]["result"] == "both_tables" and spooled()[0]["codebase_id"] == "app", spooled())
            expect("(spooled)" in place.run("audit", where="tree", status=3).out)
        finally:
            sql(place, "ALTER TABLE elsewhere RENAME TO sync_audit")
        daemon.until(lambda: sql(place, "SELECT 1 FROM sync_audit WHERE path = 'late.py' AND result = 'both_tables'"), "a row")


@case
def wait_without_an_answer_is_status_124(place):
    fresh(place)
    with Daemon(place) as daemon:
        os.kill(daemon.process.pid, signal.SIGSTOP)
        try:
            place.run("wait", "--timeout", "300ms", "tree", status=124)
        finally:
            os.kill(daemon.process.pid, signal.SIGCONT)


@case
def a_second_one_shot_on_an_owned_codebase_is_status_5(place):
    fresh(place)
    with Daemon(place):
        place.run("ingest", "--id", "app", "tree", status=5)


@case
def folders_are_rows_of_watch_folders(place):
    fresh(place)
    os.mkdir(place.path("more"))
    place.run("folders", "add", "more", "--include", "*.py", "--include", "*.c", "--exclude", "x/", "--debounce", "200ms", "--sinks", "code_files")
    row = [row for row in place.json("folders") if row["path"] == place.path("more")][0]
    expect(row["include"] == ["*.py", "*.c"] and row["exclude"] == ["x/"] and row["debounce_ms"] == 200 and row["sinks"] == ["code_files"] and row["enabled"] is True, row)
    place.run("folders", "disable", "more")
    row = [row for row in place.json("folders", "list") if row["path"] == place.path("more")][0]
    expect(row["enabled"] is False and row["source"] == "sql", row)
    place.run("folders", "enable", "more")
    place.run("folders", "remove", "more")
    expect(not [row for row in place.json("folders") if row["path"] == place.path("more")])
    place.fails(2, "no folder", "folders", "remove", "more")
    place.fails(4, "could not open folder", "folders", "add", "none")
    place.fails(2, "unexpected argument", "folders", "list", "more")


@case
def removing_with_purge_removes_the_rows_too(place):
    fresh(place)
    place.run("folders", "add", "tree", "--id", "app")
    place.run("folders", "remove", "tree", "--purge")
    expect(sql(place, "SELECT count(*) FROM code_files")[0][0] == 0 and sql(place, "SELECT count(*) FROM codebase_metadata")[0][0] == 0)
    expect(sql(place, "SELECT count(*) FROM sync_audit")[0][0] >= len(TREE))


@case
def enqueue_writes_requests(place):
    fresh(place)
    place.run("enqueue", "src/a.py", "--flash", where="tree")
    place.run("enqueue", ".", where="tree/src")
    answer = place.json("enqueue", "main.c", "--operation", "delete", "--sinks", "code_files", where="tree")[0]
    expect(answer["operation"] == "delete" and answer["priority"] == 8 and answer["codebase_id"] == "app", answer)
    place.run("enqueue", "--id", "far", "lib/x.py", "--priority", "7")
    rows = sql(place, "SELECT codebase_id, path, operation, priority, sinks FROM ingestion_queue ORDER BY path")
    expect(rows == [("far", "lib/x.py", "update", 7, None), ("app", "main.c", "delete", 8, ["code_files"]), ("app", "src", "rescan", 5, None),
                    ("app", "src/a.py", "update", 10, None)], rows)
    place.fails(2, "no codebase of this host holds", "enqueue", "/etc/passwd")


@case
def psql_finds_the_tables_without_a_prefix(place):
    fresh(place)
    expect(place.run("psql", "-XAtc", "SELECT count(*) FROM code_files").out == "%d\n" % len(TREE))
    place.run("psql", "-c", "SELECT nonsense", status=1)
    expect("usage: srctab psql" in place.run("psql", "--help").out)
    expect(place.run("psql", "-XAtc", "SHOW work_mem", PGOPTIONS="-c work_mem=5MB").out == "5MB\n")


@case
def the_first_line_says_which_database(place):
    fresh(place)
    expect(place.run("q", "largest").err.startswith("database: named by SRCTAB_DATABASE (PostgreSQL "))
    given = place.environment.pop("SRCTAB_DATABASE")
    expect(place.run("--db", given, "q", "largest").err.startswith("database: named by --db (PostgreSQL "))
    environment = {"PGHOST": SERVER.folder, "PGDATABASE": place.database, "PGUSER": "postgres"}
    expect(place.run("q", "largest", **environment).err.startswith("database: named by libpq's environment"))
    expect(place.run("-q", "--db", given, "q", "largest").err == "")


@case
def the_log_goes_to_its_file(place):
    fresh(place)
    done = place.run("ingest", "--full", "--id", "app", where="tree", SRCTAB_LOG_FILE=place.path("log.json"), SRCTAB_LOG_LEVEL="debug")
    with open(place.path("log.json"), encoding="utf-8") as log:
        records = [json.loads(line) for line in log]
    expect(records and all(record["v"] == 1 and record["msg"] for record in records), records)
    expect('"msg"' not in done.err, done.err)
    expect(os.stat(place.path("log.json")).st_mode & 0o077 == 0)
    place.fails(2, "log.file: could not open file", "ingest", where="tree", SRCTAB_LOG_FILE="/nonexistent/log")


@case
def database_errors_are_status_3(place):
    for command in (["q", "largest"], ["status"]):
        done = place.fails(3, "could not connect to the database", "--db", "host=/nonexistent", *command)
        expect(done.err.startswith("database: named by --db\n"), done.err)
    done = place.fails(3, "could not parse the connection string", "--db", "host=a password='geheim", "q", "largest")
    expect("geheim" not in done.err, done.err)
    SERVER.create_database("empty_" + os.path.basename(place.folder).replace("-", "_").lower())
    empty = conninfo("empty_" + os.path.basename(place.folder).replace("-", "_").lower())
    place.fails(3, "has no tables of srctab", "--db", empty, "q", "largest")
    place.fails(2, "no database is named", "q", "largest", SRCTAB_DATABASE_MODE="external")


@case
def a_database_url_of_the_application_is_not_taken(place):
    done = place.run("q", "largest", status=None, DATABASE_URL="postgresql://elsewhere/app", PGHOST="/nonexistent")
    expect("elsewhere" not in done.err and done.returncode == 3, done.err)


@case
def a_newer_schema_is_status_6(place):
    fresh(place)
    sql(place, "INSERT INTO schema_migrations (version, name, sha256, min_binary, applied_at) SELECT 9999, 'future', sha256, 9999, now() FROM schema_migrations LIMIT 1")
    place.run("q", "largest", status=6)
    place.run("ingest", status=6, where="tree")


@case
def no_such_folder_is_status_4(place):
    fresh(place)
    place.run("ingest", "none", status=4)
    place.run("watch", "none", status=4)


@case
def verify_is_status_1_when_a_row_differs(place):
    fresh(place)
    place.run("verify", "--id", "app", where="tree")
    expect(place.json("verify", "--id", "app", where="tree") == [{"v": 1, "files": len(TREE), "differences": 0, "undecided": 0}])
    sql(place, "UPDATE code_files SET line_count = 77 WHERE path = 'main.c'")
    rows = place.json("verify", "--id", "app", where="tree", status=1)
    expect(rows[0]["path"] == "main.c" and rows[0]["columns"] == "line_count" and rows[-1]["differences"] == 1, rows)


@case
def doctor_looks_at_everything(place):
    fresh(place)
    rows = {row["check"]: row for row in place.json("doctor", where="tree")}
    expect(set(rows) >= {"grammars", "database", "schema", "tree", "inotify", "filesystem", "leases", "git"}, rows)
    expect(all(row["verdict"] in ("ok", "warn") for row in rows.values()), rows)
    place.run("doctor", where="tree", status=3, SRCTAB_DATABASE="host=/nonexistent")
    place.run("doctor", "none", status=4)


if __name__ == "__main__":
    try:
        status = main()
    finally:
        SERVER.close()
    sys.exit(status)
