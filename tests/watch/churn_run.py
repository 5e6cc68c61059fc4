"""Seeds of churn against the watch core alone: after each round the rows that the callbacks built,
the tree and the disk must be equal.

usage: churn_run.py WATCH_DUMP CHURN [--seeds 10] [--first 1] [--ms 3000] [--writers 3] [--rounds 2]
                    [--stop] [--poll MS] [--roots 1] [--dir DIR] [-v]
A failing seed is printed with the command that repeats it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile


def ask(dump, command):
    """One command; its answer, last line first."""
    dump.stdin.write(command + "\n")
    dump.stdin.flush()
    lines = []
    while True:
        line = dump.stdout.readline()
        if not line:
            return ["== the program ended with status %s" % dump.wait()] + lines
        if line.startswith("=="):
            return [line.rstrip("\n")] + lines
        lines.append(line.rstrip("\n"))


def roots_of(options, root):
    """Overlapping roots: the tree, a folder in it, the tree again by a link, itself twice."""
    link = root + ".link"
    if options.roots > 2:
        os.symlink(root, link)
    return [root, os.path.join(root, "a"), link, root][: options.roots]


def run_seed(options, seed):
    top = tempfile.mkdtemp(prefix="churn-", dir=options.dir)
    root, outside = os.path.join(top, "root"), os.path.join(top, "outside")
    os.mkdir(root)
    os.mkdir(outside)
    command = [options.watch_dump] + (["--lag"] if seed % 2 else [])
    if options.poll:
        command += ["--poll", str(options.poll)]
    with open(os.path.join(top, "log"), "w+", encoding="utf-8", errors="replace") as log:
        dump = subprocess.Popen(command + roots_of(options, root), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=log, text=True, errors="replace")
        answer = [dump.stdout.readline().rstrip("\n")]
        for turn in range(options.rounds):
            churn = [options.churn, str(seed * 100 + turn), str(options.writers), str(options.ms),
                     root, outside]
            subprocess.run(churn + ([str(dump.pid)] if options.stop else []), check=False)
            answer = ask(dump, "check")
            if not answer[0].startswith("== ok"):
                break
        if answer[0].startswith("== ok") and " late 0 " not in answer[0]:
            answer = ask(dump, "rescan")
            if " late 0 " not in answer[0]:
                answer[0] = "== a rescan left differences: " + answer[0]
        stats = ask(dump, "stats")[0] if answer[0].startswith("== ok") else ""
        dump.stdin.close()
        status = dump.wait()
        log.seek(0)
        said = log.read()
    ok = answer[0].startswith("== ok") and status == 0
    if ok:
        shutil.rmtree(top, ignore_errors=True)
    if options.verbose or not ok:
        print("seed", seed, answer[0], stats)
    if not ok:
        print("\n".join(answer[1:20]))
        print(said[-3000:])
        print("left in", top, "repeat with: --first", seed, "--seeds 1")
    sys.stdout.flush()
    return ok


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("watch_dump")
    parser.add_argument("churn")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--ms", type=int, default=3000)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--poll", type=int, default=0)
    parser.add_argument("--roots", type=int, default=1)
    parser.add_argument("--dir", default=None)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    failed = [seed for seed in range(options.first, options.first + options.seeds)
              if not run_seed(options, seed)]
    print("%d seeds, %d failed%s" % (options.seeds, len(failed), ": %s" % failed if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
