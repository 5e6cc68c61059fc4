#!/usr/bin/env python3
"""Run every command and query of README.md, in order, in a home of its own with a private cluster; one TAP line each.

usage: readme.py PROGRAM

deploy/quickstart and tests/run are run by other means (the quickstart suite, and whoever runs this); here they only have to be there.
`srctab watch` runs in the background until the end.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ELSEWHERE = {"deploy/quickstart", "tests/run"}
DEADLINE_S = 60


def blocks():
    """(kind, text) of each fenced block."""
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as readme:
        return re.findall(r"^```(sh|sql)\n(.*?)^```", readme.read(), re.MULTILINE | re.DOTALL)


def commands():
    for kind, text in blocks():
        if kind == "sh":
            for line in text.splitlines():
                command = re.sub(r"\s+#.*$", "", line).strip()
                if command:
                    yield "sh", command
        else:
            statements = re.sub(r"^--.*$", "", text, flags=re.MULTILINE)
            yield from (("sql", " ".join(s.split())) for s in statements.split(";") if s.strip())


class Results:
    def __init__(self):
        self.number, self.failed = 0, 0

    def add(self, good, title, detail=""):
        self.number += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.number, title), flush=True)
        if not good:
            print("\n".join("# " + line for line in detail.splitlines()[-40:]), flush=True)


def make_tree(home):
    """A small git work tree with a few languages."""
    tree = os.path.join(home, "project")
    shutil.copytree(os.path.join(TOP, "src", "base"), os.path.join(tree, "src"))
    for name in ("README.md", "LICENSE"):
        shutil.copy(os.path.join(TOP, name), tree)
    shutil.copytree(os.path.join(TOP, "tests", "lint"), os.path.join(tree, "lint"), ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "init", "-q", tree], check=True)
    return tree


def start_watch(env, tree, log):
    daemon = subprocess.Popen(["srctab", "watch"], env=env, cwd=tree, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    end = time.monotonic() + DEADLINE_S
    while subprocess.run(["srctab", "health", "--ready"], env=env, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode != 0:
        if time.monotonic() > end or daemon.poll() is not None:
            return daemon, False
        time.sleep(0.05)
    return daemon, True


def main():
    results, home = Results(), tempfile.mkdtemp(prefix="srctab-readme-")
    os.chmod(home, 0o755)
    bin_dir = os.path.join(home, "bin")
    os.mkdir(bin_dir)
    os.symlink(os.path.abspath(sys.argv[1]), os.path.join(bin_dir, "srctab"))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "SRCTAB_", "XDG_"))}
    state = os.path.join(home, "state")
    env.update(HOME=home, PATH=bin_dir + ":" + env["PATH"], SRCTAB_EMBEDDED_DIR=state, SRCTAB_EMBEDDED_SOCKET_DIR=os.path.join(home, "run"), PAGER="cat")
    tree, daemon, log_path = make_tree(home), None, os.path.join(home, "log")
    seen = list(commands())
    # The queries come first in the text and speak of a tree that quickstart has ingested.
    done = subprocess.run(["srctab", "ingest"], env=env, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
    results.add(done.returncode == 0, "a tree is ingested", done.stdout + done.stderr)
    with open(log_path, "wb") as log:
        for kind, command in seen:
            if command in ELSEWHERE:
                results.add(os.access(os.path.join(TOP, command), os.X_OK), command + " is there")
            elif command == "srctab watch":
                if daemon is None:
                    daemon, ready = start_watch(env, tree, log)
                    results.add(ready, command, open(log_path, encoding="utf-8", errors="replace").read())
            else:
                if command.startswith("srctab ingest") and daemon is not None:
                    daemon.send_signal(signal.SIGTERM)  # one writer at a time
                    daemon.wait(DEADLINE_S)
                    daemon = None
                argv = ["srctab", "psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", command] if kind == "sql" else ["sh", "-c", command]
                done = subprocess.run(argv, env=env, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
                results.add(done.returncode == 0, command, done.stdout + done.stderr)
    if daemon is not None:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(DEADLINE_S)
    subprocess.run(["srctab", "db", "destroy", "--force"], env=env, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    shutil.rmtree(home, ignore_errors=True)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
