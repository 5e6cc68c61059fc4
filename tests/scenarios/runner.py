"""Runs the cases of one combination, a few at once, each with a codebase and a daemon of its own."""
import os
import re
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from codebase import Failure
from scenario import CASES, Scenario, Skip

import moves  # noqa: F401  (the cases add themselves)
import losses  # noqa: F401
import contents  # noqa: F401
import resources  # noqa: F401
import policies  # noqa: F401

PRINTING = threading.Lock()


class Connection:
    """The server of the whole run, as seen by a process that did not start it."""

    def __init__(self, folder):
        self.folder = folder

    def conninfo(self, database):
        return "host=%s dbname=%s user=postgres" % (self.folder, database)

    def create_database(self, name):
        connection = psycopg2.connect(self.conninfo("postgres"))
        connection.autocommit = True
        connection.cursor().execute('CREATE DATABASE "%s"' % name)
        connection.close()


def applies(case, events, disk):
    """None, or why the case has nothing to say here."""
    if "events" in case.tags and events == "poll":
        return "is about events"
    if "root" in case.tags and os.geteuid() != 0:
        return "needs root"
    if "user" in case.tags and os.geteuid() == 0 and "root" not in case.tags:
        return "root reads everything"
    if "no-overlay" in case.tags and disk == "overlay":
        return "overlayfs sends no event for it"
    return None


def run_case(arguments, combination, server, case, seed):
    """Print one result; True when it held."""
    began, detail, skipped, scenario = time.monotonic(), "", None, None
    events, disk = combination.split(",")[:2]
    name = re.sub(r"\W", "_", "s%d_%s_%d" % (case.number, combination, seed)) + "_%s" % case.function.__name__[:20]
    skipped = applies(case, events, disk)
    try:
        if not skipped:
            scenario = Scenario(server, os.path.abspath(arguments.program), name, "srctab", events=events, disk=disk, seed=seed, long=arguments.long)
            case.function(scenario)
            for daemon in scenario.daemons:
                if daemon.is_running():
                    daemon.stop()
    except Skip as skip:
        skipped = str(skip)
    except Failure as failure:
        detail = "%s\n" % failure
    except Exception:  # any other one is a failure of this case only
        detail = traceback.format_exc()
    finally:
        if scenario is not None:
            if detail:
                detail += "seed %d\n" % seed + "".join("log of daemon %d:\n%s\n" % (i, d.log()[-3000:]) for i, d in enumerate(scenario.daemons))
            scenario.close()
    with PRINTING:
        title = "%s (%s%s)" % (case.name, combination, ", seed %d" % seed if arguments.seeds > 1 else "")
        tail = " # SKIP %s" % skipped if skipped else " (%.1f s)" % (time.monotonic() - began)
        print("%sok - %s%s" % ("not " if detail else "", title, tail), flush=True)
        for line in detail.splitlines():
            print("# " + line, flush=True)
    return not detail


def run_cases(arguments, combination, server_folder, events, disk):
    tag = (combination.split(",") + [arguments.tag])[3]
    combination = ",".join(combination.split(",")[:3])
    server = Connection(server_folder)
    wanted = [case for case in CASES if (not tag or tag in case.tags) and (not arguments.tag or arguments.tag in case.tags)
              and re.search(arguments.case, case.name)]
    # What has nothing to say on a combination is told where it was asked for by all cases only.
    if tag:
        wanted = [case for case in wanted if applies(case, events, disk) is None]
    work = [(case, seed) for seed in range(arguments.first, arguments.first + arguments.seeds) for case in wanted]
    alone = [item for item in work if "alone" in item[0].tags]
    with ThreadPoolExecutor(max_workers=arguments.jobs) as pool:
        together = list(pool.map(lambda item: run_case(arguments, combination, server, *item), [item for item in work if item not in alone]))
    results = together + [run_case(arguments, combination, server, *item) for item in alone]
    sys.stdout.flush()
    return all(results)
