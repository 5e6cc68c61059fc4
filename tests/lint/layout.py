#!/usr/bin/env python3
"""The layout of C is clang-format's, that of shell scripts is shellcheck's business."""
import os
import re
import shutil
import subprocess

from _source import TOP, Rule, all_files, c_files, finish, read

FORMATTERS = ("clang-format-14", "clang-format")


def main():
    formatter = next((name for name in FORMATTERS if shutil.which(name)), None)
    layout = Rule("clang-format would change nothing")
    if formatter is None:
        layout.breach("tests/run", 1, "clang-format-14 is not installed")
    else:
        done = subprocess.run([formatter, "--dry-run", "-Werror"] + [p for p in c_files("src/", "tests/") if not p.startswith("tests/lang/")], cwd=TOP, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        first = {}
        for path, line in re.findall(r"^([^:\s]+):(\d+):\d+: error", done.stdout.decode(errors="replace"), re.MULTILINE):
            first[path] = min(int(line), first.get(path, int(line)))
        for path, line in sorted(first.items()):
            layout.breach(path, line, "run: %s -i %s" % (formatter, path))
    layout.close()
    shell = Rule("shellcheck has nothing to say")
    scripts = [p for p in all_files() if os.access(os.path.join(TOP, p), os.X_OK) and re.match(r"#!\s*/bin/(ba)?sh\b", read(p))]
    if shutil.which("shellcheck") and scripts:
        done = subprocess.run(["shellcheck", "-x", "-f", "gcc", "--source-path=" + TOP] + scripts, cwd=TOP, stdout=subprocess.PIPE, check=False)
        for text in done.stdout.decode().splitlines():
            found = re.match(r"([^:]+):(\d+):\d+: (.*)", text)
            if found:
                shell.breach(found.group(1), int(found.group(2)), found.group(3))
    elif scripts:
        shell.breach("tests/run", 1, "shellcheck is not installed")
    shell.close()
    finish()


main()
