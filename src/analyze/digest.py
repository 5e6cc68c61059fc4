#!/usr/bin/env python3
"""Write a C header with one SHA-256 over source files, so that rows measured by other code are measured again.

usage: digest.py OUT.h FILE...
"""
import hashlib
import sys

out, *paths = sys.argv[1:]
digest = hashlib.sha256()
for path in paths:
    with open(path, "rb") as source:
        digest.update(source.read() + b"\0")
with open(out, "w", encoding="ascii") as header:
    header.write(f'#define ENGINE_DIGEST "{digest.hexdigest()}"\n')
