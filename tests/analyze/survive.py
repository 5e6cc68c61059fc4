#!/usr/bin/env python3
"""Analyse files that break parsers, in the sandboxed workers, and see that each costs no more than its own tree.

usage: survive.py ANALYZE_WORKERS

Prints TAP. A case fails when there is no answer, the status is not one of those expected, the answer is later than the limits allow, or a harmless file right
after it is not analysed.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile

# What follows from the bytes alone.
CERTAIN = {
    "one_line.js": "too_big",
    "one_word.py": "minified",
    "open_quote.ts": "minified",
    "huge.json": "too_big",
    "terms.js": "minified",
    "parser.c": "too_big",
}
# The same and more with the limits of size lifted: CPU time and memory are what is left.
BIG = ["huge.json", "nest0.c", "nest0.js", "one_line.js", "one_word.py", "open_quote.ts", "parser.c", "terms.js"]
CERTAIN_FAMILIES = {"nul": "binary", "random": "binary", "high": "minified", "spaces": "minified", "empty": "ok"}
# Assertions that are known to fail in the scanners as released: one more would be news, one less good news.
MAY_FAIL = {".md", ".yaml", ".py", ".rb"}
USUAL = {"ok", "partial", "timeout", "memory", "minified"}
# Five times the CPU limit and 2 s is when a worker is killed for being late; a file that is tried twice (small, then large memory) may take twice that.
WALL_MS = 2 * (5 * 2000 + 2000)
RSS_MIB = 700


def expected(name, big):
    if big:
        return (USUAL - {"minified"}) | {"failed"}
    stem, ext = os.path.splitext(name)
    if name in CERTAIN:
        return {CERTAIN[name]}
    if stem in CERTAIN_FAMILIES:
        return {CERTAIN_FAMILIES[stem]}
    return USUAL | ({"failed"} if ext in MAY_FAIL else set())


def fault(name, row, big):
    if row is None:
        return "no answer"
    if row["status"] not in expected(name, big):
        return f"status {row['status']} ({row['reason']}), expected {' or '.join(sorted(expected(name, big)))}"
    if row["tree"] != (row["status"] in ("ok", "partial")):
        return f"status {row['status']} with tree: {row['tree']}"
    if row["status"] not in ("ok", "partial") and not row["reason"]:
        return f"status {row['status']} without a reason"
    if row["wall_ms"] > WALL_MS:
        return f"answer after {row['wall_ms']:.0f} ms"
    return "" if row["next"] == "ok" else f"the next file is {row['next']}"


def run(program, options, directory, names):
    done = subprocess.run(
        [program, *options] + [os.path.join(directory, name) for name in names], stdout=subprocess.PIPE, text=True, check=False
    )
    rows = {os.path.basename(row["path"]): row for row in map(json.loads, done.stdout.splitlines())}
    return done.returncode, [(name, rows.get(name)) for name in names]


def main():
    (program,) = sys.argv[1:]
    generator = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/pathological.py")
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, generator, directory], check=True)
        code, usual = run(program, [], directory, sorted(os.listdir(directory)))
        big_code, big = run(program, ["--big"], directory, BIG)
    print(f"1..{len(usual) + len(big) + 2}")
    number = 0
    for name, row, is_big in [(*case, False) for case in usual] + [(*case, True) for case in big]:
        number += 1
        why = fault(name, row, is_big)
        print(f"{'not ok' if why else 'ok'} {number} - {name}{' whatever its size' if is_big else ''}: {why or row['status']}")
    print(f"{'not ok' if code or big_code else 'ok'} {number + 1} - the process that asked lives to the end")
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sane = peak_mib < RSS_MIB or os.environ.get("SANITIZED")
    print(f"{'ok' if sane else 'not ok'} {number + 2} - no process grew over {RSS_MIB} MiB: {peak_mib} MiB")


main()
