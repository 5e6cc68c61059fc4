"""Build directories: one a set of options, made once a run."""
import json
import os
import re
import shlex
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Leaks of the sanitizer's own kind are errors too; a test that wants to see one says so itself.
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:strict_string_checks=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class BuildFailure(Exception):
    """Configuring or compiling failed; the text is what was said about it."""


class Build:
    def __init__(self, name, options, compiler="gcc", env=None, slowness=6):
        """slowness: how much longer than meson says a program may take, on a machine that does other things as well."""
        self.name, self.options, self.compiler, self.env, self.slowness = name, options, compiler, env or {}, slowness
        self.folder = os.path.join(TOP, "build-tests", name)
        self.log = ""

    @property
    def program(self):
        return os.path.join(self.folder, "src", "app", "srctab")

    def tool(self, name):
        return os.path.join(self.folder, "tests", "tools", name)

    def make(self):
        """Configure and build; raises BuildFailure."""
        env = {**os.environ, "CC": self.compiler}
        if not os.path.exists(os.path.join(self.folder, "build.ninja")):
            self._call(["meson", "setup", self.folder, TOP] + self.options, env)
        self.log = self._call(["ninja", "-k", "0", "-C", self.folder], env)

    def tests(self, suite):
        """What meson knows of a suite: (name, argv, env, deadline in s)."""
        shown = subprocess.run(["meson", "introspect", "--tests", self.folder], stdout=subprocess.PIPE, check=True)
        found = []
        for test in json.loads(shown.stdout):
            if any(s.split(":")[-1] == suite for s in test["suite"]):
                found.append((test["name"], [self._place(word) for word in test["cmd"]], {**test["env"], **self.env},
                              (test.get("timeout") or 300) * self.slowness))
        return found

    def _place(self, word):
        """meson names what it builds relative to the build folder."""
        built = os.path.join(self.folder, word)
        return built if not os.path.isabs(word) and os.path.isfile(built) else word

    def _call(self, argv, env):
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = done.stdout.decode(errors="replace")
        if done.returncode != 0:
            lines = [line[:300] for line in output.splitlines() if not re.match(r"\[\d+/\d+\] ", line)]
            raise BuildFailure("%s failed:\n%s" % (shlex.join(argv), "\n".join(lines[-40:])))
        return output


BUILDS = {
    "plain": Build("plain", ["-Db_coverage=true", "-Dbuildtype=debugoptimized", "-Dtests=enabled"],
                   env={"GCOV_ERROR_FILE": "/dev/null"}),
    "asan": Build("asan", ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1", "-Dtests=enabled"],
                  env=SANITIZER_ENV, slowness=20),
    "tsan": Build("tsan", ["-Db_sanitize=thread", "-Db_lundef=false", "-Doptimization=1", "-Dtests=enabled"],
                  env=SANITIZER_ENV, slowness=20),
    "clang": Build("clang", ["-Dwerror=true", "-Doptimization=0", "-Dtests=enabled"], compiler="clang-14"),
}
