#!/usr/bin/env python3
"""Functions, files and nesting stay small enough to be read."""
from _source import Rule, c_files, finish, read, split_c

MAX_FUNCTION_LINES = 80
MAX_FILE_LINES = 600


def functions(code):
    """(first line, last line) of each body: braces in the first column, as the layout puts them."""
    start = None
    for number, text in enumerate(code.splitlines(), 1):
        if text == "{":
            start = number
        elif text.startswith("}") and start is not None:
            yield start, number
            start = None


def main():
    function = Rule("a function has at most %d lines" % MAX_FUNCTION_LINES)
    file = Rule("a file has less than %d lines" % MAX_FILE_LINES)
    heading = Rule("a header begins with what it is for and which thread may call it")
    for path in c_files("src/", "tests/"):
        text = read(path)
        code, comments, _ = split_c(text)
        for first, last in functions(code):
            if last - first - 1 > MAX_FUNCTION_LINES and "int main(" not in code.splitlines()[first - 2]:
                function.breach(path, first, "%d lines" % (last - first - 1))
        if text.count("\n") >= MAX_FILE_LINES:
            file.breach(path, 1, "%d lines" % text.count("\n"))
        if path.startswith("src/") and path.endswith(".h"):
            opening = comments[0][1] if comments and comments[0][0] == 1 else ""
            if not opening:
                heading.breach(path, 1, "no comment at the top")
    for rule in (function, file, heading):
        rule.close()
    finish()


main()
