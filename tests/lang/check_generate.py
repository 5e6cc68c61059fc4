#!/usr/bin/env python3
"""What parsers/generate.py says of language folders that are wrong, and what it makes of a new one.

usage: check_generate.py

Works on a copy of parsers/ with the C folder alone. Prints TAP.
"""
import os
import shutil
import subprocess
import sys
import tempfile

PARSERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "parsers")


def copy_parsers(folder):
    parsers = os.path.join(folder, "parsers")
    os.makedirs(parsers)
    for name in ("generate.py", "package.json"):
        shutil.copy(os.path.join(PARSERS, name), parsers)
    shutil.copytree(os.path.join(PARSERS, "c"), os.path.join(parsers, "c"))
    return parsers


def generate(parsers):
    run = subprocess.run([sys.executable, os.path.join(parsers, "generate.py"), "table", os.path.join(parsers, "out.c"),
                          os.path.join(parsers, "out.d")], capture_output=True, text=True, check=False)
    return run.returncode, run.stderr.strip()


def edited(parsers, old, new):
    path = os.path.join(parsers, "c", "language.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert old in text, old
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))


def line_of(parsers, text):
    """The last line that has the last line of text in it."""
    with open(os.path.join(parsers, "c", "language.yaml"), encoding="utf-8") as f:
        return max(i for i, line in enumerate(f, 1) if text.splitlines()[-1] in line)


# name of the case, what is replaced in c/language.yaml, by what, what the error says; each with file and line
CASES = [
    ("an unknown key is named", "class: code", "clas: code", 'unknown key "clas"'),
    ("a key that appears twice is named", "class: code", "class: code\nclass: code", 'key "class" appears twice'),
    ("a list where a string belongs is named", "name: C", "name: [C]", "expected a string"),
    ("an unknown capability is named", "capabilities: [", "capabilities: [magic, ", 'capability "magic" is not one of'),
    ("an unknown class is named", "class: code", "class: prose", 'class "prose" is not one of'),
    ("a package that package.json lacks is named", "npm: tree-sitter-c", "npm: tree-sitter-d", 'package "tree-sitter-d" is not in'),
    ("an id that is not the folder's name is refused", "id: c\n", "id: d\n", "is not the name of its folder"),
    ("a missing key is named", "symbol: tree_sitter_c\n", "\n", 'key "symbol" is missing'),
]


def run_case(old, new, wanted):
    with tempfile.TemporaryDirectory() as folder:
        parsers = copy_parsers(folder)
        edited(parsers, old, new)
        status, said = generate(parsers)
        if status != 1 or wanted not in said or not said.startswith("parsers/c/language.yaml:"):
            return f"status {status}: {said}"
        line = int(said.split(":")[1])
        expected = line_of(parsers, new.strip()) if new.strip() else line
        return "" if line == expected else f"expected line {expected}: {said}"


def second_language():
    """A folder that takes an extension of another language is refused; with its own it is in the table."""
    with tempfile.TemporaryDirectory() as folder:
        parsers = copy_parsers(folder)
        shutil.copytree(os.path.join(parsers, "c"), os.path.join(parsers, "d"))
        path = os.path.join(parsers, "d", "language.yaml")
        with open(path, encoding="utf-8") as f:
            text = f.read().replace("id: c\n", "id: d\n")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        status, said = generate(parsers)
        if status != 1 or '"c" in extensions belongs to c already' not in said:
            return f"status {status}: {said}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace("extensions: [c, h]", "extensions: [d]"))
        status, said = generate(parsers)
        with open(os.path.join(parsers, "out.c"), encoding="utf-8") as f:
            return "" if status == 0 and '.id = "d"' in f.read() else f"status {status}: {said}"


def main():
    results = [(name, run_case(old, new, wanted)) for name, old, new, wanted in CASES]
    results.append(("a new folder is a language, but shares no extension", second_language()))
    print(f"1..{len(results)}")
    for number, (name, problem) in enumerate(results, 1):
        print(f"{'not ok' if problem else 'ok'} {number} - {name}")
        if problem:
            print(f"# {problem}")
    return any(problem for _, problem in results)


if __name__ == "__main__":
    sys.exit(main())
