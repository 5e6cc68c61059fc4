#!/usr/bin/env python3
"""Check the language folders and turn them into what the build needs.

usage: generate.py grammars              one line a grammar, for meson: id;folder;sources;optimize
       generate.py table OUT.c DEPFILE   the language table and its query files, as C; what it was made of, as a make rule
       generate.py files                 every file that decides which grammars there are, for meson to watch

A folder with a language.yaml is a language. README.md says what the keys mean. Anything unknown or malformed is an error with file and line.
"""
import glob
import hashlib
import json
import os
import re
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = ("code", "data", "markdown")
# The words of the valid column in src/model/metric.def; "all" needs no declaration.
CAPABILITIES = ("comments", "code", "logical_lines", "oo", "exports", "tests", "security", "class", "struct", "enum", "trait", "interface", "module", "impl",
                "type_alias", "constant", "macro")
KEYS = {  # key: (type, required)
    "": {"id": (str, True), "name": (str, True), "grammar": (dict, False), "match": (dict, True), "class": (str, True),
         "inherits": (str, False), "tests": (list, False), "capabilities": (list, False)},
    "grammar": {"npm": (str, True), "dir": (str, True), "symbol": (str, True), "sources": (list, True), "optimize": (bool, False)},
    "match": {"extensions": (list, False), "filenames": (list, False), "interpreters": (list, False), "content": (dict, False)},
    "content": {"extensions": (list, True), "line_starts": (list, True)},
}
TYPE_NAMES = {str: "a string", dict: "a mapping", list: "a list of strings", bool: "true or false"}


class Invalid(Exception):
    """What is wrong, with file and line."""


def place(path, node):
    return f"{os.path.relpath(path, os.path.dirname(HERE))}:{node.start_mark.line + 1}"


def convert(path, node, wanted):
    """The value of a YAML node that must be of type wanted, as Python data."""
    kind = {yaml.ScalarNode: str, yaml.SequenceNode: list, yaml.MappingNode: dict}[type(node)]
    if wanted is bool and node.tag == "tag:yaml.org,2002:bool":
        return node.value == "true"
    if kind is not wanted:
        raise Invalid(f"{place(path, node)}: expected {TYPE_NAMES[wanted]}")
    if wanted is list:
        return [convert(path, item, str) for item in node.value]
    return node.value


def convert_mapping(path, node, section, places):
    """A mapping checked against KEYS[section]; nested mappings likewise. places: gets the file and line of each key."""
    if not isinstance(node, yaml.MappingNode):
        raise Invalid(f"{place(path, node)}: expected a mapping")
    allowed = KEYS[section]
    result = {}
    for key_node, value_node in node.value:
        key = key_node.value
        where = place(path, key_node)
        if key not in allowed:
            raise Invalid(f'{where}: unknown key "{key}" (known here: {", ".join(allowed)})')
        if key in result:
            raise Invalid(f'{where}: key "{key}" appears twice')
        places.setdefault(key, where)
        wanted = allowed[key][0]
        result[key] = convert_mapping(path, value_node, key, places) if wanted is dict else convert(path, value_node, wanted)
    for key, (_, required) in allowed.items():
        if required and key not in result:
            raise Invalid(f'{place(path, node)}: key "{key}" is missing')
    return result


