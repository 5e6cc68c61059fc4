"""The suites: what each runs, on which build."""
import glob
import os
import shutil

from builds import BUILDS, TOP, BuildFailure
from coverage import print_coverage
from programs import Program, run_all

PYTHON = "/usr/bin/python3"
LEAST_COVERAGE_PERCENT = 80
ORACLES = os.path.normpath(os.path.join(TOP, "..", "shared", "oracles", "metrics"))
# Suites that together run the product; only after all of them the coverage means something.
COVERING = {"unit", "watch", "lang", "cli", "sql", "e2e"}


class Context:
    def __init__(self, report, jobs):
        self.report, self.jobs, self.made, self.covered = report, jobs, {}, set()

    def build(self, name):
        """The build, made at the first call; a failure is told in full once and raised at every call."""
        build = BUILDS[name]
        if name not in self.made:
            self.made[name] = None
            if name == "plain":
                self.clear_counts(build)
            try:
                build.make()
            except BuildFailure as failure:
                self.made[name] = failure
                raise
        if self.made[name]:
            raise BuildFailure("the build %s failed, see above" % name)
        return build

    @staticmethod
    def clear_counts(build):
        for path in glob.glob(os.path.join(build.folder, "**", "*.gcda"), recursive=True):
            os.unlink(path)

    def run(self, programs, jobs=None):
        run_all(self.report, programs, jobs or self.jobs)

    def finish(self):
        """Coverage, when the suites that give it all ran on the plain build."""
        if not COVERING <= self.covered:
            return
        self.report.suite = "coverage"
        if print_coverage(BUILDS["plain"].folder, LEAST_COVERAGE_PERCENT):
            self.report.succeed()
        else:
            self.report.fail("line coverage", "below %d %%" % LEAST_COVERAGE_PERCENT)


def meson_programs(build, suite):
    return [Program(name, argv, env, TOP, deadline) for name, argv, env, deadline in build.tests(suite)]


def python_program(name, script, *arguments, build=None, deadline_s=300, whole=False):
    env = dict(build.env) if build else {}
    return Program(name, [PYTHON, os.path.join(TOP, script)] + list(arguments), env, TOP, deadline_s, whole)


def lint(context):
    """rules of the code that no compiler checks: layers, calls, sizes, words, layout"""
    scripts = sorted(glob.glob(os.path.join(TOP, "tests", "lint", "*.py")))
    context.run([python_program(os.path.basename(path)[:-3], path) for path in scripts if not os.path.basename(path).startswith("_")])


def unit(context):
    """one module at a time (cmocka)"""
    context.run(meson_programs(context.build("plain"), "unit"))
    context.covered.add("unit")


def watch_programs(build, n_trees, n_seeds):
    return [python_program("gitignore", "tests/watch/gitignore_fuzz.py", build.tool("ignore_check"), "--trees", str(n_trees), build=build, whole=True),
            python_program("churn", "tests/watch/churn.py", "--build", build.folder, "--seeds", str(n_seeds), build=build, deadline_s=900, whole=True)
            ] + meson_programs(build, "watch")


def watch(context):
    """ignore rules against git, the watch core against random churn"""
    context.run(watch_programs(context.build("plain"), 150, 8))
    context.covered.add("watch")


def lang(context):
    """golden cases of every language"""
    build = context.build("plain")
    context.run([python_program("golden", "tests/lang/run.py", build.program, build=build)] + meson_programs(build, "lang"))
    context.covered.add("lang")


def cli_programs(build):
    scripts = sorted(glob.glob(os.path.join(TOP, "tests", "cli", "*.py")))
    return [python_program(os.path.basename(s)[:-3], s, build.program, build=build) for s in scripts
            if os.access(s, os.X_OK)] + meson_programs(build, "cli")


def cli(context):
    """commands, options, configuration, errors"""
    context.run(cli_programs(context.build("plain")))
    context.covered.add("cli")


def sql(context):
    """tables, statements, sinks, the private cluster (real PostgreSQL servers)"""
    build = context.build("plain")
    context.run(meson_programs(build, "store") + meson_programs(build, "sql"), jobs=1)
    context.covered.add("sql")


def metrics(context):
    """metric values that other projects' tests expect"""
    if not os.path.exists(os.path.join(ORACLES, "score.py")):
        context.report.skip("metrics", "the oracles are not beside this repository")
        return
    context.run([python_program("oracles", "tests/metrics.py", context.build("plain").program, ORACLES, deadline_s=900)])


def e2e_program(build, *arguments, deadline_s=1500):
    return python_program("end-to-end", "tests/e2e", "--program", build.program, *arguments, build=build, deadline_s=deadline_s)


def e2e(context):
    """the daemon on real trees and a real PostgreSQL: tables equal the disk"""
    context.run([e2e_program(context.build("plain"))])
    context.covered.add("e2e")


def scenarios_program(build, *arguments):
    return python_program("scenarios", "tests/scenarios", "--program", build.program, *arguments, build=build, deadline_s=1500)


def scenarios(context):
    """watch scenarios on inotify and polling, ext4, tmpfs and overlayfs, as root and as an ordinary user"""
    context.run([scenarios_program(context.build("plain"))])


def clang(context):
    """builds without a warning with clang, and clang-tidy has nothing to say"""
    build = context.build("clang")
    context.report.succeed()
    context.run([python_program("tidy", "tests/tidy.py", build.folder, deadline_s=1200)])


def asan(context):
    """unit, watch, languages and end-to-end under AddressSanitizer and UndefinedBehaviorSanitizer"""
    build = context.build("asan")
    context.run(meson_programs(build, "unit") + watch_programs(build, 40, 3) + meson_programs(build, "lang") +
                [python_program("golden", "tests/lang/run.py", build.program, build=build)])
    context.run(meson_programs(build, "store") + [e2e_program(build, "--tag", "star"),
                                                  scenarios_program(build, "--tag", "star", "--on", "inotify,ext4,root")], jobs=1)


def tsan(context):
    """unit and a short end-to-end under ThreadSanitizer"""
    build = context.build("tsan")
    context.run(meson_programs(build, "unit"))
    context.run([e2e_program(build, "--tag", "short")], jobs=1)


def deploy(context):
    """container, compose, Kubernetes, systemd, CI and monitoring files, as far as they can be checked here"""
    context.run([python_program("deploy", "tests/deploy.py")])


def bench(context):
    """each program of tests/bench runs, on a tiny tree; nothing is timed"""
    build = context.build("plain")
    context.run([python_program("bench", "tests/bench", "--build", build.folder, "--tiny", build=build)])


def readme(context):
    """every command in README.md"""
    context.run([python_program("readme", "tests/readme.py", context.build("plain").program, deadline_s=600)], jobs=1)


def quickstart(context):
    """deploy/quickstart in a fresh Debian made with debootstrap"""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        context.report.skip("quickstart", "needs root and debootstrap")
        return
    context.run([python_program("quickstart", "tests/quickstart.py", deadline_s=1800)])


SUITES = {suite.__name__: suite for suite in (
    lint, unit, watch, lang, cli, sql, metrics, e2e, scenarios, bench, readme, deploy, clang, asan, tsan, quickstart)}
