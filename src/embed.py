#!/usr/bin/env python3
"""Turn files into one C table of byte arrays.

usage: embed.py OUT.c SYMBOL BASE_DIR FILE...

Writes `const struct embedded_file SYMBOL[]` (declared by the including layer: {const char *name; const unsigned char *bytes; size_t length;}),
sorted by name, names relative to BASE_DIR, ended by a row with name NULL. Each array has a NUL past its length.
"""
import os
import sys


def main():
    out, symbol, base, *paths = sys.argv[1:]
    rows = sorted((os.path.relpath(p, base), p) for p in paths)
    with open(out, "w", encoding="ascii") as c:
        c.write('#include "base/embedded.h"\n')
        for i, (_, path) in enumerate(rows):
            with open(path, "rb") as f:
                data = f.read()
            c.write(f"static const unsigned char file_{i}[] = {{" + ",".join(map(str, data + b"\0")) + "};\n")
        c.write(f"extern const struct embedded_file {symbol}[];\nconst struct embedded_file {symbol}[] = {{\n")
        for i, (name, path) in enumerate(rows):
            c.write(f'{{"{name}", file_{i}, sizeof(file_{i}) - 1}},\n')
        c.write("{0, 0, 0}};\n")


main()
