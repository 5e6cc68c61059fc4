"""Line coverage of src/ from gcov: of every line that some object file has, was it run in any?"""
import json
import os
import subprocess

from builds import TOP


def notes(folder):
    for where, _, names in os.walk(os.path.join(folder, "src")):
        for name in names:
            if name.endswith(".gcda"):
                yield os.path.join(where, name)


def read_counts(folder, batch):
    """One gcov call: {file: {line: count}}"""
    done = subprocess.run(["gcov", "--json-format", "--stdout"] + batch, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    for text in done.stdout.decode(errors="replace").splitlines():
        if not text.startswith("{"):
            continue
        document = json.loads(text)
        for entry in document["files"]:
            path = os.path.normpath(os.path.join(document["current_working_directory"], entry["file"]))
            yield path, {line["line_number"]: line["count"] for line in entry["lines"]}


def measure(folder):
    """{path below src/: (lines run, lines)}"""
    counts, files = {}, sorted(notes(folder))
    for i in range(0, len(files), 50):
        for path, lines in read_counts(folder, files[i:i + 50]):
            if not path.startswith(os.path.join(TOP, "src") + os.sep):
                continue
            seen = counts.setdefault(os.path.relpath(path, TOP), {})
            for line, count in lines.items():
                seen[line] = seen.get(line, 0) + count
    return {path: (sum(1 for c in lines.values() if c > 0), len(lines)) for path, lines in counts.items()}


def print_coverage(folder, least_percent):
    """True when it is enough. Files far below the mean are named."""
    table = measure(folder)
    run, total = sum(r for r, _ in table.values()), sum(n for _, n in table.values())
    if total == 0:
        print("line coverage of src/: not measured")
        return False
    percent = 100.0 * run / total
    for path, (r, n) in sorted(table.items(), key=lambda item: item[1][0] - item[1][1])[:12]:
        print("   %5.1f %%  %4d of %4d lines not run  %s" % (100.0 * r / max(1, n), n - r, n, path))
    print("line coverage of src/: %.1f %% (%d of %d lines; at least %d %% wanted)" % (percent, run, total, least_percent))
    return percent >= least_percent
