#!/usr/bin/env python3
"""deploy/quickstart in a fresh Debian 12 made with debootstrap: from nothing to three answers, then again, then live; TAP lines.

usage: quickstart.py [--keep] [--root DIR]

--keep leaves the Debian behind; --root uses one that was left behind.

Needs root, debootstrap and a network with Debian's packages and npm's. The mirror and the certificates are those of this machine.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MIRROR = "http://deb.debian.org/debian"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATES_INSIDE = "/certificates-of-the-host.crt"  # installing ca-certificates makes the usual file anew
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "npm_config_registry")
DEADLINE_S = 1500
AGAIN_S = 60
STATE = {"number": 0, "failed": 0}


def result(good, title, detail=""):
    STATE["number"] += 1
    STATE["failed"] += not good
    print("%sok %d - %s" % ("" if good else "not ", STATE["number"], title), flush=True)
    if not good:
        print("\n".join("# " + line for line in detail.splitlines()[-40:]), flush=True)
    return good


def mirror():
    """The one that this machine's apt uses for Debian itself."""
    for path in glob.glob("/etc/apt/sources.list") + glob.glob("/etc/apt/sources.list.d/*"):
        with open(path, encoding="utf-8") as text:
            found = re.search(r"(https?://\S+/debian)/?(\s|$)", text.read())
        if found:
            return found.group(1)
    return MIRROR


def make_root(root):
    """A minimal Debian with this repository's files in /srctab."""
    os.chmod(root, 0o755)  # it is everybody's / inside
    done = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, mirror()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        return done.stdout.decode(errors="replace")
    os.mkdir(os.path.join(root, "srctab"))
    files = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout
    names = [name for name in files.split(b"\0") if name and os.path.lexists(os.path.join(os.fsencode(TOP), name))]
    subprocess.run(["tar", "-C", TOP, "--null", "-T", "-", "-cf", os.path.join(root, "tree.tar")], input=b"\0".join(names), check=True)
    subprocess.run(["tar", "-C", os.path.join(root, "srctab"), "--no-same-owner", "-xf", os.path.join(root, "tree.tar")], check=True)
    for path, inside in (("/etc/resolv.conf", "/etc/resolv.conf"), ("/etc/hosts", "/etc/hosts"), (CERTIFICATES, CERTIFICATES_INSIDE)):
        if os.path.exists(path):
            shutil.copy(path, root + inside)
    return ""


def enter(root, command):
    """The command inside, in namespaces of its own: nothing it starts or mounts outlives it."""
    inside = ("mount -t proc proc %(r)s/proc && mount --rbind /dev %(r)s/dev && mount -t tmpfs tmpfs %(r)s/dev/shm && mount -t tmpfs tmpfs %(r)s/run && "
              "exec chroot %(r)s /bin/sh -c '%(c)s'") % {"r": root, "c": command}
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if os.path.exists(root + CERTIFICATES_INSIDE):
        env["NODE_EXTRA_CA_CERTS"] = CERTIFICATES_INSIDE
    env.update(PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME="/root", LC_ALL="C.UTF-8", TERM="dumb")
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", inside], env


def run(root, command, deadline_s=DEADLINE_S):
    argv, env = enter(root, command)
    began = time.monotonic()
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True)
    try:
        output, _ = process.communicate(timeout=deadline_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += "\nkilled after %d s" % deadline_s
    return process.returncode, output, time.monotonic() - began


# In the chroot: quickstart in the background; when it watches, save a file and wait until its row is there.
LIVE = r"""
mkdir /tmp/tree; echo "x = 1" > /tmp/tree/a.py; cd /tmp/tree
/srctab/deploy/quickstart /tmp/tree > /tmp/log 2>&1 & quickstart=$!
n=0; until /srctab/build/srctab health --ready /tmp/tree >/dev/null 2>&1; do n=$((n+1)); [ $n -lt 300 ] || { cat /tmp/log; exit 1; }; sleep 0.2; done
echo "def saved(): pass" > /tmp/tree/b.py
/srctab/build/srctab wait --timeout 30s /tmp/tree || exit 1
/srctab/build/srctab psql -At -c "select name from functions" | grep -qx saved || exit 1
kill -INT $quickstart; wait $quickstart; echo "quickstart ended with $?"
"""


def check_fresh(root):
    problem = make_root(root)
    if not result(not problem, "debootstrap makes a fresh Debian 12", problem):
        return False
    absent = run(root, "command -v gcc make git node npm psql python3")[1]
    return result(absent.strip() == "", "it has no compiler, make, git, node, PostgreSQL or Python", absent)


def check(root):
    status, output, seconds = run(root, "/srctab/deploy/quickstart --once")
    if not result(status == 0, "quickstart --once ends with 0 (%d s)" % seconds, output):
        return
    result(len(re.findall(r"^\(\d+ rows?\)$", output, re.MULTILINE)) == 3, "it shows the result of three queries", output)
    clusters = run(root, "ls -d /var/lib/postgresql/*/main 2>/dev/null")[1]
    result(clusters.strip() == "", "installing PostgreSQL made no default cluster", clusters)
    status, output, seconds = run(root, "/srctab/deploy/quickstart --once")
    result(status == 0 and seconds < AGAIN_S, "running it again is quick (%d s)" % seconds, output)
    status, output, _ = run(root, "/srctab/deploy/quickstart --build-only && test -x /srctab/build/srctab")
    result(status == 0, "--build-only ends with build/srctab built", output)
    status, output, _ = run(root, "/srctab/deploy/quickstart /nowhere")
    result(status == 4 and "/nowhere" in output, "a directory that is not there is named", output)
    with open(os.path.join(root, "live.sh"), "w", encoding="utf-8") as script:
        script.write(LIVE)
    status, output, _ = run(root, "sh /live.sh", 300)
    result(status == 0 and "ended with 0" in output, "without --once it watches: a saved file is in the tables", output)


def main():
    kept = "--keep" in sys.argv or "--root" in sys.argv
    root = sys.argv[sys.argv.index("--root") + 1] if "--root" in sys.argv else tempfile.mkdtemp(prefix="srctab-quickstart-")
    try:
        if "--root" in sys.argv or check_fresh(root):
            check(root)
    finally:
        if kept:
            print("# kept: " + root)
        else:
            shutil.rmtree(root, ignore_errors=True)
    return 1 if STATE["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
