#!/usr/bin/env python3
"""Write the seeds of one fuzz target, those that follow from other files of the repository, into a directory; then run a program.

usage: seeds.py TARGET DIR [PROGRAM ARG…]

analyze: every golden input of tests/lang, behind a line with its language. read, json: bytes of each encoding, documents of each form. facts: areas that are cut, zero, or have
numbers at the edges in the place of offsets and lengths.
"""
import glob
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
EDGES = [0, 1, 63, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 8]
TEXTS = {
    "empty": b"", "utf8": "é\n".encode(), "bom": b"\xef\xbb\xbfx = 1\n", "utf16le": "\ufeffaé😀\n".encode("utf-16-le"),
    "utf16be": "\ufeffaé😀\n".encode("utf-16-be"), "half_pair": b"\xff\xfea\0\x3d\xd8z\0", "odd": b"\xff\xfea\0b", "utf32": b"\xff\xfe\0\0a\0\0\0",
    "latin1": b"caf\xe9\n", "nul": b"a\0b", "late_nul": b"a" * 9000 + b"\0" + b"b" * 900, "cr": b"a\rb\r\nc\r", "crlf": b"a\r\nb",
    "shebang": b"#!/usr/bin/env bash\necho\n", "cut": b"abc\xe2\x82", "overlong": b"\xc0\xaf\xe0\x80\xaf", "surrogate": b"\xed\xa0\x80",
}
DOCUMENTS = {
    "array": b"[1,-2.5e+10,0,0.1]", "object": b'{"a":{"b":[true,false,null]},"c":[]}', "escapes": b'["\\u00e9\\n\\"\\ud83d\\ude00"]',
    "nul_escape": b'["\\u0000"]', "lone": b'["\\ud800"]', "deep": b"[" * 64 + b"]" * 64, "deeper": b"[" * 65 + b"]" * 65, "open": b'{"a":[1,2', "comma": b"[1,]",
}


def facts():
    yield "zero", bytes(4096)
    yield "ones", b"\xff" * 4096
    yield "short", b"abc"
    documents = b'{"v":1}[{"name":"f"}][]'
    for i, a in enumerate(EDGES):
        for j, b in enumerate(EDGES):
            # every aligned place of the header takes its turn as offset and length
            yield f"edge_{i}_{j}", struct.pack("<QQQ", a, b, 1) * 80 + documents


def analyze():
    for path in glob.glob(os.path.join(HERE, "../lang/*/*/input.*")):
        language, case = path.split(os.sep)[-3:-1]
        with open(path, "rb") as source:
            yield f"{language}-{case}", language.encode() + b"\n" + source.read()
    yield "no_language", b"x = 1\n"


TARGETS = {"analyze": analyze, "read": TEXTS.items, "json": DOCUMENTS.items, "facts": facts}


def main():
    target, directory, *command = sys.argv[1:]
    os.makedirs(directory, exist_ok=True)
    for name, data in TARGETS[target]():
        with open(os.path.join(directory, name), "wb") as out:
            out.write(data)
    if command:
        os.execv(command[0], command)


main()
