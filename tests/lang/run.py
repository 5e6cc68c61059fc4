#!/usr/bin/env python3
"""Golden cases of the languages: what the program says of input.* must agree with expected.json.

usage: run.py PROGRAM [LANGUAGE[/CASE]...]

A case is a folder LANGUAGE/CASE with one input.* file and expected.json. Only what expected.json names is compared:
  an object     each of its keys (the others do not matter)
  a list        the same length, item by item
  {"min": n}    a number of at least n
  a number      equal to six digits
"why" says where the values come from; it is for readers and is not compared.
Prints a line a case, "ok" or "not ok" with the differences, then "N passed, N failed".
"""
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def differences(expected, got, where):
    """Sentences about what differs; none if got has all that expected asks for."""
    if isinstance(expected, dict) and set(expected) == {"min"}:
        good = isinstance(got, (int, float)) and got >= expected["min"]
        return [] if good else [f"{where}: expected at least {expected['min']}, got {json.dumps(got)}"]
    if isinstance(expected, dict) and isinstance(got, dict):
        found = []
        for key, value in expected.items():
            if key != "why":
                found += differences(value, got.get(key), f"{where}.{key}") if key in got else [f"{where}.{key}: missing"]
        return found
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            names = [item.get("name", item.get("module", item)) if isinstance(item, dict) else item for item in got]
            return [f"{where}: expected {len(expected)} items, got {len(got)}: {json.dumps(names, ensure_ascii=False)}"]
        return [d for i, (e, g) in enumerate(zip(expected, got)) for d in differences(e, g, f"{where}[{i}]")]
    if isinstance(expected, (int, float)) and isinstance(got, (int, float)) and not isinstance(expected, bool):
        same = abs(expected - got) <= 1e-6 * max(1, abs(expected))
    else:
        same = expected == got and type(expected) is type(got)
    return [] if same else [f"{where}: expected {json.dumps(expected, ensure_ascii=False)}, got {json.dumps(got, ensure_ascii=False)}"]


def find_cases(wanted):
    cases = []
    for path in sorted(glob.glob(os.path.join(HERE, "*", "*", "expected.json"))):
        folder = os.path.dirname(path)
        name = os.path.relpath(folder, HERE)
        inputs = glob.glob(os.path.join(folder, "input*"))
        if len(inputs) != 1:
            sys.exit(f"{folder}: expected one file input.*, found {len(inputs)}")
        if not wanted or name in wanted or name.split(os.sep)[0] in wanted:
            cases.append((name, inputs[0], path))
    return cases


def explain(program, paths):
    """What the program prints, by path; it prints one object a line in the order of its arguments."""
    run = subprocess.run([program, "explain", "--json", "--", *paths], capture_output=True, check=False)
    rows = {}
    for line in run.stdout.splitlines():
        row = json.loads(line)
        rows[row["path"]] = row
    if run.returncode != 0:
        sys.stderr.write(run.stderr.decode(errors="replace"))
    return rows


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cases = find_cases(sys.argv[2:])
    rows = explain(sys.argv[1], [path for _, path, _ in cases])
    failed = 0
    for name, path, expected_path in cases:
        with open(expected_path, encoding="utf-8") as f:
            expected = json.load(f)
        found = differences(expected, rows[path], "") if path in rows else ["the program said nothing about it"]
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} - {name}")
        for sentence in found:
            print(f"#   {sentence}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
