#!/usr/bin/env python3
"""Run clang-tidy over the sources of a build directory, a few at once; one TAP line a file.

usage: tidy.py BUILD
"""
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def sources(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as commands:
        entries = json.load(commands)
    paths = {os.path.normpath(os.path.join(entry["directory"], entry["file"])) for entry in entries}
    return sorted(path for path in paths if path.startswith(os.path.join(TOP, "src") + os.sep))


def main():
    build = sys.argv[1]
    tidy = next((name for name in ("clang-tidy-14", "clang-tidy") if shutil.which(name)), None)
    if tidy is None:
        print("not ok 1 - clang-tidy-14 is installed")
        return 1

    def check(path):
        return path, subprocess.run([tidy, "--quiet", "-p", build, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)

    failed = False
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for number, (path, done) in enumerate(pool.map(check, sources(build)), 1):
            failed |= done.returncode != 0
            print("%sok %d - %s" % ("not " if done.returncode else "", number, os.path.relpath(path, TOP)))
            if done.returncode:
                print("\n".join("# " + line for line in done.stdout.decode(errors="replace").splitlines()[:40]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
