#!/usr/bin/env python3
"""Write source files that break parsers, or come near to it, into a directory.

usage: pathological.py DIR

Each case is a file NAME.EXT. The sizes were chosen so that each stands for a known way to fail: nesting, long chains, scanners that loop or
overflow their state, quadratic lexing, memory a hundred times the source, and bytes that are no text. The cases are the same at every run.
"""
import os
import random
import sys

MIB = 1 << 20
# language extension: text before, opening, between, closing, text after
NESTS = {
    "js": [("x=", "(", "1", ")", ";\n"), ("x=", "[", "1", "]", ";\n"), ("", "{", ";", "}", "\n"), ("", "if(a){", ";", "}", "\n")],
    "json": [("", "[", "1", "]", "\n"), ("", '{"a":', "1", "}", "\n")],
    "c": [("int x=", "(", "1", ")", ";\n"), ("void f(void)", "{", ";", "}", "\n")],
    "cpp": [("int x=", "(", "1", ")", ";\n"), ("int x=", "<", "", "", "\n")],
    "py": [("x=", "(", "1", ")", "\n"), ("x=", "[", "1", "]", "\n")],
    "rs": [("fn m(){let x=", "(", "1", ")", ";}\n")],
    "go": [("package a\nvar x=", "(", "1", ")", "\n")],
    "ex": [("x = ", "[", "1", "]", "\n"), ("x = ", "(", "1", ")", "\n")],
    "nix": [("", "(", "1", ")", "\n"), ("", "{a=", "1", ";}", "\n")],
    "sh": [("x=", "$(", "a", ")", "\n"), ("", "(", "a", ")", "\n")],
    "yaml": [("", "[", "1", "]", "\n"), ("", "- ", "1", "", "\n"), ("", "{a: ", "1", "}", "\n")],
    "md": [("", ">", "a", "", "\n"), ("", "- ", "a", "", "\n"), ("", "[", "a", "]", "\n")],
    "toml": [("a=", "[", "1", "]", "\n")],
    "rb": [("x=", "[", "1", "]", "\n"), ("x=", "(", "1", ")", "\n")],
    "php": [("<?php $x=", "(", "1", ")", ";\n")],
    "ts": [("let x=", "(", "1", ")", ";\n"), ("let x:", "Array<", "a", ">", ";\n")],
    "tsx": [("let x=", "<a>", "b", "</a>", ";\n")],
    "java": [("class A{int x=", "(", "1", ")", ";}\n")],
    "cs": [("class A{int x=", "(", "1", ")", ";}\n")],
}


def nests(depth):
    for ext, rows in NESTS.items():
        for i, (before, opening, middle, closing, after) in enumerate(rows):
            yield f"nest{i}.{ext}", before + opening * depth + middle + closing * depth + after
            yield f"open{i}.{ext}", before + opening * depth + "\n"


