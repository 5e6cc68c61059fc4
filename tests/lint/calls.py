#!/usr/bin/env python3
"""Who may call what: threads, libpq, tree-sitter, cyaml, printing; and what nobody calls."""
import os
import re

from _source import TOP, Rule, c_files, finish, read, split_c

# (sentence, pattern in code, paths that may)
PLACES = [
    ("pthread_ only in base/stage.c", r"\bpthread_\w+", r"src/base/stage\.c"),
    ("PQ only in store/pg*.c", r"\bPQ[a-z]\w*\s*\(", r"src/store/pg\w*\.[ch]"),
    ("ts_ only in analyze/", r"\bts_\w+\s*\(", r"src/analyze/.*"),
    ("cyaml only in app/config*.c", r"\bcyaml_\w+\s*\(", r"src/app/config\w*\.c"),
    ("printf only in base/log.c and app/", r"\b(printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|perror)\s*\(", r"src/(base/log\.c|app/.*)"),
    ("no call without a bound, with hidden state or blind to errors",
     r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|atoi|atol|atof|localtime|gmtime|gets|mktemp|tmpnam|system)\s*\(", r"src/base/attr\.h"),
    ("no switch over languages", r"\bswitch\s*\(\s*[\w.>-]*\blanguage(_id)?\s*\)", r"$^"),
]
# Words that are output formats, or shells with completion, as well.
NOT_ONLY_LANGUAGES = {"json", "yaml", "markdown", "c", "bash", "zsh"}
# The log, and the allocator of a process that parses one file at a time: tree-sitter hands it no pointer of ours.
MAY_HAVE_STATE = {"src/base/log.c", "src/analyze/capped_alloc.c"}


def languages():
    folder = os.path.join(TOP, "parsers")
    return {name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, "language.yaml"))} - NOT_ONLY_LANGUAGES


def check_backward_goto(path, code, rule):
    labels = {}
    for number, text in enumerate(code.splitlines(), 1):
        if text.startswith("}"):
            labels = {}
        label = re.match(r"\s*([A-Za-z_]\w*):\s*$", text)
        if label and label.group(1) != "default":
            labels[label.group(1)] = number
        jump = re.search(r"\bgoto\s+(\w+)\s*;", text)
        if jump and jump.group(1) in labels:
            rule.breach(path, number, "goto %s goes back to line %d" % (jump.group(1), labels[jump.group(1)]))


def check_state(path, code, rule):
    for number, text in enumerate(code.splitlines(), 1):
        if re.match(r"\s*static\s+(?!inline\b|_Noreturn\b|CHECKED\b|UNUSED\b|PRINTF_LIKE\b)(?!.*\bconst\b)[^()]*(;|=)", text):
            rule.breach(path, number, text.strip())


def main():
    rules = [(Rule(sentence), re.compile(pattern), re.compile(places)) for sentence, pattern, places in PLACES]
    goto, state = Rule("goto only goes forward"), Rule("no variable that outlives a call, but in the log and the capped allocator")
    named, ids = Rule("no language is named in C"), languages()
    for path in c_files("src/"):
        code, _, strings = split_c(read(path))
        for rule, pattern, places in rules:
            if places.fullmatch(path):
                continue
            for number, text in enumerate(code.splitlines(), 1):
                if pattern.search(text):
                    rule.breach(path, number, text.strip())
        check_backward_goto(path, code, goto)
        if path not in MAY_HAVE_STATE:
            check_state(path, code, state)
        for number, text in strings:
            if text.lower() in ids:
                named.breach(path, number, '"%s"' % text)
    for rule in [rule for rule, _, _ in rules] + [goto, state, named]:
        rule.close()
    finish()


main()
