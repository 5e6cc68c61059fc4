#!/usr/bin/env python3
"""Measure small texts and compare with what the definitions of the metrics say. TAP.

usage: run.py PROGRAM [LANGUAGE...]

LANGUAGE.cases holds cases:

    ## a sentence that says what is shown
    => metric = value : why              a column of codebase_metadata; `null` where it has no meaning
    => function.metric = value : why     of the function of that name (its last part)
    => imports = value : why             the names of the entries of imports, exports, classes or functions, joined by spaces
    the text, up to the next case

A line `#< OTHER.cases` above the first case takes over the cases of another language. PROGRAM is srctab or a program that prints the same for `explain --json --lang LANGUAGE -- FILE`.
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
                cases.append({"line": number, "title": line[3:].strip(), "expected": [], "text": ""})
            elif line.startswith("=> ") and cases and not cases[-1]["text"]:
                what = re.fullmatch(r"=> ([\w.?!]+) = (.*?) : (.+)", line.strip())
                if not what:
                    sys.exit(f"{path}:{number}: expected `=> what = value : why`")
                cases[-1]["expected"].append(what.groups())
            elif cases:
                cases[-1]["text"] += line
            elif line.startswith("#< "):
                inherited += read_cases(os.path.join(HERE, line[3:].strip()))
            elif not line.startswith("#") and line.strip():
                sys.exit(f"{path}:{number}: text before the first case")
    return inherited + cases


def value_of(facts, what):
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
    try:
        return value is not None and abs(float(value) - float(expected)) <= 1e-3 * max(1, abs(float(expected)))
    except (TypeError, ValueError):
        return value == expected


def differences(program, language, case):
    with tempfile.NamedTemporaryFile(suffix=".txt") as source:
        source.write(case["text"].rstrip("\n").encode() + b"\n")
        source.flush()
        done = subprocess.run([program, "explain", "--json", "--lang", language, "--", source.name], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return [f"exit {done.returncode}"]
    facts = json.loads(done.stdout)
    found = []
    if facts["parse_status"] != "ok":
        found.append(f"parse_status is {facts['parse_status']}")
    for what, expected, why in case["expected"]:
        value = value_of(facts, what)
        if not agrees(value, expected):
            found.append(f"{what}: expected {expected} ({why}), got {value}")
    return found


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    number = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.cases"))):
        language = os.path.basename(path)[: -len(".cases")]
        if wanted and language not in wanted:
            continue
        for case in read_cases(path):
            number += 1
            found = differences(program, language, case)
            failed += bool(found)
            print(f"{'not ' if found else ''}ok {number} - {language}: {case['title']}")
            for text in found:
                print(f"#   {os.path.basename(path)}:{case['line']}: {text}")
    print(f"1..{number}")
    return 1 if failed or not number else 0


if __name__ == "__main__":
    sys.exit(main())
