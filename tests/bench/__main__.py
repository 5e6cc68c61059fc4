#!/usr/bin/env python3
"""Prints tables of what srctab costs, over a peer or a limit that is measured in the same run; docs/performance.md has them.

usage: tests/bench --build DIR [--table NAME]… [TREE…]

Needs `ninja -C DIR src/app/srctab tests/bench/raw tests/bench/analyze`. Nothing fails for being slow.
"""
import argparse
import os
import platform
import subprocess
import sys

import ingest
import live
import rescan
import scale
from ground import Ground

TABLES = ("ingest", "analyze", "rescan", "live", "scale")
MODULES = {"ingest": ingest, "rescan": rescan, "live": live, "scale": scale}


def parse():
    parser = argparse.ArgumentParser(prog="tests/bench", description="Tables of ratios; see docs/performance.md.")
    parser.add_argument("--build", required=True, help="build directory")
    parser.add_argument("--table", action="append", choices=TABLES, help="only this one (repeatable)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edits", type=int, default=2000, help="live: edits with the fast path; a tenth of it without")
    parser.add_argument("--saves", type=int, default=1000, help="live: saves at 1,000 a minute")
    parser.add_argument("--checkout", type=int, default=5000, help="live: files of the checkout")
    parser.add_argument("--files", type=int, default=50000, help="rescan: files of the tree that is made; 0: none")
    parser.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")], default=[1000, 5000, 10000, 50000, 200000], help="scale: files")
    parser.add_argument("--codegraph", default=ingest.find_codegraph(), help="ingest: the peer's program")
    parser.add_argument("--tiny", action="store_true", help="see that each program runs: small numbers of everything")
    parser.add_argument("trees", nargs="*", metavar="TREE")
    options = parser.parse_args()
    options.trees = [os.path.abspath(tree) for tree in options.trees]
    if options.tiny:
        options.rounds, options.edits, options.checkout, options.files, options.sizes = 1, 5, 20, 0, [50]
    return options


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    options = parse()
    ground = Ground(os.path.abspath(options.build), options.tiny)
    try:
        if options.tiny and not options.trees:
            options.trees = [tiny_tree(ground)]
        print("%d x %s, Linux %s, load %.1f" % (os.cpu_count(), cpu_model(), platform.release(), os.getloadavg()[0]))
        for number, name in enumerate(options.table or TABLES, 1):
            if name in MODULES:
                MODULES[name].run(ground, options)
            else:
                subprocess.run([os.path.join(options.build, "tests/bench", name)] + options.trees, check=True)
            if options.tiny:
                print("ok %d - the table %s is made" % (number, name), flush=True)
    finally:
        ground.close()


def tiny_tree(ground):
    root = os.path.join(ground.folder, "tiny")
    os.makedirs(root)
    for i in range(20):
        with open(os.path.join(root, "f%d.py" % i), "w", encoding="utf-8") as out:
            out.write(live.text_of(i, 0)[:4000])
    return root


if __name__ == "__main__":
    sys.exit(main())
