"""Run the suites and count. Called by tests/run, which installs what is needed first."""
import argparse
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from builds import BuildFailure  # noqa: E402
from report import Report  # noqa: E402
from suites import SUITES, Context  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/run", description="Run every test, or the suites that are named.")
    parser.add_argument("--suite", action="append", choices=sorted(SUITES), metavar="NAME", help="only this suite; may be repeated")
    parser.add_argument("--list", action="store_true", help="list the suites and exit")
    parser.add_argument("--quickstart", action="store_true", help="run the quickstart in a fresh Debian as well (some minutes)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="programs run at once")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.list:
        for name, suite in SUITES.items():
            print("%-12s %s" % (name, suite.__doc__.splitlines()[0]))
        return 0
    names = arguments.suite or [name for name in SUITES if name != "quickstart" or arguments.quickstart]
    report = Report()
    context = Context(report, arguments.jobs)
    for name in names:
        began = time.monotonic()
        print("== %s" % name, flush=True)
        report.suite = name
        try:
            SUITES[name](context)
        except BuildFailure as failure:
            report.fail("%s could not run" % name, str(failure))
        except Exception:  # a suite that cannot run is a failed test, and the others still run
            report.fail("%s could not run" % name, traceback.format_exc())
        print("   %.0f s" % (time.monotonic() - began), flush=True)
    context.finish()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
