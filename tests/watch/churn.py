"""Seeds of churn against the watch core alone: after each round the rows that the callbacks built,
the tree and the disk must be equal.

usage: churn.py --build DIR [--seeds 8] [--first 1] [--ms 1500] [--writers 3] [--rounds 2]
                [--mode plain|stop|poll|roots|all] [--dir DIR] [-v]
Modes: stop = the watcher is stopped and flooded now and then, so that the kernel's queue overflows;
poll = no events at all; roots = four overlapping ones; all = one after the other by seed.
A failing seed is printed with what repeats it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

MODES = ["plain", "stop", "poll", "roots"]


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


def roots_of(mode, root):
    """Overlapping roots: the tree, a folder in it, the tree again by a link, itself twice."""
    if mode != "roots":
        return [root]
    os.symlink(root, root + ".link")
    return [root, os.path.join(root, "a"), root + ".link", root]


def churn_and_check(options, mode, seed, dump, root, outside):
    answer = [dump.stdout.readline().rstrip("\n")]
    for turn in range(options.rounds):
        churn = [options.churn, str(seed * 100 + turn), str(options.writers), str(options.ms),
                 root, outside]
        subprocess.run(churn + ([str(dump.pid)] if mode == "stop" else []), check=False)
        answer = ask(dump, "check")
        if not answer[0].startswith("== ok"):
            return answer
    if " late 0 " not in answer[0]:
        answer = ask(dump, "rescan")
        if " late 0 " not in answer[0]:
            answer[0] = "== a rescan left differences: " + answer[0]
    return answer


def run_seed(options, seed):
    mode = MODES[seed % len(MODES)] if options.mode == "all" else options.mode
    top = tempfile.mkdtemp(prefix="churn-", dir=options.dir)
    root, outside = os.path.join(top, "root"), os.path.join(top, "outside")
    os.mkdir(root)
    os.mkdir(outside)
    command = [options.watch_dump] + (["--lag"] if seed // len(MODES) % 2 else [])
    command += ["--poll", "50"] if mode == "poll" else []
    with open(os.path.join(top, "log"), "w+", encoding="utf-8", errors="replace") as log:
        dump = subprocess.Popen(command + roots_of(mode, root), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=log, text=True, errors="replace")
        answer = churn_and_check(options, mode, seed, dump, root, outside)
        stats = ask(dump, "stats")[0] if answer[0].startswith("== ok") else ""
        dump.stdin.close()
        status = dump.wait()
        log.seek(0)
        said = log.read()
    ok = answer[0].startswith("== ok") and status == 0
    if options.verbose or not ok:
        print("seed", seed, mode, answer[0], stats)
    if ok:
        shutil.rmtree(top, ignore_errors=True)
    else:
        print("\n".join(answer[1:20]) + "\n" + said[-3000:])
        print("left in %s, repeat with: --mode %s --first %d --seeds 1" % (top, mode, seed))
    sys.stdout.flush()
    return ok


def programs(build):
    return (os.path.join(build, "tests", "tools", "watch_dump"),
            os.path.join(build, "tests", "watch", "churn"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--ms", type=int, default=1500)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--mode", choices=MODES + ["all"], default="all")
    parser.add_argument("--dir", default=None)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    options.watch_dump, options.churn = programs(options.build)
    failed = [seed for seed in range(options.first, options.first + options.seeds)
              if not run_seed(options, seed)]
    print("%d seeds, %d failed%s" % (options.seeds, len(failed), ": %s" % failed if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
