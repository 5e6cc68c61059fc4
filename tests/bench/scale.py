"""Growth: what a file costs, in trees of more and more files; and resources at rest beside watchman."""
import json
import os
import shutil
import subprocess
import threading
import time

from ground import Daemon, Failure, Table, cpu_of, descendants, eventually, memory_kb


class Peak:
    """The most that a process and the sum of its children held, looked at every 50 ms."""

    def __init__(self, pid):
        self.pid, self.workers_kb, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.05):
            self.workers_kb = max(self.workers_kb, sum(memory_kb(pid, "Pss") for pid in descendants(self.pid)[1:]))

    def stop(self):
        self.over.set()
        self.thread.join()
        return memory_kb(self.pid, "VmHWM") / 1024, self.workers_kb / 1024


def watches_of(pid):
    """inotify watches in its descriptors."""
    count = 0
    for name in os.listdir("/proc/%d/fdinfo" % pid):
        try:
            with open("/proc/%d/fdinfo/%s" % (pid, name), encoding="utf-8") as lines:
                count += sum(line.startswith("inotify") for line in lines)
        except OSError:
            continue
    return count


def watchman_at_rest(tree, folder):
    """(MB, inotify watches, seconds until its first crawl was done) of a watchman of its own."""
    program = shutil.which("watchman")
    if not program:
        return None, None, None
    state = os.path.join(folder, "watchman")
    os.makedirs(state, mode=0o700, exist_ok=True)
    base = [program, "--sockname", os.path.join(state, "sock"), "--logfile", os.path.join(state, "log"), "--statefile", os.path.join(state, "state"),
            "--pidfile", os.path.join(state, "pid")]
    server = subprocess.Popen(base + ["--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: subprocess.run(base + ["--no-spawn", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0,
                   "watchman answers")
        start = time.monotonic()
        for command in (["watch", tree], ["clock", tree]):
            subprocess.run(base + ["--no-spawn"] + command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        request = json.dumps(["query", tree, {"expression": ["type", "f"], "fields": ["name"], "sync_timeout": 60000}])
        subprocess.run(base + ["--no-spawn", "-j"], input=request, text=True, stdout=subprocess.DEVNULL, check=True)
        return memory_kb(server.pid) / 1024, watches_of(server.pid), time.monotonic() - start
    except (Failure, subprocess.CalledProcessError):
        return None, None, None
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(state, ignore_errors=True)


def measure(ground, trees, n):
    tree = ground.make_tree(trees, n)
    codebase = ground.codebase(tree)
    server, start = cpu_of(ground.server.process.pid), time.monotonic()
    daemon = Daemon(codebase, (), (tree,))
    peak = Peak(daemon.process.pid)
    eventually(lambda: codebase.run("health", "--ready", tree, deadline_s=600).returncode == 0, daemon.log, 3600)
    ground.wait(codebase)
    got = {"wall": time.monotonic() - start, "server": cpu_of(ground.server.process.pid) - server}
    got["cpu"] = cpu_of(daemon.process.pid)
    got["peak"], got["workers"] = peak.stop()
    daemon.stop()
    got["rows"] = codebase.value("SELECT count(*) FROM codebase_metadata")
    got["size"] = codebase.value("SELECT pg_total_relation_size('code_files') + pg_total_relation_size('codebase_metadata')")
    start = time.monotonic()
    again = Daemon(codebase, (), (tree,))
    eventually(lambda: codebase.run("health", "--ready", tree).returncode == 0, again.log, 600)
    ground.wait(codebase)
    got["ready"], got["idle"], got["watches"] = time.monotonic() - start, memory_kb(again.process.pid) / 1024, watches_of(again.process.pid)
    before, start = cpu_of(again.process.pid), time.monotonic()
    time.sleep(0.5 if ground.tiny else 5)
    got["idle_cpu"] = 100 * (cpu_of(again.process.pid) - before) / (time.monotonic() - start)
    again.stop()
    got["watchman"] = watchman_at_rest(tree, ground.folder)
    ground.drop(codebase)
    shutil.rmtree(tree)
    return got


def run(ground, options):
    growth = Table("Growth: first ingest of trees made of real files of at most 4 kB", "files", "rows", "seconds", "CPU ms a file, srctab", "server", "bytes a row",
                   "cost, over the first line", "curve")
    rest = Table("Memory and watches", "files", "peak RSS MB, ingest", "children's Pss MB", "RSS MB at rest", "inotify watches", "CPU % at rest", "restart to ready s",
                 "watchman RSS MB", "its watches", "its crawl s")
    first = None
    for n in options.sizes:
        got = measure(ground, options.trees, n)
        each = [1000 * got[key] / n for key in ("cpu", "server")]
        first = first or sum(each)
        growth.add(str(n), got["rows"], got["wall"], each[0], each[1], int(got["size"] / max(1, got["rows"])), sum(each) / first, "#" * round(20 * sum(each) / first))
        rest.add(str(n), got["peak"], got["workers"], got["idle"], got["watches"], got["idle_cpu"], got["ready"], *got["watchman"])
    growth.print()
    rest.print()
