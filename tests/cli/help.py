#!/usr/bin/env python3
"""Help, manual page, completion and "did you mean": all made from one table of commands.

usage: tests/cli/help.py PROGRAM
"""
import os
import re
import shutil
import subprocess
import sys

from tap import TOP, case, expect, main

COMMANDS = ["watch", "ingest", "wait", "verify", "enqueue", "folders", "explain", "files", "status", "audit", "q", "check", "report", "db", "psql", "doctor",
            "health", "languages", "config", "completion", "help"]


def options_of(place, command):
    return sorted(set(re.findall(r"(?:^|\s)(--[a-z-]+)", place.run("help", command).out.split("Options of every command:")[0])))


@case
def the_overview_names_every_command(place):
    text = place.run("help").out
    for command in COMMANDS:
        expect(re.search(r"^  %s " % command, text, re.M), command, text)
    expect(place.run("--help").out == text)


@case
def help_is_at_most_80_columns_wide(place):
    for command in [None] + COMMANDS:
        text = place.run("help", *([command] if command else [])).out
        for line in text.splitlines():
            expect(len(line) <= 80, command, line)


@case
def help_of_a_command_is_the_same_by_flag_and_by_word(place):
    for command in COMMANDS:
        expect(place.run(command, "--help").out == place.run("help", command).out, command)


@case
def help_goes_to_stdout_and_a_usage_error_to_stderr(place):
    expect(place.run("--help").err == "")
    done = place.run(status=2)
    expect(done.out == "" and "no command was given" in done.err, done.err)


@case
def the_manual_page_in_docs_is_what_the_program_prints(place):
    with open(os.path.join(TOP, "docs", "srctab.1"), encoding="utf-8") as page:
        expect(page.read() == place.run("help", "--man").out, "docs/srctab.1 is old; run: ninja -C build docs")


@case
def the_manual_page_and_completions_name_every_option(place):
    page = place.run("help", "--man").out.replace("\\-", "-")
    shells = {shell: place.run("completion", shell).out for shell in ("bash", "zsh", "fish")}
    for command in COMMANDS:
        for option in options_of(place, command):
            expect(option in page, command, option)
            expect(option in shells["bash"] and option in shells["zsh"] and ("-l %s" % option[2:]) in shells["fish"], command, option)


@case
def the_reference_of_metrics_in_docs_is_what_the_program_prints(place):
    with open(os.path.join(TOP, "docs", "metrics.md"), encoding="utf-8") as page:
        expect(page.read() == place.run("languages", "--reference").out, "docs/metrics.md is old; run: ninja -C build docs")


@case
def completion_of_bash_is_bash_and_completes_words(place):
    script = place.run("completion", "bash").out + """
complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _srctab; echo "${COMPREPLY[*]}"; }
complete_line srctab inge
complete_line srctab db st
complete_line srctab watch --no-d
complete_line srctab --color al
complete_line srctab check --format git
complete_line srctab -c x.yaml heal
complete_line srctab help expl
"""
    done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=place.path("home"), check=False)
    expect(done.returncode == 0 and done.stderr == b"", done.stderr)
    expect(done.stdout.decode().splitlines() == ["ingest", "start stop status", "--no-debounce", "always", "github gitlab", "health", "explain"], done.stdout)


@case
def completions_of_zsh_and_fish_can_be_sourced(place):
    for shell, words in (("zsh", "autoload -U compinit; compinit -u -D; source %s; print -r $_comps[srctab]"), ("fish", 'source %s; complete -C"srctab wat"')):
        program = shutil.which(shell)
        if program is None:
            continue
        place.write("complete", place.run("completion", shell).out)
        done = subprocess.run([program, "-f" if shell == "zsh" else "-N", "-c", words % place.path("complete")], env={**place.environment, "HOME": place.folder},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        expect(done.stdout.decode().split()[:1] == ["_srctab" if shell == "zsh" else "watch"], shell, done.stdout)


@case
def an_unknown_command_names_the_nearest(place):
    place.fails(2, 'unknown command "wacth" (did you mean "watch"?)', "wacth")
    place.fails(2, 'unknown command "ingets" (did you mean "ingest"?)', "help", "ingets")
    expect("did you mean" not in place.fails(2, "unknown command", "zzzzzzzz").err)


@case
def an_unknown_option_names_the_nearest(place):
    place.fails(2, 'unknown option "--debouce" (did you mean "--debounce"?)', "watch", "--debouce=1s")
    place.fails(2, 'unknown option "--jsn" (did you mean "--json"?)', "--jsn", "status")
    place.fails(2, 'unknown option "-x"', "status", "-x")


@case
def an_unknown_word_names_the_nearest(place):
    place.fails(2, '"strat" is not one of start, stop, status, url, destroy (did you mean "start"?)', "db", "strat")
    place.fails(2, '--color: "sometimes" is not one of auto, always, never', "--color", "sometimes", "help")
    place.fails(2, 'unknown language "pyton" (did you mean "python"?)', "explain", "--lang", "pyton", "-")
    place.fails(2, 'unknown query "hotspot" (did you mean "hotspots"?)', "q", "hotspot")


@case
def durations_need_a_unit_and_numbers_a_range(place):
    place.fails(2, '"500" is not a duration with a unit', "watch", "--debounce", "500")
    place.fails(2, "is not a whole number from 0 to 256", "ingest", "--jobs", "many")
    place.fails(2, "is not a whole number from 0 to 256", "ingest", "--jobs", "1000")
    place.fails(2, "--debounce needs an argument", "watch", "--debounce")
    place.fails(2, "--full takes no argument", "ingest", "--full=yes")


@case
def too_few_and_too_many_words_are_refused(place):
    place.fails(2, "explain needs an argument: FILE...", "explain")
    place.fails(2, 'unexpected argument "b"', "files", "a", "b")
    place.fails(2, "q callers needs an argument: name", "q", "callers")
    place.fails(2, "folders add needs an argument: DIR", "folders", "add")


@case
def options_may_stand_before_and_after_the_command(place):
    place.write("a.py", "x = 1\n")
    for words in (("--json", "explain", "a.py"), ("explain", "--json", "a.py"), ("explain", "a.py", "--json"), ("explain", "--json", "--", "a.py")):
        expect(place.run(*words).out.startswith('{"v":1,"path":"a.py"'), words)


@case
def errors_are_json_with_json(place):
    import json
    done = place.run("--json", "wacth", status=2)
    error = json.loads(done.err)
    expect(error["v"] == 1 and error["error"]["kind"] == "usage" and error["error"]["exit"] == 2 and "watch" in error["error"]["message"], done.err)


@case
def texts_are_one_object_with_json(place):
    for words in (["help"], ["help", "watch"], ["completion", "bash"], ["config", "example"], ["q", "hotspots", "--sql"]):
        objects = place.json(*words)
        expect(len(objects) == 1 and objects[0]["v"] == 1, words)
        expect(objects[0]["text"] == place.run(*words).out, words)


@case
def the_version_is_one_line(place):
    expect(re.fullmatch(r"srctab \d+\.\d+\.\d+\n", place.run("--version").out))
    expect(set(place.json("--version")[0]) == {"v", "version"})


if __name__ == "__main__":
    sys.exit(main())
