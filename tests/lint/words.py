#!/usr/bin/env python3
"""The repository is finished text about the product: no notes to self, no addresses of one machine, no registry."""
import re

from _source import Rule, all_files, c_files, finish, read, split_c

NOTE = re.compile(r"^[\s/*#;-]*\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|\bfor no" r"w\b|\bnot implemen" r"ted\b|\bunimplemen" r"ted\b", re.IGNORECASE)
MACHINE = re.compile(r"/work/(main|share" r"d)|/tmp/(brie" r"f|issu" r"e)|/root/")
REGISTRY = re.compile(r'"resolved"\s*:|registry\.npm' r'js')
SAMPLES = ("tests/lang/", "tests/samples/", "tests/unit/", "parsers/", "tests/lint/")
TEXT = (".c", ".h", ".py", ".sh", ".sql", ".md", ".yaml", ".yml", ".json", ".build", ".scm", ".service", ".1", "run", "quickstart")


def main():
    notes = Rule("no comment is a note to self")
    for path in c_files("src/", "tests/"):
        for number, text in split_c(read(path))[1]:
            for offset, piece in enumerate(text.splitlines()):
                if NOTE.search(piece) and not path.startswith(SAMPLES):
                    notes.breach(path, number + offset, piece.strip())
    machine, registry = Rule("no path of one machine"), Rule("no registry address")
    blanks = Rule("no blanks at the end of a line, a newline at the end of a file")
    for path in all_files():
        if not path.endswith(TEXT) or path.startswith(("tests/lang/", "tests/samples/")):
            continue
        text = read(path)
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE.search(line) and not path.startswith(SAMPLES):
                machine.breach(path, number, line.strip()[:120])
            if REGISTRY.search(line) and path != "tests/lint/words.py":
                registry.breach(path, number, line.strip()[:120])
            if line != line.rstrip() and not path.endswith(".md"):
                blanks.breach(path, number, "ends with a blank")
        if text and not text.endswith("\n"):
            blanks.breach(path, text.count("\n") + 1, "no newline at the end")
    for rule in (notes, machine, registry, blanks):
        rule.close()
    finish()


main()
