"""ingest, verify, wait: commands that end."""
import os
import subprocess

from cases import case
from codebase import expect, path_text


@case("star short")
def ingest_of_a_tree_makes_both_tables_equal_to_it(codebase):
    codebase.write("a.py", "def f():\n    return 1\n")
    codebase.write("b/c.c", "int main(void) { return 0; }\n")
    codebase.write("b/d/readme.txt", "words\n")
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())
    codebase.verify()


@case()
def ingest_of_an_empty_tree_succeeds(codebase):
    codebase.ingest()
    expect(codebase.table("code_files") == {}, "there are rows")
    codebase.verify()


@case()
def a_second_ingest_writes_nothing(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    before = codebase.sql("SELECT xmin::text, synced_at FROM code_files WHERE codebase_id = %s", codebase.id)
    codebase.ingest()
    expect(codebase.sql("SELECT xmin::text, synced_at FROM code_files WHERE codebase_id = %s", codebase.id) == before, "the row was written again")


@case()
def a_touch_alone_writes_nothing(codebase):
    path = codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    before = codebase.row("a.py", "xmin::text")
    os.utime(path, (1, 1))
    codebase.ingest()
    expect(codebase.row("a.py", "xmin::text") == before, "the row was written again")


@case()
def full_writes_every_file_again(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    before = codebase.row("a.py", "xmin::text")
    codebase.ingest("--full")
    expect(codebase.row("a.py", "xmin::text") != before, "the row was not written again")


@case()
def dry_run_writes_nothing(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    codebase.write("b.py", "x = 1\n")
    codebase.ingest("--dry-run")
    expect(codebase.row("b.py") is None, "a row was written")


@case("star")
def ingest_removes_rows_of_files_that_went_away(codebase):
    for name in "abcdefgh":
        codebase.write(name + ".py", "x = 1\n")
    codebase.ingest()
    os.unlink(codebase.path("a.py"))
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())
    expect(codebase.audit("a.py")[-1][:2] == ("delete", "cli"), codebase.audit("a.py"))


@case()
def a_scan_that_misses_most_files_asks_before_it_deletes(codebase):
    for i in range(20):
        codebase.write("f%d.py" % i, "x = 1\n")
    codebase.ingest()
    for i in range(15):
        os.unlink(codebase.path("f%d.py" % i))
    done = codebase.run("ingest", codebase.tree)
    expect(done.returncode != 0 and "--allow-mass-delete" in done.stderr, (done.returncode, done.stderr))
    expect(len(codebase.table("code_files")) == 20, "rows are gone")
    codebase.ingest("--allow-mass-delete")
    expect(not codebase.differences(), codebase.differences())


@case("star")
def verify_names_each_kind_of_difference(codebase):
    for name in ("same", "changed", "missing", "stale"):
        codebase.write(name + ".py", "x = 1\n")
    codebase.ingest()
    codebase.sql("UPDATE code_files SET content = 'x' WHERE codebase_id = %s AND path = 'changed.py'", codebase.id)
    codebase.sql("DELETE FROM codebase_metadata WHERE codebase_id = %s AND path = 'missing.py'", codebase.id)
    os.unlink(codebase.path("stale.py"))
    done = codebase.verify(status=1)
    for name in ("changed.py", "missing.py", "stale.py"):
        expect(name in done.stdout, (name, done.stdout))
    expect("same.py" not in done.stdout, done.stdout)


@case("star")
def verify_repair_writes_what_differs(codebase):
    for i in range(10):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
    codebase.ingest()
    codebase.sql("UPDATE codebase_metadata SET lines_total = 99 WHERE codebase_id = %s AND path = 'f1.py'", codebase.id)
    codebase.sql("DELETE FROM code_files WHERE codebase_id = %s AND path = 'f2.py'", codebase.id)
    codebase.verify(status=1)
    codebase.run("verify", "--repair", codebase.tree)
    codebase.verify()


@case()
def the_audit_log_has_one_row_an_attempt(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    codebase.write("a.py", "x = 2\n")
    codebase.ingest()
    rows = codebase.audit("a.py")
    expect([row[:3] for row in rows] == [("ingest", rows[0][1], "both_tables"), ("update", rows[1][1], "both_tables")], rows)


@case()
def explain_and_the_tables_say_the_same(codebase):
    import json
    path = codebase.write("a.py", "import os\n\n\ndef f(a, b):\n    if a and b:\n        return 1\n    return 2\n")
    codebase.ingest()
    facts = json.loads(codebase.run("explain", "--json", path, status=0).stdout)
    columns = sorted(facts["metrics"])
    values = codebase.row("a.py", ", ".join('"%s"' % c for c in columns), "codebase_metadata")
    for column, value in zip(columns, values):
        wanted = facts["metrics"][column]
        same = value == wanted or (isinstance(value, float) and isinstance(wanted, (int, float)) and abs(value - wanted) < 1e-9 * max(1, abs(value)))
        expect(same, (column, value, wanted))


@case()
def names_of_any_bytes_have_rows_under_their_text(codebase):
    for name in (b"\xff.py", b"new\nline.py", b"tab\t.py", b"-dash.py", b"100%.py", b"quote'\".py", b"st*r[a].py", b"back\\slash.py", "ünï.py".encode()):
        codebase.write(os.fsdecode(name), "x = 1\n")
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())
    raw = codebase.row(path_text(os.fsdecode(b"\xff.py")), "path_raw")
    expect(bytes(raw[0]) == b"\xff.py", raw)
    codebase.verify()


@case("star")
def contents_of_any_bytes_have_rows_with_their_hash(codebase):
    codebase.write("nul.py", b"x = 1\0\n")
    codebase.write("latin.py", b"# \xe9\n")
    codebase.write("utf16.py", "x = 1\n".encode("utf-16"))
    codebase.write("empty.py", b"")
    codebase.write("bom.py", b"\xef\xbb\xbfx = 1\n")
    codebase.write("crlf.py", b"x = 1\r\ny = 2")
    codebase.write("binary.py", bytes(range(256)) * 16)
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())
    codebase.verify()


@case("star")
def huge_and_odd_files_end_in_rows_that_say_so(codebase):
    codebase.write("deep.json", b"[" * 100000)
    codebase.write("line.js", b"a=1;" * (4 << 20))
    with open(codebase.write("big.py", b""), "r+b") as big:
        big.truncate(200 << 20)
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())
    expect(codebase.row("big.py", "parse_status, content")[0] in ("too_big", "binary"), codebase.row("big.py", "parse_status"))
    expect(codebase.row("line.js", "parse_status")[0] in ("too_big", "minified"), codebase.row("line.js", "parse_status"))


