#!/usr/bin/env python3
"""A layer includes only what it may: the folders of src/ are law."""
import os
import re

from _source import TOP, Rule, c_files, finish, read

MAY_INCLUDE = {
    "base": {"base"},
    "model": {"base", "model"},
    "watch": {"base", "model", "watch"},
    "analyze": {"base", "model", "analyze"},
    "store": {"base", "model", "store"},
    "app": {"base", "model", "watch", "analyze", "store", "app"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def includes(path):
    for number, text in enumerate(read(path).splitlines(), 1):
        found = INCLUDE.match(text)
        if found:
            yield number, found.group(1)


def main():
    layers = Rule("a layer includes only itself and the layers below it")
    names = Rule('own includes are written "layer/file.h"')
    first = Rule("a .c file includes its own header first")
    for path in c_files("src/"):
        layer = path.split("/")[1]
        if layer not in MAY_INCLUDE:
            layers.breach(path, 1, "the folder %s is no layer" % layer)
            continue
        seen = list(includes(path))
        for number, name in seen:
            target = name.split("/")[0]
            if "/" not in name or target not in MAY_INCLUDE:
                names.breach(path, number, name)
            elif target not in MAY_INCLUDE[layer]:
                layers.breach(path, number, "%s must not include %s" % (layer, name))
        own = path[len("src/"):-2] + ".h"
        if path.endswith(".c") and os.path.exists(os.path.join(TOP, "src", own)) and (not seen or seen[0][1] != own):
            first.breach(path, seen[0][0] if seen else 1, "%s comes first" % own)
    for rule in (layers, names, first):
        rule.close()
    finish()


main()