def load(path):
    """One language.yaml, checked."""
    with open(path, encoding="utf-8") as f:
        try:
            node = yaml.compose(f, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as e:
            raise Invalid(f"{path}:{e.problem_mark.line + 1}: {e.problem}") from e
    places = {}
    language = convert_mapping(path, node, "", places)
    if language["id"] != os.path.basename(os.path.dirname(path)):
        raise Invalid(f'{places["id"]}: id "{language["id"]}" is not the name of its folder')
    if language["class"] not in CLASSES:
        raise Invalid(f'{places["class"]}: class "{language["class"]}" is not one of {", ".join(CLASSES)}')
    for word in language.get("capabilities", []):
        if word not in CAPABILITIES:
            raise Invalid(f'{places["capabilities"]}: capability "{word}" is not one of {", ".join(CAPABILITIES)}')
    for glob_text in language.get("tests", []):
        if "**" in glob_text.removesuffix("/**"):
            raise Invalid(f'{places["tests"]}: "{glob_text}": "**" stands only at the end, as "/**"')
    language["places"] = places
    language["folder"] = os.path.dirname(path)
    return language


def load_all():
    languages = [load(p) for p in sorted(glob.glob(os.path.join(HERE, "*", "language.yaml")))]
    ids = [language["id"] for language in languages]
    for language in languages:
        if language.get("inherits", language["id"]) not in ids:
            raise Invalid(f'{language["places"]["inherits"]}: inherits "{language["inherits"]}", which is no language')
    for what in ("extensions", "filenames", "interpreters"):
        owner = {}
        for language in languages:
            for word in language["match"].get(what, []):
                if word in owner:
                    raise Invalid(f'{language["places"][what]}: "{word}" in {what} belongs to {owner[word]} already')
                owner[word] = language["id"]
    return languages


def package_versions():
    with open(os.path.join(HERE, "package.json"), encoding="utf-8") as f:
        return json.load(f)["dependencies"]


def query_files(language):
    """The .scm files of the folder that it inherits from, then its own; each by name."""
    folders = [os.path.join(HERE, language["inherits"])] if "inherits" in language else []
    return [path for folder in [*folders, language["folder"]] for path in sorted(glob.glob(os.path.join(folder, "*.scm")))]


def digest(language, version):
    """What a row of this language depends on, as one word: guards rows against other grammars, data and queries."""
    sha = hashlib.sha256(version.encode())
    for path in [os.path.join(language["folder"], "language.yaml"), *query_files(language)]:
        with open(path, "rb") as f:
            data = f.read()
        sha.update(f"\0{os.path.basename(path)}\0{len(data)}\0".encode() + data)
    return sha.hexdigest()


def print_grammars(languages):
    for language in languages:
        grammar = language.get("grammar")
        if not grammar:
            continue
        folder = os.path.join("node_modules", grammar["npm"], grammar["dir"])
        for source in grammar["sources"]:
            if not os.path.isfile(os.path.join(HERE, folder, source)):
                raise Invalid(f"parsers/{folder}/{source} is missing; run: npm ci --prefix parsers")
        print(";".join((language["id"], folder, ",".join(grammar["sources"]), "yes" if grammar.get("optimize") else "no")))


def print_files(languages):
    for language in languages:
        print(os.path.relpath(os.path.join(language["folder"], "language.yaml"), HERE))
    print("package.json")


def c_string(text):
    return '"' + re.sub(r'["\\?]', r"\\\g<0>", text) + '"'


def c_words(words):
    return "(const char *const[]){" + ", ".join([*map(c_string, words), "NULL"]) + "}"


def c_bytes(data):
    return ",".join(map(str, data + b"\0"))


def table_row(language, version, index):
    grammar, match = language.get("grammar"), language["match"]
    content = match.get("content", {})
    tests = [re.sub(r"/\*\*$", "/*", t) for t in language.get("tests", [])]
    fields = {
        "id": c_string(language["id"]), "name": c_string(language["name"]), "grammar": grammar["symbol"] if grammar else "NULL",
        "package": c_string(grammar["npm"] if grammar else ""), "version": c_string(version),
        "digest": c_string(digest(language, version)), "class": "LANGUAGE_" + language["class"].upper(), "queries": f"queries_{index}",
        "extensions": c_words(match.get("extensions", [])), "filenames": c_words(match.get("filenames", [])),
        "interpreters": c_words(match.get("interpreters", [])), "claims": c_words(content.get("extensions", [])),
        "line_starts": c_words(content.get("line_starts", [])), "tests": c_words(tests),
        "capabilities": c_words(language.get("capabilities", []))}
    return "    {" + ",\n     ".join(f".{name} = {value}" for name, value in fields.items()) + "},\n"


def table_queries(language, index):
    text, rows = "", []
    for number, path in enumerate(query_files(language)):
        name = f"query_{index}_{number}"
        with open(path, "rb") as f:
            text += f"static const unsigned char {name}[] = {{{c_bytes(f.read())}}};\n"
        shown = os.path.relpath(path, os.path.dirname(HERE))
        rows.append(f"{{{c_string(shown)}, {name}, sizeof({name}) - 1}}")
    rows.append("{NULL, NULL, 0}")
    return f"{text}static const struct embedded_file queries_{index}[] = {{{', '.join(rows)}}};\n"


def write_table(languages, out):
    versions = package_versions()
    text = '/* Written by parsers/generate.py from the language folders. */\n#include "analyze/language.h"\n'
    rows = ""
    for index, language in enumerate(languages):
        version, grammar = "", language.get("grammar")
        if grammar:
            if grammar["npm"] not in versions:
                raise Invalid(f'{language["places"]["npm"]}: package "{grammar["npm"]}" is not in parsers/package.json')
            version = versions[grammar["npm"]]
            text += f"extern const TSLanguage *{grammar['symbol']}(void);\n"
        text += table_queries(language, index)
        rows += table_row(language, version, index)
    text += f"const struct language languages[] = {{\n{rows}}};\nconst size_t language_count = {len(languages)};\n"
    with open(out, "w", encoding="utf-8") as f:
        f.write(text)


def write_depfile(languages, out, depfile):
    """The folders are in it too: their times change when a file comes or goes."""
    sources = [HERE, os.path.join(HERE, "package.json")]
    for language in languages:
        sources += [language["folder"], os.path.join(language["folder"], "language.yaml"), *query_files(language)]
    with open(depfile, "w", encoding="utf-8") as f:
        f.write(f"{out}: {' '.join(s.replace(' ', chr(92) + ' ') for s in sources)}\n")


def main():
    languages = load_all()
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "grammars":
        print_grammars(languages)
    elif command == "files":
        print_files(languages)
    elif command == "table" and len(sys.argv) == 4:
        write_table(languages, sys.argv[2])
        write_depfile(languages, sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except Invalid as error:
        sys.exit(f"{error}")
