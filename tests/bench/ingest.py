"""Full ingest into both tables, over reading and parsing the same files, and over codegraph's build of the same tree."""
import os
import shutil
import subprocess
import time

from ground import Cost, Table, cpu_of, median


def size_of(codebase):
    return codebase.value("SELECT pg_total_relation_size('code_files') + pg_total_relation_size('codebase_metadata')")


def wal_position(codebase):
    return codebase.value("SELECT pg_current_wal_insert_lsn() - '0/0'")


def empty(codebase):
    codebase.sql("TRUNCATE code_files, codebase_metadata")
    codebase.sql("CHECKPOINT")


def codegraph_cost(program, tree, scratch):
    """Of `codegraph build` on a copy, as it writes into the tree."""
    copy = os.path.join(scratch, "codegraph")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    cost = Cost([program, "build", copy], cwd=copy)
    shutil.rmtree(copy, ignore_errors=True)
    return cost


def copy_cost(ground, codebase):
    """Seconds, and CPU seconds of the server, for COPY of the very same rows into tables of the same shape."""
    dump = os.path.join(ground.server.folder, "rows")
    dumped = []
    for name in ("code_files", "codebase_metadata"):
        codebase.sql("COPY %s TO '%s' (FORMAT binary)" % (name, dump + name))
        codebase.sql("DROP TABLE IF EXISTS copied_%s" % name)
        codebase.sql("CREATE TABLE copied_%s (LIKE %s INCLUDING ALL)" % (name, name))
        dumped.append(name)
    before, start = cpu_of(ground.server.process.pid), time.monotonic()
    for name in dumped:
        codebase.sql("COPY copied_%s FROM '%s' (FORMAT binary)" % (name, dump + name))
    return time.monotonic() - start, cpu_of(ground.server.process.pid) - before


def measure(ground, tree, rounds, codegraph):
    listed = ground.files(tree)
    codebase = ground.codebase(tree)
    codebase.ingest()  # makes the tables, fills the page cache
    samples = []
    for _ in range(rounds):
        empty(codebase)
        files, source, wall, cpu = ground.parse(tree, listed)
        wal = wal_position(codebase)
        cost = Cost(codebase.command("ingest", tree), ground.server, env=codebase.env)
        samples.append({"files": files, "bytes": source, "raw": wall, "raw_cpu": cpu, "wall": cost.wall, "cpu": cost.cpu, "server": cost.server_cpu,
                        "rss": cost.rss_kb, "wal": wal_position(codebase) - wal})
    copied = copy_cost(ground, codebase)
    rows = codebase.value("SELECT count(*) FROM code_files")
    ast = codebase.value("SELECT sum(pg_column_size(ast)) FROM code_files")
    peer = codegraph_cost(codegraph, tree, ground.folder) if codegraph else None
    size = size_of(codebase)
    ground.drop(codebase)
    return {"samples": samples, "rows": rows, "ast": int(ast or 0), "size": size, "peer": peer, "copied": copied}


def run(ground, options):
    speed = Table("Full ingest into both tables (median of %d); raw: read + parse of the same files, 2 processes" % options.rounds, "tree", "files", "MB", "raw s",
                  "ingest s", "wall ratio", "raw CPU s", "srctab CPU s", "CPU ratio", "server CPU s", "COPY CPU s")
    peer = Table("Files per CPU second, srctab with its server; codegraph's full build", "tree", "srctab", "codegraph", "ratio", "codegraph MB of memory")
    size = Table("What is stored", "tree", "source MB", "tables MB", "tables per source byte", "AST per source byte", "WAL bytes per file", "peak RSS MB, largest process")
    for tree in options.trees:
        got = measure(ground, tree, options.rounds, options.codegraph)
        middle = {key: median([sample[key] for sample in got["samples"]]) for key in got["samples"][0]}
        name, source = os.path.basename(tree), middle["bytes"]
        speed.add(name, got["rows"], source / 1e6, middle["raw"], middle["wall"], median([s["wall"] / s["raw"] for s in got["samples"]]), middle["raw_cpu"],
                  middle["cpu"], median([s["cpu"] / s["raw_cpu"] for s in got["samples"]]), middle["server"], got["copied"][1])
        ours = got["rows"] / max(0.01, middle["cpu"] + middle["server"])
        theirs = got["rows"] / got["peer"].cpu if got["peer"] else None
        peer.add(name, ours, theirs, ours / theirs if theirs else None, got["peer"].rss_kb / 1024 if got["peer"] else None)
        size.add(name, source / 1e6, got["size"] / 1e6, got["size"] / source, got["ast"] / source, int(middle["wal"] / max(1, got["rows"])), middle["rss"] / 1024)
    for table in (speed, peer, size):
        table.print()


def find_codegraph():
    found = shutil.which("codegraph")
    return found if found and subprocess.run([found, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0 else None
