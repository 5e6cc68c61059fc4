"""Start, stop, crash, roots that come and go, several at once."""
import os
import shutil
import signal

from cases import case
from codebase import eventually, expect


@case("star short")
def sigterm_finishes_what_was_begun_and_ends_with_0(codebase):
    daemon = codebase.daemon()
    for i in range(100):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
    codebase.wait()
    daemon.stop()
    expect(not codebase.differences(), codebase.differences())


@case("star")
def changes_made_while_it_was_down_are_caught_up(codebase):
    for i in range(20):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
    codebase.daemon().stop()
    codebase.write("f0.py", "y = 1\n")
    codebase.write("new.py", "x = 1\n")
    os.unlink(codebase.path("f1.py"))
    os.rename(codebase.path("f2.py"), codebase.path("f3.py"))
    codebase.daemon()
    codebase.equal()


@case("star")
def a_kill_at_any_moment_converges_after_the_next_start(codebase):
    for turn in range(4):
        daemon = codebase.daemon(ready=turn == 0)
        for i in range(40):
            codebase.write("d%d/f%d.py" % (i % 5, i), "turn = %d\n" % turn)
        if turn:
            eventually(lambda turn=turn: codebase.value("SELECT count(*) FROM code_files WHERE codebase_id = %s AND content = %s", codebase.id,
                                                        "turn = %d\n" % turn), "the first rows of this turn")
        daemon.kill()
    codebase.daemon()
    codebase.equal()
    codebase.verify()


@case()
def a_second_daemon_waits_and_takes_over(codebase):
    codebase.write("a.py", "x = 1\n")
    first = codebase.daemon()
    second = codebase.daemon(ready=False)
    eventually(lambda: "standing by" in second.log(), lambda: "the second one says that it stands by:\n" + second.log())
    first.kill()
    codebase.write("b.py", "x = 1\n")
    codebase.becomes_equal()


@case("star")
def a_root_that_vanishes_keeps_its_rows_and_comes_back(codebase):
    for i in range(10):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
    codebase.daemon()
    codebase.equal()
    away = os.path.join(codebase.base, "away")
    os.rename(codebase.tree, away)
    eventually(lambda: "offline" in codebase.daemons[-1].log(), lambda: "the log says offline:\n" + codebase.daemons[-1].log())
    expect(len(codebase.table("code_files")) == 10, "rows are gone")
    os.rename(away, codebase.tree)
    codebase.write("f0.py", "back = 1\n")
    codebase.becomes_equal()


@case("star")
def a_root_made_anew_at_the_same_path_replaces_the_rows(codebase):
    for i in range(10):
        codebase.write("f%d.py" % i, "x = %d\n" % i)
    codebase.daemon()
    shutil.rmtree(codebase.tree)
    os.mkdir(codebase.tree)
    codebase.write("new.py", "x = 1\n")
    codebase.becomes_equal()


@case()
def a_stopped_daemon_misses_nothing(codebase):
    daemon = codebase.daemon()
    daemon.send(signal.SIGSTOP)
    for i in range(300):
        codebase.write("d%d/f%d.py" % (i % 11, i), "x = %d\n" % i)
    shutil.rmtree(codebase.path("d3"))
    daemon.send(signal.SIGCONT)
    codebase.equal()


@case()
def sighup_keeps_the_old_configuration_when_the_new_one_is_bad(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.daemon()
    codebase.configure(rest="watch:\n  debounce_ms: fast\n")
    codebase.daemons[-1].send(signal.SIGHUP)
    eventually(lambda: "debounce_ms" in codebase.daemons[-1].log(), lambda: "the log names the key:\n" + codebase.daemons[-1].log())
    codebase.configure()
    codebase.write("b.py", "x = 1\n")
    codebase.equal()


@case()
def sighup_applies_new_patterns(codebase):
    codebase.write("a.py", "x = 1\n")
    codebase.write("b.txt", "x\n")
    codebase.daemon(configured=True)
    codebase.equal()
    codebase.configure(include=("*.py",))
    codebase.daemons[-1].send(signal.SIGHUP)
    codebase.becomes_equal(lambda path: path.endswith(".py"))
