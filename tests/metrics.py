#!/usr/bin/env python3
"""Compare metric values with what other projects' tests expect, by the score.py that comes with those cases.

usage: metrics.py PROGRAM FOLDER

FOLDER holds score.py, cases.jsonl and sources.jsonl. tests/metric-exceptions.tsv lists cases that we hold to be wrong: id, TAB, why; only
ids that really differ may stand there. Prints one TAP line a metric and language.
"""
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def read_exceptions():
    exceptions = {}
    path = os.path.join(HERE, "metric-exceptions.tsv")
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                case, _, why = line.rstrip("\n").partition("\t")
                exceptions[case] = why
    return exceptions


def main():
    program, folder = sys.argv[1], sys.argv[2]
    exceptions = read_exceptions()
    done = subprocess.run([sys.executable, os.path.join(folder, "score.py"), program, "--failures", "1000000"], stdout=subprocess.PIPE, check=False)
    totals, failures, used = {}, collections.defaultdict(list), set()
    for line in done.stdout.decode(errors="replace").splitlines():
        failed = re.match(r"FAIL (\S+) (\S+) (\S+) (.*)", line)
        row = re.match(r"(\w+) (\w+) (\d+)/(\d+)$", line)
        if failed and failed.group(1) in exceptions:
            used.add(failed.group(1))
        elif failed:
            failures[failed.group(2), failed.group(3)].append("%s %s" % (failed.group(1), failed.group(4)))
        elif row:
            totals[row.group(1), row.group(2)] = row.group(3), row.group(4)
    for number, ((metric, language), (passed, total)) in enumerate(sorted(totals.items()), 1):
        bad = failures[metric, language]
        print("%sok %d - %s %s: %s of %s" % ("not " if bad else "", number, metric, language, passed, total))
        for text in bad[:20]:
            print("#   " + text)
    stale = sorted(set(exceptions) - used)
    print("%sok %d - every exception is needed" % ("not " if stale and totals else "", len(totals) + 1))
    for case in stale:
        print("#   %s: %s" % (case, exceptions[case]))
    return 1 if not totals or stale or any(failures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
