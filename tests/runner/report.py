"""Results: read from the TAP lines of test programs, counted, printed."""
import re
import threading

RESULT = re.compile(r"^(ok|not ok)\b\s*(\d+)?\s*-?\s*(.*)$")
SKIP = re.compile(r"#\s*SKIP\b\s*(.*)$", re.IGNORECASE)
MAX_DETAIL_LINES = 60


class Report:
    """Counts of all suites. Its methods may be called from any thread."""

    def __init__(self):
        self.suite = ""
        self.passed = 0
        self.failures = []
        self.skipped = []
        self.lock = threading.Lock()

    def fail(self, name, detail):
        with self.lock:
            self.failures.append("%s: %s" % (self.suite, name))
            lines = detail.splitlines()
            if len(lines) > MAX_DETAIL_LINES:
                lines = ["..."] + lines[-MAX_DETAIL_LINES:]
            print("   not ok %s\n%s" % (name, "\n".join("      " + line for line in lines)), flush=True)

    def skip(self, name, reason):
        with self.lock:
            self.skipped.append("%s: %s (%s)" % (self.suite, name, reason))
            print("   skipped %s: %s" % (name, reason), flush=True)

    def succeed(self, n=1):
        with self.lock:
            self.passed += n

    def take(self, name, output, status, seconds):
        """The output of one program that prints TAP lines."""
        n_passed, failed = 0, []
        for line in output.splitlines():
            result = RESULT.match(line)
            if not result:
                continue
            skip = SKIP.search(line)
            title = result.group(3).strip()
            if skip:
                self.skip("%s/%s" % (name, title.split("#")[0].strip() or result.group(2)), skip.group(1) or "it says so")
            elif result.group(1) == "ok":
                n_passed += 1
            else:
                failed.append(title)
        self.succeed(n_passed)
        if failed:
            for title in failed[:-1]:
                self.fail("%s/%s" % (name, title), "")
            self.fail("%s/%s" % (name, failed[-1]), output)
        elif status != 0:
            self.fail(name, "%s\nended with %s" % (output, status))
        elif n_passed == 0 and not re.search(SKIP, output):
            self.fail(name, output + "\nprinted no result")
        if not failed and status == 0:
            print("   ok %3d  %s (%.1f s)" % (n_passed, name, seconds), flush=True)

    def close(self):
        """Print the last lines; the exit status."""
        for failure in self.failures:
            print("FAILED %s" % failure)
        tail = ", %d skipped" % len(self.skipped) if self.skipped else ""
        print("%d passed, %d failed%s" % (self.passed, len(self.failures), tail), flush=True)
        return 1 if self.failures else 0
