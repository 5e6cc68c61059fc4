"""Strange files: each costs no more than its own row, and nothing else stops."""
import json
import os
import random
import shutil
import subprocess
import tempfile

from cases import case
from codebase import eventually, expect
from faults import ends_well, fill, long_path, results, rss_mib


def states(codebase, table="code_files", columns="content_state, parse_status"):
    return {row[0]: row[1:] for row in codebase.sql("SELECT path, %s FROM %s WHERE codebase_id = %%s" % (columns, table), codebase.id)}


@case()
def f23_files_with_nul_bytes(codebase):
    codebase.write("few.py", b"x = 1\n" * 3000 + b"y = '\0'\n")
    codebase.write("binary.py", b"\x7fELF\0\0\0\0" + bytes(4000))
    codebase.daemon()
    ends_well(codebase)
    found = states(codebase, columns="content_state, size_bytes, content IS NULL")
    expect(found["few.py"] == ("nul_stripped", 18008, False), found)
    expect(found["binary.py"] == ("binary", 4008, True), found)


@case()
def f24_files_that_are_not_utf8(codebase):
    codebase.write("latin1.py", "# é\nx = 1\n".encode("latin-1"))
    codebase.write("ff.py", b"x = '\xff'\n")
    codebase.write("utf16.py", "\ufeffx = 'é'\n".encode("utf-16-le"))
    codebase.write("surrogate.py", b"x = '\xed\xa0\x80'\n")
    codebase.daemon()
    ends_well(codebase)
    found = states(codebase)
    expect({path: row[0] for path, row in found.items()} == {"latin1.py": "lossy", "ff.py": "lossy", "utf16.py": "transcoded", "surrogate.py": "lossy"}, found)
    expect(codebase.row("utf16.py", "content")[0] == "x = 'é'\n", codebase.row("utf16.py", "content"))


@case("star")
def f25_escapes_of_nul_and_lone_surrogates_in_literals(codebase):
    codebase.write("a.py", 'def f():\n    """\\u0000 \\ud800"""\n    return "\\u0000\\ud800\\x00"\n')
    codebase.write("a.js", 'export const f = "\\u0000\\ud800";\n/** \\u0000 */\nexport function g() { return "\\0"; }\n')
    codebase.write("a.json", '{"\\u0000": "\\ud800"}\n')
    codebase.write("control.py", b"def f():\n    '''\x01\x1f\x7f'''\n")
    codebase.daemon()
    ends_well(codebase)
    for column in ("ast", "functions", "classes", "imports", "exports", "symbols", "metadata"):
        codebase.sql("SELECT %s::text::jsonb::text FROM code_files WHERE codebase_id = %%s" % column, codebase.id)
    codebase.sql("SELECT doc, name FROM functions WHERE codebase_id = %s", codebase.id)


@case()
def f26_an_expression_nested_100000_deep(codebase):
    codebase.write("deep.c", "int x = %s1%s;\n" % ("(" * 100000, ")" * 100000))
    codebase.write("deep.json", "[" * 100000 + "]" * 100000)
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    ends_well(codebase)
    found = states(codebase)
    for path in ("deep.c", "deep.json"):
        expect(found[path][0] == "exact" and found[path][1] in ("ok", "partial", "timeout", "memory"), found)
    expect(found["a.py"] == ("exact", "ok"), found)


@case()
def f27_a_minified_file_of_30_mb(codebase):
    codebase.write("a.js", "var a=1;" * (30 << 17))
    codebase.write("b.js", "var a = 1;\n")
    daemon = codebase.daemon()
    ends_well(codebase)
    found = states(codebase, columns="content_state, content IS NULL, parse_status, size_bytes")
    expect(found["a.js"] == ("too_big", True, "too_big", 30 << 20), found)
    expect(rss_mib(daemon.process.pid) < 128, "the daemon takes %d MiB" % rss_mib(daemon.process.pid))
    expect(codebase.row("a.js", "lines_total", "codebase_metadata")[0] is not None, "no text metrics")


@case()
def f28_five_megabytes_of_different_words(codebase):
    generator = random.Random(28)
    codebase.write("words.md", " ".join("%x" % generator.getrandbits(40) for _ in range(480000)))
    codebase.daemon()
    ends_well(codebase)
    expect(codebase.row("words.md", "content_state")[0] == "exact", codebase.row("words.md", "content_state"))


