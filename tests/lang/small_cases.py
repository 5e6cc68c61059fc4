#!/usr/bin/env python3
"""Write the five small cases of each language from one seed: empty, crlf, bom, syntax_error, not_utf8.

usage: small_cases.py

The expected values follow from the definitions, not from a run:
  a seed begins with a comment line and a blank line (PHP: behind its tag; JSON and Markdown have no comments), all other lines are code;
  its function, if the language has any, has one parameter (Bash: none) and one `if`: cyclomatic 1 + 1, cognitive 1 (Nix, where every `if`
  has an `else`: 2), nesting depth 1;
  a carriage return belongs to the end of its line, a last line without a newline is a line, a byte order mark belongs to no token, and
  the bytes that are not UTF-8 stand in a comment or text and are replaced before parsing, so that none of them changes what the seed says.
"""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))

# language: (extension, lines, first and last line of twice() or None, a line that breaks the grammar or None, keys or headings)
SEEDS = {
    "bash": ("sh", ["# note", "", "twice() {", "  if [ $1 ]; then", "    echo 2", "  fi", "}"], (3, 7), "if then ((", []),
    "c": ("c", ["// note", "", "int twice(int a)", "{", "    if (a)", "        a *= 2;", "    return a;", "}"], (3, 8), "int = = ;", []),
    "cpp": ("cpp", ["// note", "", "int twice(int a)", "{", "    if (a)", "        a *= 2;", "    return a;", "}"], (3, 8), "int = = ;", []),
    "csharp": ("cs", ["// note", "", "class C", "{", "    int twice(int a)", "    {", "        if (a > 0)", "            a *= 2;",
                      "        return a;", "    }", "}"], (5, 10), "class = = ;", []),
    "elixir": ("ex", ["# note", "", "defmodule C do", "  def twice(a) do", "    if a do", "      2", "    end", "  end", "end"], (4, 8),
               "def ) (", []),
    "go": ("go", ["// note", "", "package c", "func twice(a int) int {", "\tif a > 0 {", "\t\ta *= 2", "\t}", "\treturn a", "}"], (4, 9),
           "func = = (", []),
    "java": ("java", ["// note", "", "class C {", "    int twice(int a) {", "        if (a > 0)", "            a *= 2;", "        return a;",
                      "    }", "}"], (4, 8), "class = = ;", []),
    "javascript": ("js", ["// note", "", "function twice(a) {", "  if (a)", "    a *= 2;", "  return a;", "}"], (3, 7), "function = = (;", []),
    "json": ("json", ["{", "  \"name\": \"note\",", "  \"list\": [1]", "}"], None, "{\"a\": ]", ["name", "list"]),
    "markdown": ("md", ["# Title", "note", "", "## Part", "text"], None, None, ["Title", "Part"]),
    "nix": ("nix", ["# note", "", "{", "  twice = a:", "    if a then 2", "    else 0;", "}"], (4, 6), "= ; }", []),
    "php": ("php", ["<?php", "// note", "", "function twice($a) {", "  if ($a)", "    $a *= 2;", "  return $a;", "}"], (4, 8),
            "function = = (;", []),
    "python": ("py", ["# note", "", "def twice(a):", "    if a:", "        a *= 2", "    return a"], (3, 6), "def = = (", []),
    "ruby": ("rb", ["# note", "", "def twice(a)", "  if a", "    a *= 2", "  end", "  a", "end"], (3, 8), "def = ) (", []),
    "rust": ("rs", ["// note", "", "fn twice(a: bool) -> i32 {", "    if a {", "        return 2;", "    }", "    0", "}"], (3, 8),
             "fn = = (;", []),
    "toml": ("toml", ["# note", "", "name = 1", "list = [2]"], None, "= = [", ["name", "list"]),
    "tsx": ("tsx", ["// note", "", "function twice(a: number) {", "  if (a)", "    a *= 2;", "  return a;", "}"], (3, 7), "function = = (;", []),
    "typescript": ("ts", ["// note", "", "function twice(a: number) {", "  if (a)", "    a *= 2;", "  return a;", "}"], (3, 7),
                   "function = = (;", []),
    "yaml": ("yaml", ["# note", "", "name: 1", "list: [2]"], None, "a: [b", ["name", "list"]),
}


def facts_of_seed(language, lines, span, names):
    comment = 0 if language in ("json", "markdown") else 1
    blank = lines.count("")
    metrics = {"lines_total": len(lines), "lines_comment": comment, "lines_blank": blank, "lines_code": len(lines) - comment - blank,
               "parse_error_count": 0}
    facts = {"language": language, "parse_status": "ok", "metrics": metrics}
    if span:
        cognitive = 2 if language == "nix" else 1
        metrics.update(function_count=1, cyclomatic_complexity=2, cognitive_complexity=cognitive, nesting_depth_max=1)
        facts["functions"] = [{"name": "twice", "line": span[0], "end_line": span[1], "parameter_count": 0 if language == "bash" else 1,
                               "cyclomatic_complexity": 2, "cognitive_complexity": cognitive, "nesting_depth_max": 1}]
    else:
        metrics["function_count"] = None
        facts["functions"] = []
        facts["symbols"] = [{"name": name, "line": line + 1} for name in names for line, text in enumerate(lines) if name in text]
    return facts


def empty_facts(language, span):
    metrics = {"lines_total": 0, "lines_code": 0, "lines_comment": 0, "lines_blank": 0, "size_bytes": 0, "comment_ratio": None,
               "line_length_mean": None, "parse_error_count": 0, "function_count": 0 if span else None,
               "cyclomatic_complexity": 0 if span else None, "cyclomatic_complexity_max": None, "documentation_coverage": None}
    return {"language": language, "parse_status": "ok", "metrics": metrics, "functions": [], "classes": [], "imports": [], "exports": [],
            "symbols": []}


def broken_facts(language, span):
    metrics = {"parse_error_count": {"min": 1}}
    if span:
        metrics["function_count"] = {"min": 1}
    return {"language": language, "parse_status": "partial", "metrics": metrics}


def write_case(language, case, extension, data, facts):
    folder = os.path.join(HERE, language, case)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"input.{extension}"), "wb") as f:
        f.write(data)
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as f:
        json.dump(facts, f, indent=2, ensure_ascii=False)
        f.write("\n")


def main():
    for language, (extension, lines, span, broken, names) in SEEDS.items():
        text = "\n".join(lines).encode()
        seed = facts_of_seed(language, lines, span, names)
        write_case(language, "empty", extension, b"", empty_facts(language, span))
        write_case(language, "crlf", extension, text.replace(b"\n", b"\r\n"), seed)
        write_case(language, "bom", extension, b"\xef\xbb\xbf" + text + b"\n", seed)
        write_case(language, "not_utf8", extension, text.replace(b"note", b"caf\xe9 \xff") + b"\n", seed)
        if broken:
            write_case(language, "syntax_error", extension, text + b"\n" + broken.encode() + b"\n", broken_facts(language, span))
        else:  # every text is Markdown, also an open code block
            write_case(language, "syntax_error", extension, text + b"\n```\n", seed | {"metrics": {"parse_error_count": 0}})


if __name__ == "__main__":
    main()
