"""Cases of a command line as functions; TAP lines. A case gets a `Place`: an empty directory and an environment without settings."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = []


def case(function):
    CASES.append(function)
    return function


def expect(condition, *seen):
    if not condition:
        raise AssertionError("\n".join(str(value) for value in seen))


class Place:
    def __init__(self, program, **environment):
        self.program = os.path.abspath(program)
        self.folder = tempfile.mkdtemp(prefix="srctab-cli-")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SRCTAB_", "PG", "NO_COLOR", "CLICOLOR"))}
        self.environment = {**kept, "HOME": self.path("home"), "XDG_CONFIG_HOME": self.path("home/.config"), "TERM": "xterm", **environment}
        os.makedirs(self.path("home"))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def make_repository(self, folder=""):
        """What git takes for an empty repository."""
        self.write(os.path.join(folder, ".git/HEAD"), "ref: refs/heads/main\n")
        self.write(os.path.join(folder, ".git/config"), "[core]\n\trepositoryformatversion = 0\n")
        for name in ("objects", "refs"):
            os.makedirs(self.path(os.path.join(folder, ".git", name)), exist_ok=True)

    def run(self, *words, status=0, stdin=b"", where="", timeout=60, **environment):
        """The finished program; its status is checked unless None is given."""
        done = subprocess.run([self.program, *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.path(where),
                              env={**self.environment, **environment}, timeout=timeout, check=False)
        done.out, done.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        expect(status is None or done.returncode == status, "%s ended with %d, not %s" % (" ".join(words), done.returncode, status), done.out[-2000:], done.err[-2000:])
        return done

    def json(self, *words, **options):
        """What it prints with --json, one value a line."""
        return [json.loads(line) for line in self.run("--json", *words, **options).out.splitlines()]

    def fails(self, status, text, *words, **options):
        """Fails with this status, and the sentence holds this text."""
        done = self.run(*words, status=status, **options)
        expect(text in done.err, "not in the error: %s" % text, done.err)
        return done


def main(**environment):
    program = sys.argv[1]
    print("1..%d" % len(CASES))
    failed = 0
    for number, function in enumerate(CASES, 1):
        place = Place(program, **environment)
        try:
            function(place)
            print("ok %d - %s" % (number, function.__name__), flush=True)
        except Exception:  # any one is a failure of this case only
            failed += 1
            print("not ok %d - %s" % (number, function.__name__))
            print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="", flush=True)
        finally:
            place.close()
    return 1 if failed else 0