def chains():
    yield "terms.js", "x=" + "+".join(["a"] * MIB)[: MIB] + "a;\n"
    yield "lines.js", "x=" + "+\n".join(["a"] * 200000) + ";\n"
    yield "terms.py", "x=" + "+".join(["a"] * (MIB // 2)) + "\n"
    yield "else_if.c", "void f(int x){" + "".join(f"if(x=={i})g();else\n" for i in range(50000)) + "h();}\n"
    yield "elif.py", "if x:\n  pass\n" + "".join(f"elif x=={i}:\n  pass\n" for i in range(50000))
    yield "concat.ex", "x = " + " <>\n".join(['"a"'] * 100000) + "\n"
    yield "pipe.ex", "x" + "".join(f"\n|> f({i})" for i in range(70000)) + "\n"
    yield "macros.c", "".join(f"#define M{i}(x) M{i - 1}(x) M{i - 1}(x)\nM{i}(a)\n" for i in range(1, 20000))


def scanners():
    """What grammars keep in the 1,024 bytes of their scanner's state, and scanners that do not come back."""
    yield "quotes.md", ">" * 300 + "\n"
    yield "list_deep.md", "".join("  " * i + "- a\n" for i in range(600))
    yield "sequence_deep.yaml", "- " * 300 + "a\n"
    yield "indent.py", "".join(" " * i + "if x:\n" for i in range(700)) + " " * 700 + '"""open\n'
    yield "heredoc.rb", 'x = <<~"' + "A" * 3000 + '"\n' + "a" * 3000 + "\n" + "A" * 3000 + "\n"
    yield "heredocs.sh", "".join(f"cat <<E{i} " for i in range(2000)) + "\n" + "".join(f"x\nE{i}\n" for i in range(2000))
    yield "heredoc_long.sh", "cat <<" + "A" * 3000 + "\nx\n" + "A" * 3000 + "\n"
    yield "raw_long.rs", "fn m(){let x=r" + "#" * 300 + '"a"' + "#" * 300 + ";}\n"
    yield "raw_long.cpp", 'auto x=R"' + "d" * 3000 + "(a)" + "d" * 3000 + '";\n'
    yield "lines.yaml", "a: 1\n" * 40000
    yield "table.md", "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + ("|" + "b|" * 5000 + "\n") * 50
    yield "newlines.md", "\n" * (MIB - 1)
    yield "newlines.toml", "\n" * (4 * MIB - 1)
    yield "interpolation.js", "x=" + "`${" * 20000 + "1" + "}`" * 20000 + ";\n"
    yield "interpolation.php", "<?php $x = \"" + "{$a[" * 5000 + "1" + "]}" * 5000 + "\";\n"


def dense():
    yield "dense.js", "\n".join(["function a(b,c){return b+c*(d?1:2)};"] * (2 * MIB // 40))
    yield "dense.json", "[" + ",\n".join(["1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"] * (4 * MIB // 34 - 1)) + "]\n"
    yield "one_line.js", "a;" * (5 * MIB // 2)
    yield "one_word.py", "a" * (2 * MIB)
    yield "open_quote.ts", '"' + "a" * (2 * MIB - 2)
    yield "huge.json", "[" + "1," * (15 * MIB) + "1]"


def generated():
    """A parser as a generator writes it: 29 MB of tables and of one function with a switch of 30,000 cases; and C that is macros for the most part."""
    table = "  [%d] = {\n    [ts_builtin_sym_end] = ACTIONS(%d),\n    [sym_identifier] = ACTIONS(%d),\n    [anon_sym_LBRACE] = ACTIONS(%d),\n  },\n"
    states = "    case %d:\n      if (lookahead == 'a' && eof) ADVANCE(%d);\n      END_STATE();\n"
    yield "parser.c", (
        '#include "tree_sitter/parser.h"\n\nstatic bool ts_lex(TSLexer *lexer, TSStateId state) {\n  START_LEXER();\n  switch (state) {\n'
        + "".join(states % (i, i + 1) for i in range(30000))
        + "  }\n}\n\nstatic const uint16_t ts_parse_table[LARGE_STATE_COUNT][SYMBOL_COUNT] = {\n"
        + "".join(table % (i, i, i + 1, i + 2) for i in range(187000))
        + "};\n"
    )
    block = "DECLARE_%d(a, struct b *, unsigned long)\nEXPORT_SYMBOL(a%d);\n#if X%d\nstatic int f%d(int a) {\n#else\nstatic int f%d(void) {\n#endif\n  FOR_EACH(a, &b) { if (a) RETURN(%d) }\n}\n\n"
    yield "macro_heavy.c", "".join(block % ((i,) * 6) for i in range(6000))


def noise():
    soup = " \n()[]{}<>\"'`#$@!%&*+-/;:,.=abcxyz019_\\|~"
    for ext in NESTS:
        source = random.Random(ext)
        yield f"random.{ext}", source.randbytes(MIB // 2)
        yield f"bytes.{ext}", source.randbytes(100 << 10).replace(b"\0", b"\n")
        yield f"soup.{ext}", "".join(source.choices(soup, k=MIB // 2))
        yield f"late_nul.{ext}", "a\n" * 5000 + "\0" + "a\n" * 5000
        yield f"nul.{ext}", b"\0" * MIB
        yield f"high.{ext}", b"\xff" * (300 << 10)
        yield f"spaces.{ext}", " " * MIB
        yield f"empty.{ext}", ""


def main():
    (directory,) = sys.argv[1:]
    for family in (nests(50000), chains(), scanners(), dense(), generated(), noise()):
        for name, text in family:
            with open(os.path.join(directory, name), "wb") as out:
                out.write(text.encode() if isinstance(text, str) else text)


if __name__ == "__main__":
    main()
