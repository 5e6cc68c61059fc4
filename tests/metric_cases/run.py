#!/usr/bin/env python3
"""Measure small texts and compare with what the definitions of the metrics say. TAP.

usage: run.py PROGRAM [LANGUAGE...]

LANGUAGE.cases holds cases:

    ## a sentence that says what is shown
    => metric = value : why              a column of codebase_metadata; `null` where it has no meaning
    => function.metric = value : why     of the function of that name (its last part)
    => imports = value : why             the names of the entries of imports, exports, classes, functions or symbols, joined by spaces
    => parse_status = partial : why      the text has errors; without this line it must have none
    =! crlf bom unended                  changes to the text: lines end with CR LF, it begins with a byte order mark, its last line has no end
    the text, up to the next case

A value is a number, `>=N`, `true`, `false`, `null` or words. A line `#< OTHER.cases` above the first case takes over the cases of another language. PROGRAM is srctab or a program that prints the same for `explain --json --lang LANGUAGE -- FILE`.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LISTS = {"imports": "module", "exports": "name", "classes": "name", "functions": "name", "symbols": "name"}


def read_cases(path):
    cases, inherited = [], []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("## "):
                cases.append({"line": number, "title": line[3:].strip(), "expected": [], "changes": [], "text": ""})
            elif line.startswith("=> ") and cases and not cases[-1]["text"]:
                what = re.fullmatch(r"=> ([\w.?!-]+) = (.*?) ?: (.+)", line.strip())
                if not what:
                    sys.exit(f"{path}:{number}: expected `=> what = value : why`")
                cases[-1]["expected"].append(what.groups())
            elif line.startswith("=! ") and cases and not cases[-1]["text"]:
                cases[-1]["changes"] = line[3:].split()
            elif cases:
                cases[-1]["text"] += line
            elif line.startswith("#< "):
                inherited += read_cases(os.path.join(HERE, line[3:].strip()))
            elif not line.startswith("#") and line.strip():
                sys.exit(f"{path}:{number}: text before the first case")
    return inherited + cases


def bytes_of(case):
    text = case["text"].rstrip("\n") + "\n"
    if "unended" in case["changes"]:
        text = text[:-1]
    if "crlf" in case["changes"]:
        text = text.replace("\n", "\r\n")
    return b"\xef\xbb\xbf" * ("bom" in case["changes"]) + text.encode()


def value_of(facts, what):
    if what == "parse_status":
        return facts[what]
    if what in LISTS:
        return " ".join(str(entry[LISTS[what]]) for entry in facts[what])
    name, _, metric = what.rpartition(".")
    if not name:
        return facts["metrics"][metric]
    for function in facts["functions"]:
        if function["name"] == name:
            return function[metric]
    return f"no function {name}"


def agrees(value, expected):
    if expected == "null":
        return value is None
    if expected in ("true", "false"):
        return value is (expected == "true")
    if expected.startswith(">="):
        return value is not None and value >= float(expected[2:])
    try:
        return value is not None and abs(float(value) - float(expected)) <= 1e-3 * max(1, abs(float(expected)))
    except (TypeError, ValueError):
        return value == expected


def measure(program, language, cases, folder):
    """What the program says of each case, in their order; None where it says nothing."""
    paths = []
    for number, case in enumerate(cases):
        paths.append(os.path.join(folder, f"{language}_{number}.txt"))
        with open(paths[-1], "wb") as source:
            source.write(bytes_of(case))
    done = subprocess.run([program, "explain", "--json", "--lang", language, "--", *paths], stdout=subprocess.PIPE, check=False)
    rows = {row["path"]: row for row in map(json.loads, done.stdout.splitlines())}
    return [rows.get(path) for path in paths]


def differences(facts, case):
    if facts is None:
        return ["no answer"]
    expected = case["expected"]
    if "parse_status" not in [what for what, _, _ in expected]:
        expected = [("parse_status", "ok", "the text has no errors")] + expected
    found = []
    for what, wanted, why in expected:
        value = value_of(facts, what)
        if not agrees(value, wanted):
            found.append(f"{what}: expected {wanted} ({why}), got {value}")
    return found


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    number = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.cases"))):
        language = os.path.basename(path)[: -len(".cases")]
        if wanted and language not in wanted:
            continue
        cases = read_cases(path)
        with tempfile.TemporaryDirectory() as folder:
            answers = measure(program, language, cases, folder)
        for case, facts in zip(cases, answers):
            number += 1
            found = differences(facts, case)
            failed += bool(found)
            print(f"{'not ' if found else ''}ok {number} - {language}: {case['title']}")
            for text in found:
                print(f"#   {os.path.basename(path)}:{case['line']}: {text}")
    print(f"1..{number}")
    return 1 if failed or not number else 0


if __name__ == "__main__":
    sys.exit(main())
