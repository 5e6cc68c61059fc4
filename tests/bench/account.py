"""Runs a command as the reaper of all that it leaves behind, so that no process ends uncounted; writes "seconds CPU-seconds KB status" to a descriptor.

usage: account FD COMMAND…
"""
import ctypes
import os
import resource
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36

ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
start = time.monotonic()
status = subprocess.call(sys.argv[2:])
wall = time.monotonic() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(int(sys.argv[1]), b"%f %f %d %d" % (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, status))
