"""Run test programs, a few at once, each in a process group of its own and with a deadline."""
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor


class Program:
    """One program that prints TAP lines; with `whole` its exit status is its one result."""

    def __init__(self, name, argv, env=None, cwd=None, deadline_s=300, whole=False):
        self.name, self.argv, self.env, self.cwd, self.deadline_s, self.whole = name, argv, env or {}, cwd, deadline_s, whole

    def run(self):
        """(output, exit status or a word, seconds)"""
        began = time.monotonic()
        process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.cwd,
                                   env={**os.environ, **self.env}, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=self.deadline_s)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            status = "a kill: it took longer than %d s" % self.deadline_s
        return output.decode(errors="replace"), status, time.monotonic() - began


def run_all(report, programs, jobs):
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [(program, pool.submit(program.run)) for program in programs]
        for program, future in futures:
            output, status, seconds = future.result()
            if program.whole and status == 0:
                output += "\nok 1 - %s\n" % program.name
            report.take(program.name, output, status, seconds)
