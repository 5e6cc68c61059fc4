"""Revisions: ingest from the object store without a checkout, and only what changed since a time or a commit."""
import hashlib
import os
import subprocess

from cases import case
from codebase import expect


def commit(codebase, message, when="2026-01-01T00:00:00Z"):
    codebase.env.update(GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
    codebase.git("add", "-A", ".")
    codebase.git("commit", "-q", "-m", message)
    return codebase.git("rev-parse", "HEAD").decode().strip()


def start(codebase):
    codebase.git("init", "-q", "-b", "main")
    for i in range(5):
        codebase.write("f%d.py" % i, "first = %d\n" % i)
    codebase.write("d/e.c", "int first;\n")
    return commit(codebase, "first")


def tree_of(codebase, revision):
    """{path: SHA-256} of the regular files of a commit."""
    names = codebase.git("ls-tree", "-r", "-z", "--name-only", revision).split(b"\0")[:-1]
    return {os.fsdecode(name): hashlib.sha256(codebase.git("show", "%s:%s" % (revision, os.fsdecode(name)))).hexdigest() for name in names}


@case("star")
def a_revision_is_ingested_without_a_checkout(codebase):
    first = start(codebase)
    codebase.write("f0.py", "second = 0\n")
    os.unlink(codebase.path("f1.py"))
    codebase.write("new.py", "second = 1\n")
    commit(codebase, "second")
    codebase.write("uncommitted.py", "third = 1\n")
    codebase.ingest("--rev", first)
    wanted = tree_of(codebase, first)
    for table in ("code_files", "codebase_metadata"):
        expect(codebase.table(table) == wanted, (table, codebase.table(table), wanted))
    expect(codebase.row("f0.py", "content")[0] == "first = 0\n", codebase.row("f0.py", "content"))
    codebase.ingest("--rev", "main")
    expect(codebase.table("code_files") == tree_of(codebase, "main"), codebase.table("code_files"))
    codebase.ingest("--allow-mass-delete")
    expect(not codebase.differences(), codebase.differences())
    codebase.verify()


@case()
def a_revision_and_the_same_files_on_disk_give_the_same_rows(codebase):
    start(codebase)
    codebase.ingest("--rev", "HEAD")
    codebase.verify()
    before = codebase.sql("SELECT path, xmin::text FROM code_files WHERE codebase_id = %s ORDER BY 1", codebase.id)
    codebase.ingest("--rev", "HEAD")
    expect(codebase.sql("SELECT path, xmin::text FROM code_files WHERE codebase_id = %s ORDER BY 1", codebase.id) == before, "rows were written again")


@case("star")
def since_a_commit_only_what_changed_is_taken(codebase):
    first = start(codebase)
    codebase.write("f0.py", "second = 0\n")
    os.unlink(codebase.path("f1.py"))
    commit(codebase, "second")
    codebase.write("f2.py", "third = 2\n")
    codebase.write("new.py", "third = 3\n")
    codebase.ingest("--since", first)
    expect(set(codebase.table("code_files")) == {"f0.py", "f2.py", "new.py"}, codebase.table("code_files"))
    codebase.ingest()
    expect(not codebase.differences(), codebase.differences())


@case()
def since_a_time_takes_what_is_younger(codebase):
    codebase.write("old.py", "x = 1\n")
    codebase.write("young.py", "x = 1\n")
    os.utime(codebase.path("old.py"), (1000000000, 1000000000))
    for when in ("2 hours ago", "2020-01-31"):
        codebase.ingest("--since", when)
        expect("young.py" in codebase.table("code_files"), (when, codebase.table("code_files")))


@case()
def a_revision_that_is_not_there_ends_with_2_and_is_named(codebase):
    start(codebase)
    for flag in ("--rev", "--since"):
        done = codebase.run("ingest", flag, "no-such-thing", codebase.tree)
        expect(done.returncode == 2 and "no-such-thing" in done.stderr, (flag, done.returncode, done.stderr))


@case()
def a_revision_outside_a_repository_is_refused(codebase):
    codebase.write("a.py", "x = 1\n")
    done = codebase.run("ingest", "--rev", "HEAD", codebase.tree)
    expect(done.returncode == 2, (done.returncode, done.stderr))


@case()
def a_fresh_clone_is_decided_by_content(codebase):
    start(codebase)
    codebase.ingest()
    before = codebase.sql("SELECT path, xmin::text FROM code_files WHERE codebase_id = %s ORDER BY 1", codebase.id)
    away = os.path.join(codebase.base, "away")
    os.rename(codebase.tree, away)
    subprocess.run(["git", "clone", "-q", away, codebase.tree], check=True, env=codebase.env, stdin=subprocess.DEVNULL)
    codebase.git("remote", "remove", "origin")  # with it, it would be another source
    codebase.ingest()
    expect(codebase.sql("SELECT path, xmin::text FROM code_files WHERE codebase_id = %s ORDER BY 1", codebase.id) == before, "rows were written again")
    expect(not codebase.differences(), codebase.differences())
