#!/usr/bin/env python3
"""Compare the ignore rules with git's own on generated trees and patterns.

usage: gitignore_fuzz.py TOOL [--seed N] [--trees N]

TOOL is the built tests/tools/ignore_check. Each tree gets random folders, .gitignore files at several depths,
.git/info/exclude and an excludes file; every path is put to both, and verdict, file, line and pattern must be the same.
A difference is printed with the seed of its tree; exit 1.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "ab", "abc", "foo", "foo.c", "bar.log", "x.tmp", "build", "doc", "a b", "a ", " a", "#c", "!d", "a*b",
         "[x]", "a-b", "a\\b", "é", "UP", "z9", "-", "]", "^", "a]", "tab\tx", "foobar", "foo-bar", "b.c.d"]
ATOMS = ["a", "b", "c", "foo", "bar", ".", "*", "*", "**", "?", "/", "/", "[a-c]", "[!a]", "[^b]", "[]a]", "[a-]", "[[:alpha:]]",
         "[[:digit:]x]", "[[:space:]]", "[[:punct:]]", "[[:upper:]]", "[[:xdigit:]]", "[\\]]", "[a\\-c]", "[a", "[[:nope:]]", "[[:a]",
         "\\*", "\\a", "\\ ", "\\", "\\/", " ", "log", "tmp", "x", "build", "doc", "-", "é", "[--0]", "[/]", "[!/]", "[a/b]", "\t"]
SHAPES = ["{n}", "{n}/", "/{n}", "/{n}/", "**/{n}", "{n}/**", "{n}/*", "*.{e}", "!{n}", "!{n}/", "!/{n}/", "{n}/**/{m}", "{n}/{m}",
          "{n}*", "*{n}", "**", "*", "!*", "/*", "!/{n}", "!*/", "/**", "**/", "{n}**", "{n}**/{m}", "**{n}", "**/{n}/**", "*/{n}",
          "?", "??", "{n}/*/{m}", "*/*", "!**/{n}", "/{n}/{m}", "{n}//{m}", "//{n}", "/", "//", "!", "\\!{n}", "\\#{n}", "#{n}",
          "{n} ", "{n}\\ ", "{n}  \\  ", "***", "{n}/***/{m}", "/**/{n}", "./{n}", "../{n}"]
ENDINGS = ["\n", "\n", "\n", "\n", "\r\n", " \n", "  \r\n", "\t\n", "\n\n"]


def pattern(rng):
    if rng.random() < 0.35:
        return "".join(rng.choice(ATOMS) for _ in range(rng.randint(1, 6)))
    shape = rng.choice(SHAPES)
    return shape.format(n=rng.choice(NAMES), m=rng.choice(NAMES), e=rng.choice(["c", "log", "tmp", "[ch]", "?"]))


def rule_file(rng):
    text = "".join(pattern(rng) + rng.choice(ENDINGS) for _ in range(rng.randint(1, 8)))
    if rng.random() < 0.2:
        text = text.rstrip("\r\n")
    data = text.encode()
    if rng.random() < 0.05:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.03:
        data = data.replace(b"a", b"a\0", 1)
    return data


def grow(rng, top, depth):
    """A tree below `top`; returns its paths, directories with a slash at the end."""
    found = []

    def fill(folder, level):
        for name in rng.sample(NAMES, rng.randint(2, 7)):
            path = folder + name
            if level < depth and rng.random() < 0.5:
                os.mkdir(os.path.join(top, path))
                found.append(path + "/")
                fill(path + "/", level + 1)
            else:
                open(os.path.join(top, path), "w").close()
                found.append(path)
    fill("", 0)
    return found


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def records(output, size):
    fields = output.split(b"\0")[:-1]
    return [tuple(fields[i:i + size]) for i in range(0, len(fields), size)]


def ask_git(top, excludes, paths):
    # check-ignore takes a slash at the end for part of the name; without it, it looks at the disk.
    stdin = b"".join(os.fsencode(p.rstrip("/")) + b"\0" for p in paths)
    done = subprocess.run(["git", "-c", "core.excludesFile=" + excludes, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"],
                          cwd=top, input=stdin, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError("git check-ignore ended with %d" % done.returncode)
    return records(done.stdout, 4)


def ask_tool(tool, top, excludes, paths):
    stdin = b"".join(os.fsencode(p) + b"\0" for p in paths)
    done = subprocess.run([tool, top, excludes], input=stdin, stdout=subprocess.PIPE, check=True)
    return records(done.stdout, 4)


def plain(record, top):
    """(file, line, pattern) of a rule that ignores; git names rules that re-include as well. Files as one writes them."""
    source, line, rule, _ = record
    if rule.startswith(b"!") or not source:
        return None
    return os.path.relpath(os.path.join(os.fsencode(top), source), os.fsencode(top)), line, rule


def compare(tool, seed):
    rng = random.Random(seed)
    base = tempfile.mkdtemp(prefix="srctab-ignore-")
    try:
        top = os.path.join(base, "tree")
        os.makedirs(os.path.join(top, ".git", "info"))
        for folder in ("objects", "refs"):
            os.mkdir(os.path.join(top, ".git", folder))
        write(os.path.join(top, ".git", "HEAD"), b"ref: refs/heads/main\n")
        write(os.path.join(top, ".git", "config"), b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
        excludes = os.path.join(base, "excludes")
        paths = grow(rng, top, rng.randint(1, 4))
        folders = [""] + [p for p in paths if p.endswith("/")]
        for folder in rng.sample(folders, min(len(folders), rng.randint(1, 4))):
            write(os.path.join(top, folder, ".gitignore"), rule_file(rng))
        if rng.random() < 0.4:
            write(os.path.join(top, ".git", "info", "exclude"), rule_file(rng))
        if rng.random() < 0.4:
            write(excludes, rule_file(rng))
        rng.shuffle(paths)
        theirs, ours = ask_git(top, excludes, paths), ask_tool(tool, top, excludes, paths)
        if len(theirs) != len(paths) or len(ours) != len(paths):
            print("seed %d: %d paths, git answered %d, ours %d" % (seed, len(paths), len(theirs), len(ours)))
            return len(paths), 1
        wrong = 0
        for path, their, our in zip(paths, theirs, ours):
            if plain(their, top) != plain(our, top):
                wrong += 1
                print("seed %d: %r: git says %r, srctab %r" % (seed, path, their[:3], our[:3]))
        return len(paths), wrong
    finally:
        shutil.rmtree(base)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first tree")
    parser.add_argument("--trees", type=int, default=200)
    args = parser.parse_args()
    os.environ.update(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C.UTF-8")
    total = wrong = bad_trees = 0
    for seed in range(args.seed, args.seed + args.trees):
        n_paths, n_wrong = compare(os.path.abspath(args.tool), seed)
        total += n_paths
        wrong += n_wrong
        bad_trees += n_wrong > 0
    print("%d trees, %d paths, %d differences in %d trees" % (args.trees, total, wrong, bad_trees))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