@case("star")
def what_is_no_regular_file_has_no_row_and_does_not_block(codebase):
    codebase.write("a.py", "x = 1\n")
    os.mkfifo(codebase.path("fifo.py"))
    os.symlink("a.py", codebase.path("link.py"))
    os.symlink("..", codebase.path("loop"))
    os.symlink("nowhere", codebase.path("dangling.py"))
    os.symlink("/dev/zero", codebase.path("zero.py"))
    codebase.ingest()
    expect(set(codebase.table("code_files")) == {"a.py"}, codebase.table("code_files"))


@case()
def a_path_that_is_too_long_for_an_index_is_audited_and_skipped(codebase):
    codebase.write("a.py", "x = 1\n")
    folder = os.open(codebase.tree, os.O_RDONLY)
    for _ in range(14):
        os.mkdir("d" * 200, dir_fd=folder)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("f.py", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    codebase.run("ingest", codebase.tree)
    expect(set(codebase.table("code_files")) == {"a.py"}, "another row")
    expect(codebase.value("SELECT count(*) FROM sync_audit WHERE codebase_id = %s AND result = 'skipped'", codebase.id) == 1, codebase.audit())


@case("root")
def an_unreadable_file_is_audited_and_the_others_go_on(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.write("b.py", "x = 1\n")
    os.chmod(codebase.path("a.py"), 0)
    # Root reads everything: only an ordinary user meets this.
    import subprocess
    for folder in (codebase.base, codebase.tree):
        os.chmod(folder, 0o777)
    done = subprocess.run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"] + codebase.command("ingest", codebase.tree), env=codebase.env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    expect(done.returncode == 1, (done.returncode, done.stderr))
    expect(set(codebase.table("code_files")) == {"b.py"}, codebase.table("code_files"))
    expect(codebase.audit("a.py")[-1][2] == "skipped", codebase.audit("a.py"))


def commit(codebase, message):
    """All of the tree as a commit; its id comes back."""
    for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", message]):
        subprocess.run(["git", "-C", codebase.tree] + arguments, check=True, stdin=subprocess.DEVNULL)
    return subprocess.run(["git", "-C", codebase.tree, "rev-parse", "HEAD"], check=True, stdout=subprocess.PIPE).stdout.decode().strip()


@case("star")
def a_revision_is_ingested_from_the_object_store(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.write("b/c.c", "int f(void) { return 1; }\n")
    first = commit(codebase, "first")
    codebase.write("a.py", "x = 2\n")
    codebase.write("new.py", "y = 1\n")
    os.unlink(os.path.join(codebase.tree, "b/c.c"))
    codebase.ingest()
    codebase.ingest("--rev", first)
    rows = dict(codebase.sql("SELECT path, content FROM code_files WHERE codebase_id = %s", codebase.id))
    expect(rows == {"a.py": "x = 1\n", "b/c.c": "int f(void) { return 1; }\n"}, rows)
    codebase.ingest()
    codebase.verify()


@case()
def since_a_revision_looks_only_at_what_changed(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.write("b.py", "x = 1\n")
    first = commit(codebase, "first")
    codebase.write("b.py", "x = 2\n")
    codebase.ingest("--since", first)
    paths = [path for path, in codebase.sql("SELECT path FROM code_files WHERE codebase_id = %s", codebase.id)]
    expect(paths == ["b.py"], paths)
