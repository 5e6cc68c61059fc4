"""What people and programs do to a watched tree, one case a scenario: after `srctab wait` the set of (path, SHA-256) in both tables equals the disk.
TAP lines. Every case can run on inotify or polling, on ext4, tmpfs or overlayfs, as root or as an ordinary user.

usage: tests/scenarios --program PROGRAM [--on EVENTS,DISK,USER[,TAG]]... [--all] [--tag TAG] [--case REGEX] [--seeds N] [--first SEED] [--long] [--jobs N]
                       [--list]
Without --on: all cases on inotify,ext4,root and those tagged `short` on five others. --seeds: each case N times, its pauses drawn anew.
--long: the full sizes and times.
"""
import argparse
import ctypes
import os
import pwd
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "e2e")]

from server import Server  # noqa: E402

EVENTS, DISKS, USERS = ("inotify", "poll"), ("ext4", "tmpfs", "overlay"), ("root", "user")
DEFAULT = ("inotify,ext4,root", "inotify,tmpfs,user,short", "poll,ext4,user,short", "poll,tmpfs,root,short", "inotify,overlay,root,short",
           "inotify,ext4,user,user")
ORDINARY_USER = "nobody"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/scenarios", description="Watch scenarios, end to end.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--on", action="append", metavar="EVENTS,DISK,USER[,TAG]")
    parser.add_argument("--all", action="store_true", help="all cases on all twelve combinations")
    parser.add_argument("--tag", help="only cases with this tag")
    parser.add_argument("--case", default="", metavar="REGEX", help="only cases whose name matches")
    parser.add_argument("--seeds", type=int, default=1, metavar="N")
    parser.add_argument("--first", type=int, default=1, metavar="SEED")
    parser.add_argument("--long", action="store_true", help="full sizes")
    parser.add_argument("--jobs", type=int, default=3, metavar="N")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--inside", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def type_of_disk(folder):
    return subprocess.run(["stat", "-f", "-c", "%T", folder], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def mount_disk(disk, folder):
    """The folder for the cases, below `folder`; a mount of its own needs root and is seen by this process and its children only."""
    if disk == "ext4":
        return folder
    if os.geteuid() != 0:
        return tempfile.mkdtemp(prefix="srctab-scenarios-", dir="/dev/shm") if disk == "tmpfs" else None
    base = os.path.join(folder, disk)
    os.mkdir(base)
    if disk == "tmpfs":
        command = ["mount", "-t", "tmpfs", "srctab", base]
    else:
        # The layers are on ext4, as a container's are.
        layers = [os.path.join(folder, name) for name in ("lower", "upper", "work")]
        for layer in layers:
            os.mkdir(layer, 0o755)
        command = ["mount", "-t", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s" % tuple(layers), "srctab", base]
    return base if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0 else None


def become(name):
    """Give up root for good."""
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: /proc/self stays our own


def run_inside(arguments):
    """The child: one combination, in a mount namespace of its own."""
    from runner import run_cases
    combination, server_folder, folder = arguments.inside
    events, disk, user = combination.split(",")[:3]
    base = mount_disk(disk, folder)
    if base is None:
        print("ok - %s # SKIP cannot mount %s here" % (combination, disk), flush=True)
        return 0
    os.chmod(folder, 0o755)
    os.chmod(base, 0o1777)
    found = type_of_disk(base)
    print("# %s: files on %s" % (combination, found), flush=True)
    if disk == "ext4" and found != "ext2/ext3":
        print("# %s is %s here, not ext4" % (base, found), flush=True)
    if user == "user" and os.geteuid() == 0:
        become(ORDINARY_USER)
    tempfile.tempdir = base
    return 0 if run_cases(arguments, combination, server_folder, events, disk) else 1


def wanted_combinations(arguments):
    if arguments.all:
        return [",".join((e, d, u)) for e in EVENTS for d in DISKS for u in USERS]
    wanted = arguments.on or list(DEFAULT)
    for combination in wanted:
        parts = combination.split(",")
        if len(parts) not in (3, 4) or parts[0] not in EVENTS or parts[1] not in DISKS or parts[2] not in USERS:
            raise SystemExit("no such combination: %s" % combination)
    if os.geteuid() != 0 and not arguments.on:
        wanted = ["inotify,ext4,user"] + [c for c in wanted if ",user," in c and "inotify,ext4" not in c]
    return wanted


def run_combination(combination, server, folder):
    command = [sys.executable, HERE] + sys.argv[1:] + ["--inside", combination, server.folder, folder]
    if os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        command = ["unshare", "-m"] + command
    elif "root" in combination and os.geteuid() != 0:
        print("ok - %s # SKIP needs root" % combination, flush=True)
        return True
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


def main():
    arguments = parse_arguments()
    if arguments.inside:
        return run_inside(arguments)
    if arguments.list:
        from runner import CASES
        print("\n".join(case.name for case in CASES if re.search(arguments.case, case.name)))
        return 0
    server = Server()
    try:
        server.create_database("srctab")
        results = []
        for combination in wanted_combinations(arguments):
            with tempfile.TemporaryDirectory(prefix="srctab-scenarios-", ignore_cleanup_errors=True) as folder:
                results.append(run_combination(combination, server, folder))
    finally:
        server.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
