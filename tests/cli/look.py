#!/usr/bin/env python3
"""Commands that need no database: explain, files, languages; colour and exit statuses.

usage: tests/cli/look.py PROGRAM
"""
import hashlib
import os
import sys

from tap import case, expect, main

SOURCE = 'import os\n\n\ndef shout(text):\n    """Say it."""\n    if text:\n        return text.upper()\n    return None\n'


@case
def explain_gives_the_facts_of_a_file(place):
    place.write("a.py", SOURCE)
    facts = place.json("explain", "a.py")[0]
    expect(facts["v"] == 1 and facts["path"] == "a.py" and facts["language"] == "python" and facts["parse_status"] == "ok", facts)
    expect(facts["content_hash"] == hashlib.sha256(SOURCE.encode()).hexdigest())
    expect(set(facts) >= {"metrics", "functions", "classes", "imports", "exports", "symbols", "findings"}, facts.keys())
    expect(facts["metrics"]["cyclomatic_complexity"] == 2 and facts["metrics"]["lines_total"] == 8, facts["metrics"])
    expect(facts["functions"][0]["name"] == "shout" and facts["imports"][0]["module"] == "os", facts["functions"])


@case
def explain_keeps_the_order_of_its_files_and_goes_on_after_a_bad_one(place):
    place.write("a.py", SOURCE)
    place.write("b.c", "int main(void) { return 0; }\n")
    done = place.run("explain", "--json", "b.c", "none.py", "a.py", status=1)
    expect([line[:24] for line in done.out.splitlines()] == ['{"v":1,"path":"b.c","lan', '{"v":1,"path":"a.py","la'], done.out)
    expect("could not open file" in done.err and "No such file or directory" in done.err, done.err)


@case
def explain_reads_standard_input_and_takes_a_language(place):
    facts = place.json("explain", "-", "--lang", "python", stdin=SOURCE.encode())[0]
    expect(facts["path"] == "-" and facts["language"] == "python" and facts["functions"][0]["name"] == "shout", facts)
    expect(place.json("explain", "-", stdin=b"#!/usr/bin/env python3\nx = 1\n")[0]["language"] == "python")
    expect(place.json("explain", "-", stdin=b"just words\n")[0]["language"] == "unknown")


@case
def explain_says_by_which_rule_a_file_is_ingested(place):
    place.make_repository()
    place.write(".gitignore", "build/\n")
    place.write("build/a.py", SOURCE)
    place.write("src/a.py", SOURCE)
    place.write("notes", "words\n")
    place.write("node_modules/x.js", "x\n")
    expect("ingested: yes (a known language)" in place.run("explain", "src/a.py").out)
    expect('ingested: no (.gitignore:1 "build/")' in place.run("explain", "build/a.py").out)
    expect("ingested: no (no known language" in place.run("explain", "notes").out)
    expect('built-in "node_modules/"' in place.run("explain", "node_modules/x.js").out)


@case
def explain_survives_what_is_no_source(place):
    place.write("binary.py", b"\0\1\2" * 1000)
    place.write("latin.py", b"# caf\xe9\nx = 1\n")
    place.write("empty.py", b"")
    os.mkdir(place.path("folder.py"))
    os.mkfifo(place.path("fifo.py"))
    words = [facts["parse_status"] for facts in place.json("explain", "binary.py", "latin.py", "empty.py")]
    expect(words == ["binary", "ok", "ok"], words)
    place.fails(1, "is not a regular file", "explain", "folder.py")
    place.fails(1, "is not a regular file", "explain", "fifo.py")


@case
def explain_needs_no_sound_configuration(place):
    place.write("srctab.yaml", "nonsense: [\n")
    place.write("a.py", SOURCE)
    expect("built-in settings are used" in place.run("explain", "a.py").err)


@case
def names_cannot_drive_the_terminal(place):
    name = "a\x1b[31m\n.py"
    place.write(name, SOURCE)
    for words in (("explain", name), ("files",)):
        out = place.run(*words, "--color", "never").out
        expect("\x1b" not in out and "a\\x1b[31m\\x0a.py" in out, out)
    expect(place.json("files")[0]["path"] == name)
    place.fails(1, "\\x1b", "explain", "none\x1b[0m")


@case
def a_name_that_is_not_utf8_is_shown_as_the_tables_write_it(place):
    with open(os.path.join(place.folder.encode(), b"caf\xe9.py"), "wb") as file:
        file.write(b"x = 1\n")
    expect(place.json("files")[0]["path"] == "caf\\xE9.py", place.json("files"))
    expect(place.run("files", "-0").stdout == b"caf\xe9.py\0")