@case()
def f29_paths_at_the_limit_of_an_index_entry(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    lengths = {n: long_path(n) for n in (2600, 2601, 4000)}
    for n, path in lengths.items():
        expect(len(path) == n, "%d bytes instead of %d" % (len(path), n))
        folder = os.open(codebase.tree, os.O_RDONLY)
        *folders, name = path.split("/")
        for part in folders:  # PATH_MAX counts from the root of the file system
            try:
                os.mkdir(part, dir_fd=folder)
            except FileExistsError:
                pass
            inner = os.open(part, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = inner
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=folder), "w") as file:
            file.write("x = 1\n")
        os.close(folder)
    codebase.write("b.py", "x = 1\n")
    ends_well(codebase, lambda path: len(path) <= 2600)
    expect(codebase.row(lengths[2600], "1"), "no row of the path of 2600 bytes")
    for n in (2601, 4000):
        found = eventually(lambda n=n: codebase.sql("SELECT result, reason FROM sync_audit WHERE codebase_id = %s AND path = %s", codebase.id, lengths[n]),
                           "an audit row of the path of %d bytes" % n)
        expect(found[-1][0] == "skipped" and "path_too_long" in found[-1][1], found)


@case("star")
def f30_names_of_any_bytes(codebase):
    names = [b"bad\xff\xc0.py", b"new\nline.py", b"quote'\".py", b"back\\slash.py", b"-dash.py", b"\xc3\xa9.py", b"tab\t.py", b"\\x41.py", b"%s$1.py"]
    for name in names:
        codebase.write(os.fsdecode(name), "x = 1\n")
    codebase.daemon()
    ends_well(codebase)
    raw = codebase.sql("SELECT path_raw FROM code_files WHERE codebase_id = %s AND path_raw IS NOT NULL", codebase.id)
    expect(b"bad\xff\xc0.py" in [bytes(row[0]) for row in raw] and len(raw) <= 2, raw)
    for name in names:
        os.unlink(os.path.join(os.fsencode(codebase.tree), name))
    codebase.equal()
    expect(not codebase.table("code_files"), codebase.table("code_files"))


@case()
def f32_a_burst_of_edits_of_one_path(codebase):
    codebase.daemon()
    for turn in range(300):
        codebase.write("a.py", "x = %d\n" % turn)
    ends_well(codebase)
    expect(codebase.row("a.py", "content")[0] == "x = 299\n", codebase.row("a.py", "content"))
    expect({row[0] for row in results(codebase, "a.py")} <= {"both_tables", "skipped_busy"}, results(codebase, "a.py"))


@case()
def f33_a_file_deleted_and_made_anew_is_never_missing(codebase):
    codebase.configure(rest="watch:\n  fast_path: off")
    codebase.write("a.py", "x = 0\n")
    codebase.daemon()
    for turn in range(1, 15):
        os.unlink(codebase.path("a.py"))
        expect(codebase.row("a.py", "1"), "the row was missing in turn %d" % turn)
        codebase.write("a.py", "x = %d\n" % turn)
        expect(codebase.row("a.py", "1"), "the row was missing in turn %d" % turn)
    ends_well(codebase)
    expect(not codebase.sql("SELECT 1 FROM sync_audit WHERE codebase_id = %s AND operation = 'delete'", codebase.id), "a delete was audited")


@case()
def f34_a_checkout_of_5000_files_back_and_forth(codebase):
    codebase.git("init", "-q", "-b", "main")
    codebase.git("config", "core.fsync", "none")
    for i in range(5000):
        codebase.write("d%d/f%d.txt" % (i % 100, i), "%d\n" % i)
    codebase.git("add", ".")
    codebase.git("commit", "-q", "-m", "one")
    codebase.git("checkout", "-q", "-b", "other")
    for i in range(5000):
        codebase.write("d%d/f%d.txt" % (i % 100, i), "other %d\n" % i)
    codebase.git("commit", "-q", "-a", "-m", "two")
    codebase.daemon()
    codebase.git("checkout", "-q", "main")
    codebase.git("checkout", "-q", "other")
    codebase.git("checkout", "-q", "main")
    ends_well(codebase)
    deleted = codebase.value("SELECT count(DISTINCT path) FROM sync_audit WHERE codebase_id = %s AND operation = 'delete'", codebase.id)
    expect(deleted < 500, "%d files were deleted on the way" % deleted)


