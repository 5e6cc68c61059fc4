"""What the rules share: the files of the repository, C text without comments and strings, TAP output."""
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_OURS = ("build", "parsers/node_modules", ".git")


def all_files():
    """Paths relative to the repository: what git knows, or everything where there is no git."""
    done = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode == 0 and done.stdout:
        names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
        return sorted(name for name in names if os.path.isfile(os.path.join(TOP, name)))
    found = []
    for where, folders, names in os.walk(TOP):
        folder = os.path.relpath(where, TOP)
        folders[:] = [f for f in folders if not os.path.normpath(os.path.join(folder, f)).startswith(NOT_OURS)]
        found += [os.path.normpath(os.path.join(folder, name)) for name in names]
    return sorted(found)


def c_files(*folders):
    return [path for path in all_files() if path.endswith((".c", ".h")) and path.startswith(folders)]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8", errors="replace") as source:
        return source.read()


def split_c(text):
    """(code, comments, strings): code has blanks in place of both, so that lines and columns stay; the others are (line, text)."""
    code, comments, strings = [], [], []
    i, line, end = 0, 1, len(text)

    def blank(piece):
        return "".join(c if c == "\n" else " " for c in piece)

    while i < end:
        start = i
        if text.startswith("/*", i):
            i = text.find("*/", i + 2)
            i = end if i < 0 else i + 2
            comments.append((line, text[start:i]))
            code.append(blank(text[start:i]))
        elif text.startswith("//", i):
            i = text.find("\n", i)
            i = end if i < 0 else i
            comments.append((line, text[start:i]))
            code.append(blank(text[start:i]))
        elif text[i] in "\"'":
            quote, i = text[i], i + 1
            while i < end and text[i] != quote:
                i += 2 if text[i] == "\\" else 1
            i = min(i + 1, end)
            if quote == '"':
                strings.append((line, text[start + 1:i - 1]))
            code.append(quote + blank(text[start + 1:i - 1]) + quote)
        else:
            i += 1
            code.append(text[start])
        line += text.count("\n", start, i)
    return "".join(code), comments, strings


class Rule:
    """Collects what breaks one rule and prints it as a TAP line."""

    number = 0
    failed = False

    def __init__(self, sentence):
        self.sentence, self.breaches = sentence, []

    def breach(self, path, line, what):
        self.breaches.append("%s:%d: %s" % (path, line, what))

    def close(self):
        Rule.number += 1
        Rule.failed |= bool(self.breaches)
        print("%sok %d - %s" % ("not " if self.breaches else "", Rule.number, self.sentence))
        for breach in self.breaches:
            print("# " + breach)


def finish():
    sys.exit(1 if Rule.failed else 0)