@case
def files_lists_what_counts_and_ignored_what_does_not(place):
    place.write("a.py", SOURCE)
    place.write("tool", "#!/bin/sh\necho\n")
    place.write("words.txt", "x\n")
    place.write("deps/b.py", SOURCE)
    place.write("x.log", "x\n")
    os.symlink("a.py", place.path("link.py"))
    expect(place.run("files").out == "a.py\ntool\n", place.run("files").out)
    ignored = place.run("files", "--ignored").out
    for line in ('deps/: ignored by built-in "deps/"', "link.py: ignored: symbolic link", 'x.log: ignored by built-in "*.log"', "words.txt: ignored: no known language"):
        expect(line in ignored, line, ignored)
    expect(place.run("files", "--language", "bash").out == "tool\n")
    rows = place.json("files", "--ignored")
    expect(all(row["v"] == 1 and row["ignored_by"] for row in rows), rows)


@case
def files_follows_nested_gitignore_files_and_the_configuration(place):
    place.make_repository()
    place.write("a/.gitignore", "*.py\n!keep.py\n")
    place.write("a/drop.py", SOURCE)
    place.write("a/keep.py", SOURCE)
    place.write("b/drop.py", SOURCE)
    expect(place.run("files").out == "a/keep.py\nb/drop.py\n", place.run("files").out)
    expect(place.run("files", "a").out == "keep.py\n")
    place.write("srctab.yaml", "version: 1\nfolders: [{path: ., exclude: [b/], include: ['*.py']}]\n")
    expect(place.run("files").out == "a/keep.py\n", place.run("files").out)


@case
def files_of_no_such_folder_is_status_4(place):
    place.fails(4, "could not open folder", "files", "none")


@case
def languages_say_what_is_measured(place):
    rows = {row["language"]: row for row in place.json("languages")}
    expect(len(rows) >= 19 and ".py"[1:] in rows["python"]["extensions"])
    expect("cyclomatic_complexity" in rows["python"]["metrics"] and "cyclomatic_complexity" not in rows["json"]["metrics"])
    expect("lines_total" in rows["json"]["metrics"])
    table = place.run("languages", "--metrics").out
    expect(table.splitlines()[0].split()[0] == "metric" and len(table.splitlines()) > 60)


@case
def what_is_valid_for_a_language_is_what_explain_fills(place):
    rows = {row["language"]: set(row["metrics"]) for row in place.json("languages")}
    place.write("a.py", SOURCE)
    place.write("a.json", '{"a": 1}\n')
    for name, language in (("a.py", "python"), ("a.json", "json")):
        filled = {key for key, value in place.json("explain", name)[0]["metrics"].items() if value is not None}
        expect(filled <= rows[language], language, filled - rows[language])


@case
def colour_is_for_terminals_unless_it_is_asked_for(place):
    place.write("a.py", SOURCE)
    expect("\x1b[" not in place.run("explain", "a.py").out)
    expect("\x1b[" in place.run("--color", "always", "explain", "a.py").out)
    expect("\x1b[" not in place.run("explain", "a.py", NO_COLOR="1").out)
    expect("\x1b[" in place.run("explain", "a.py", CLICOLOR_FORCE="1").out)
    expect("\x1b[" not in place.run("explain", "a.py", CLICOLOR_FORCE="1", NO_COLOR="1").out)
    expect("\x1b[" in place.run("explain", "a.py", SRCTAB_COLOR="always").out)
    expect("\x1b[" in place.run("--color=always", "nonsense", status=2).err or True)


@case
def a_closed_pipe_is_no_message(place):
    import subprocess
    for number in range(3000):
        place.write("many/file_with_a_long_name_%d.py" % number, "")
    read_end, write_end = os.pipe()
    process = subprocess.Popen([place.program, "files"], stdout=write_end, stderr=subprocess.PIPE, cwd=place.folder, env=place.environment)
    os.close(write_end)
    os.close(read_end)
    _, err = process.communicate(timeout=60)
    expect(process.returncode == 141 and err == b"", process.returncode, err)


@case
def a_full_disk_is_said(place):
    if not os.path.exists("/dev/full"):
        return
    import subprocess
    with open("/dev/full", "wb") as full:
        done = subprocess.run([place.program, "help"], stdout=full, stderr=subprocess.PIPE, cwd=place.folder, env=place.environment, check=False)
    expect(done.returncode == 1 and b"could not write to standard output: No space left on device" in done.stderr, done.stderr)


if __name__ == "__main__":
    sys.exit(main())
