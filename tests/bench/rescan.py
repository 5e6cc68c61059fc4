"""A tree that did not change: `ingest` and the start of `watch` against `git status`; a git revision against the disk; resources at rest."""
import os
import shutil
import subprocess
import time

from ground import Cost, Daemon, Table, descendants, eventually, median, memory_kb


def as_repository(ground, tree):
    """The tree itself when git knows it, else a copy that is committed."""
    if os.path.isdir(os.path.join(tree, ".git")):
        return tree
    inside = tree.startswith(ground.folder)
    copy = tree if inside else os.path.join(ground.folder, os.path.basename(tree))
    if not inside:
        shutil.copytree(tree, copy, symlinks=True)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", copy]
    for command in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-qm", "all"]):
        subprocess.run(git + command, check=True)
    return copy


def start_to_ready(codebase):
    """Seconds from exec to the answer that it is ready."""
    start = time.monotonic()
    daemon = Daemon(codebase, (), (codebase.tree,))
    eventually(lambda: codebase.run("health", "--ready", codebase.tree).returncode == 0, daemon.log, 600)
    return daemon, time.monotonic() - start


def written(codebase):
    return codebase.value("SELECT max(synced_at) FROM code_files"), codebase.value("SELECT count(*) FROM sync_audit")


def measure(ground, tree, rounds):
    tree = as_repository(ground, tree)
    codebase = ground.codebase(tree)
    codebase.ingest()
    before, ratios, got = written(codebase), [], {}
    for _ in range(rounds):
        status = Cost(["git", "-c", "safe.directory=*", "-C", tree, "status", "--porcelain"], env=codebase.env)
        quick = Cost(codebase.command("ingest", "--quick", tree), ground.server, env=codebase.env)
        whole = Cost(codebase.command("ingest", tree), ground.server, env=codebase.env)
        ratios.append((status, quick, whole))
    for key, value in (("wall", lambda cost: cost.wall), ("cpu", lambda cost: cost.cpu)):
        got[key] = [median([value(one[i]) for one in ratios]) for i in range(3)]
    got["rows"] = codebase.value("SELECT count(*) FROM code_files")
    got["unwritten"] = written(codebase) == before
    daemon, got["ready"] = start_to_ready(codebase)
    ground.wait(codebase)
    ids = descendants(daemon.process.pid)
    got["idle_mb"], got["workers_mb"] = memory_kb(ids[0]) / 1024, sum(memory_kb(one, "Pss") for one in ids[1:]) / 1024
    daemon.stop()
    codebase.sql("TRUNCATE code_files, codebase_metadata")
    disk = Cost(codebase.command("ingest", tree), ground.server, env=codebase.env)
    codebase.sql("TRUNCATE code_files, codebase_metadata")
    revision = Cost(codebase.command("ingest", "--rev", "HEAD", tree), ground.server, env=codebase.env)
    got["disk"], got["revision"], got["disk_rows"] = disk, revision, codebase.value("SELECT count(*) FROM code_files")
    ground.drop(codebase)
    return got


def run(ground, options):
    rescan = Table("Unchanged tree, over `git status` (median of %d)" % options.rounds, "tree", "files", "git status s", "--quick s", "ratio", "ingest s", "ratio",
                   "git CPU s", "--quick CPU s", "rows written")
    ready = Table("Start of `watch` to ready, and memory at rest", "tree", "files", "ready s", "daemon RSS MB", "zygote and workers Pss MB")
    revision = Table("`ingest --rev HEAD`, over the same from the disk", "tree", "rows", "disk s", "revision s", "ratio", "CPU ratio")
    trees = list(options.trees)
    if options.files:
        trees.append(ground.make_tree(options.trees, options.files))
    for tree in trees:
        got, name = measure(ground, tree, options.rounds), os.path.basename(tree)
        rescan.add(name, got["rows"], got["wall"][0], got["wall"][1], got["wall"][1] / got["wall"][0], got["wall"][2], got["wall"][2] / got["wall"][0], got["cpu"][0],
                   got["cpu"][1], "none" if got["unwritten"] else "SOME")
        ready.add(name, got["rows"], got["ready"], got["idle_mb"], got["workers_mb"])
        revision.add(name, got["disk_rows"], got["disk"].wall, got["revision"].wall, got["revision"].wall / got["disk"].wall,
                     (got["revision"].cpu + got["revision"].server_cpu) / (got["disk"].cpu + got["disk"].server_cpu))
    for table in (rescan, ready, revision):
        table.print()
