"""Bad input ends in a sentence and an exit status, and nothing is lost."""
import os

from cases import case
from codebase import expect


def run_with(codebase, *arguments, **env):
    import subprocess
    return subprocess.run([codebase.program] + [os.fspath(a) for a in arguments], env={**codebase.env, **env}, cwd=codebase.base, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


@case()
def a_folder_that_is_not_there_is_named(codebase):
    done = codebase.run("ingest", codebase.path("nowhere"))
    expect(done.returncode in (2, 4) and "nowhere" in done.stderr, (done.returncode, done.stderr))


@case()
def a_database_that_is_not_there_ends_with_3(codebase):
    done = run_with(codebase, "--db", "host=%s dbname=x connect_timeout=2" % codebase.base, "ingest", codebase.tree)
    expect(done.returncode == 3, (done.returncode, done.stderr))


@case()
def a_role_that_is_not_there_ends_with_3_and_is_named(codebase):
    done = run_with(codebase, "--db", "host=%s dbname=%s user=nobody_here" % (codebase.server.folder, codebase.database), "ingest", codebase.tree)
    expect(done.returncode == 3 and "nobody_here" in done.stderr, (done.returncode, done.stderr))


@case(own_database=True)
def a_schema_newer_than_the_program_ends_with_6(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    codebase.sql("INSERT INTO schema_migrations SELECT (r).* FROM (SELECT jsonb_populate_record(m, '{\"version\": 999, \"name\": \"later\", "
                 "\"min_binary\": 999999}') AS r FROM schema_migrations m ORDER BY version DESC LIMIT 1) AS x")
    done = codebase.run("ingest", codebase.tree)
    expect(done.returncode == 6, (done.returncode, done.stderr))


@case()
def an_unknown_key_is_named_with_its_place_and_the_nearest_key(codebase):
    codebase.configure(rest="watch:\n  debounse_ms: 5\n")
    done = codebase.run("ingest", codebase.tree)
    expect(done.returncode == 2, (done.returncode, done.stderr))
    for part in ("srctab.yaml", "debounse_ms", "debounce_ms"):
        expect(part in done.stderr, (part, done.stderr))


@case()
def another_root_for_the_same_codebase_is_refused(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.ingest()
    other = os.path.join(codebase.base, "other")
    os.mkdir(other)
    done = run_with(codebase, "--db", codebase.conninfo(), "--id", codebase.id, "ingest", other)
    expect(done.returncode == 2 and "--rebind" in done.stderr, (done.returncode, done.stderr))
    expect(set(codebase.table("code_files")) == {"a.py"}, "rows changed")


@case()
def a_second_ingest_of_an_owned_codebase_ends_with_5(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    done = codebase.run("ingest", codebase.tree)
    expect(done.returncode == 5, (done.returncode, done.stderr))
