"""End-to-end cases on a private PostgreSQL; TAP lines.

usage: tests/e2e --program PROGRAM [--tag TAG] [--case REGEX] [--jobs N] [--list]
"""
import argparse
import glob
import importlib
import os
import re
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from cases import CASES  # noqa: E402
from codebase import Codebase, Failure  # noqa: E402
from server import Server  # noqa: E402

PRINTING = threading.Lock()


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/e2e", description="End-to-end cases.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--tag", help="only cases with this tag")
    parser.add_argument("--case", default="", metavar="REGEX", help="only cases whose name matches")
    parser.add_argument("--jobs", type=int, default=3, metavar="N")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def run_case(number, case, server, program):
    """Print one result; True when it held."""
    began = time.monotonic()
    database, detail, codebase = "srctab", "", None
    skip = "root" in case.tags and os.geteuid() != 0
    try:
        if not skip:
            if case.own_database:
                database = "case_%d" % number
                server.create_database(database)
            codebase = Codebase(server, program, "case_%d" % number, database)
            case.function(codebase)
            for daemon in codebase.daemons:
                if daemon.is_running():
                    daemon.stop()
    except Failure as failure:
        detail = "%s\n" % failure
    except Exception:  # any other one is a failure of this case only
        detail = traceback.format_exc()
    finally:
        if codebase is not None:
            if detail:
                detail += "".join("log of daemon %d:\n%s\n" % (i, d.log()[-3000:]) for i, d in enumerate(codebase.daemons))
            codebase.close()
    with PRINTING:
        tail = " # SKIP needs root" if skip else " (%.1f s)" % (time.monotonic() - began)
        print("%sok %d - %s%s" % ("not " if detail else "", number, case.name, tail), flush=True)
        for line in detail.splitlines():
            print("# " + line, flush=True)
    return not detail


def main():
    arguments = parse_arguments()
    for path in sorted(glob.glob(os.path.join(HERE, "cases_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    wanted = [(number, case) for number, case in enumerate(CASES, 1)
              if (not arguments.tag or arguments.tag in case.tags) and re.search(arguments.case, case.name)]
    if arguments.list:
        print("\n".join(case.name for _, case in wanted))
        return 0
    server = Server()
    try:
        server.create_database("srctab")
        with ThreadPoolExecutor(max_workers=arguments.jobs) as pool:
            results = list(pool.map(lambda item: run_case(*item, server, os.path.abspath(arguments.program)), wanted))
    finally:
        server.close()
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) and results else 1


if __name__ == "__main__":
    sys.exit(main())