@case("root")
def f35_a_root_that_is_unmounted_keeps_its_rows(codebase):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "none", codebase.tree], check=True)
    try:
        for i in range(30):
            codebase.write("f%d.py" % i, "x = %d\n" % i)
        daemon = codebase.daemon()
        codebase.equal()
        keeper = os.path.join(codebase.base, "keeper")
        os.mkdir(keeper)
        subprocess.run(["mount", "--bind", codebase.tree, keeper], check=True)
        try:
            subprocess.run(["umount", "-l", codebase.tree], check=True)
            eventually(lambda: "offline" in daemon.log(), lambda: "the log says offline:\n" + daemon.log())
            expect(len(codebase.table("code_files")) == 30 and len(codebase.table("codebase_metadata")) == 30, "rows are gone")
            subprocess.run(["mount", "--bind", keeper, codebase.tree], check=True)
        finally:
            subprocess.run(["umount", "-l", keeper], check=True)
        codebase.write("back.py", "x = 1\n")
        ends_well(codebase)
        expect(not codebase.sql("SELECT 1 FROM sync_audit WHERE codebase_id = %s AND operation = 'delete'", codebase.id), "a delete was audited")
        daemon.stop()
    finally:
        subprocess.run(["umount", "-l", codebase.tree], check=False)


@case()
def f38_files_that_kill_their_worker(codebase):
    generator = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/pathological.py")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["/usr/bin/python3", generator, folder], check=True)
        names = sorted(name for name in os.listdir(folder) if name.endswith(".md") and os.path.getsize(os.path.join(folder, name)) < 100000)
        for name in names:
            shutil.copy(os.path.join(folder, name), codebase.path(name))
    codebase.write("a.py", "def f():\n    pass\n")
    codebase.daemon()
    ends_well(codebase)
    found = states(codebase)
    expect(found["a.py"] == ("exact", "ok"), found["a.py"])
    failed = [path for path, row in found.items() if row[1] == "failed"]
    expect(failed, "no file killed its worker: %s" % found)
    for path in failed:
        expect(results(codebase, path) == [("both_tables", "ok", "ok", None, None)], results(codebase, path))
        expect(codebase.row(path, "lines_total", "codebase_metadata")[0] is not None, "no text metrics of " + path)
    codebase.sql("SELECT enqueue_file(%s, %s)", codebase.id, failed[0])
    eventually(lambda: codebase.value("SELECT count(*) FROM ingestion_queue WHERE codebase_id = %s", codebase.id) == 0, "the request answered")


@case()
def f50_thousands_of_changes_give_what_a_fresh_ingest_gives(codebase):
    generator = random.Random(50)
    sources = ["def f%d(a):\n    if a:\n        return %d\n", "import os\nx%d = %d\n", "class C%d:\n    y = %d\n"]
    paths = ["d%d/f%d.py" % (i % 13, i) for i in range(200)]
    for i, path in enumerate(paths):
        codebase.write(path, sources[i % 3] % (i, i))
    codebase.daemon()
    there = list(paths)
    for turn in range(1000):
        path = generator.choice(there)
        what = generator.randrange(6)
        if what < 3 or len(there) < 50:
            codebase.write(path, generator.choice(sources) % (turn, turn))
        elif what == 3:
            os.unlink(codebase.path(path))
            there.remove(path)
        elif what == 4:
            new = "r%d/m%d.py" % (turn % 7, turn)
            os.makedirs(codebase.path(os.path.dirname(new)), exist_ok=True)
            os.rename(codebase.path(path), codebase.path(new))
            there.remove(path)
            there.append(new)
        else:
            new = "n%d/new%d.py" % (turn % 5, turn)
            codebase.write(new, generator.choice(sources) % (turn, turn))
            there.append(new)
    ends_well(codebase)
    codebase.daemons[-1].stop()
    volatile = {"first_seen", "synced_at", "file_mtime", "stat_signature", "embedding", "embedding_model"}

    def rows(table):
        columns = [row[0] for row in codebase.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = 'srctab' AND table_name = %s "
                                                  "ORDER BY ordinal_position", table) if row[0] not in volatile]
        return json.dumps(codebase.sql("SELECT %s FROM %s WHERE codebase_id = %%s ORDER BY path" % (
            ", ".join("%s::text" % column for column in columns), table), codebase.id))
    before = [rows(table) for table in ("code_files", "codebase_metadata")]
    codebase.sql("DELETE FROM code_files WHERE codebase_id = %s", codebase.id)
    codebase.sql("DELETE FROM codebase_metadata WHERE codebase_id = %s", codebase.id)
    codebase.ingest("--full")
    expect(before == [rows(table) for table in ("code_files", "codebase_metadata")], "the rows differ from those of a fresh ingest")
