#!/usr/bin/env python3
"""Configuration: where it comes from, what wins, what is refused and where it stands.

usage: tests/cli/config.py PROGRAM
"""
import os
import sys

from tap import TOP, case, expect, main


def settings(place, *words, **options):
    return {row["key"]: row for row in place.json("config", "show", *words, **options)[0]["settings"]}


def refuses(place, text, *sentences):
    place.write("srctab.yaml", text)
    done = place.run("-c", "srctab.yaml", "config", "check", status=2)
    for sentence in sentences:
        expect(sentence in done.err, "not in the error: %s" % sentence, done.err)


@case
def the_example_is_the_file_in_the_repository(place):
    with open(os.path.join(TOP, "config", "srctab.yaml"), encoding="utf-8") as example:
        expect(example.read() == place.run("config", "example").out, "config/srctab.yaml is old; run: ninja -C build docs")


@case
def the_example_says_the_defaults_and_every_key(place):
    defaults = settings(place)
    place.write("srctab.yaml", place.run("config", "example").out)
    loaded = settings(place, "--config", "srctab.yaml")
    expect(set(defaults) == set(loaded))
    for key, row in loaded.items():
        expect(row["value"] == defaults[key]["value"] or key == "daemon.host", key, row["value"], defaults[key]["value"])
        expect(row["origin"].startswith("srctab.yaml:"), key, row["origin"])


@case
def a_flag_beats_the_environment_beats_the_file_beats_the_default(place):
    place.write("srctab.yaml", "version: 1\nlog: {format: text}\n")
    config = ("--config", "srctab.yaml")
    expect(settings(place)["log.format"]["value"] == "auto")
    row = settings(place, *config)["log.format"]
    expect(row["value"] == "text" and row["origin"] == "srctab.yaml:2:15", row)
    row = settings(place, *config, SRCTAB_LOG_FORMAT="json")["log.format"]
    expect(row["value"] == "json" and row["origin"] == "SRCTAB_LOG_FORMAT", row)
    row = settings(place, *config, "--log-format", "auto", SRCTAB_LOG_FORMAT="json")["log.format"]
    expect(row["value"] == "auto" and row["origin"] == "--log-format", row)


@case
def an_empty_variable_is_not_set(place):
    expect(settings(place, SRCTAB_LOG_FORMAT="")["log.format"]["origin"] == "default")


@case
def lists_come_from_variables_too(place):
    rows = settings(place, SRCTAB_FOLDERS="/src:/lib", SRCTAB_ANALYSIS_LANGUAGES="c,python", SRCTAB_RETRY_DELAYS_MS="5,1s")
    expect(rows["folders[1].path"]["value"] == "/lib" and rows["folders[1].path"]["origin"] == "SRCTAB_FOLDERS", rows["folders[1].path"])
    expect(rows["analysis.languages"]["value"] == "[c, python]")
    expect(rows["retry.delays_ms"]["value"] == "[5, 1000]")


@case
def secrets_come_from_files_and_are_not_shown(place):
    secret = place.write("secret", "host=h password=geheim\n")
    for variable in ("SRCTAB_DATABASE", "SRCTAB_DATABASE_CONNINFO"):
        row = settings(place, **{variable + "_FILE": secret})["database.conninfo"]
        expect(row["origin"] == variable + "_FILE" and "geheim" not in row["value"], row)
    expect("geheim" not in place.run("config", "show", SRCTAB_DATABASE_FILE=secret).out)
    place.fails(2, "SRCTAB_DATABASE_FILE: could not open file", "config", "check", SRCTAB_DATABASE_FILE=place.path("none"))
    row = settings(place, SRCTAB_DATABASE="service=a", SRCTAB_DATABASE_FILE=secret)["database.conninfo"]
    expect(row["origin"] == "SRCTAB_DATABASE", row)


@case
def the_first_file_is_taken_alone(place):
    place.write("home/.config/srctab/srctab.yaml", "version: 1\nwatch: {poll_ms: 111}\naudit: {level: all}\n")
    expect(settings(place)["watch.poll_ms"]["value"] == "111")
    place.write("tree/.git/HEAD", "ref: refs/heads/main\n")
    place.write("tree/srctab.yaml", "version: 1\nwatch: {poll_ms: 222}\n")
    place.write("tree/a/b/file", "")
    rows = settings(place, where="tree/a/b")
    expect(rows["watch.poll_ms"]["value"] == "222" and rows["audit.level"]["value"] == "change", rows["watch.poll_ms"])
    named = place.write("named.yaml", "version: 1\nwatch: {poll_ms: 333}\n")
    expect(settings(place, where="tree/a/b", SRCTAB_CONFIG=named)["watch.poll_ms"]["value"] == "333")
    other = place.write("other.yaml", "version: 1\nwatch: {poll_ms: 444}\n")
    expect(settings(place, "-c", other, where="tree/a/b", SRCTAB_CONFIG=named)["watch.poll_ms"]["value"] == "444")


@case
def the_search_ends_at_the_top_of_the_repository(place):
    place.write("srctab.yaml", "version: 1\nwatch: {poll_ms: 111}\n")
    place.write("tree/.git/HEAD", "ref: refs/heads/main\n")
    place.write("tree/a/file", "")
    place.write("plain/file", "")
    expect(settings(place, where="tree/a")["watch.poll_ms"]["origin"] == "default")
    expect(settings(place, where="plain")["watch.poll_ms"]["origin"] == "default")


@case
def a_file_in_the_tree_sets_folders_watch_and_analysis_only(place):
    place.write("tree/srctab.yaml", "version: 1\ndatabase: {conninfo: host=evil}\nhttp: {listen: '127.0.0.1:1'}\nembedded: {bin_dir: /evil}\nlog: {file: /evil}\n"
                "watch: {poll_ms: 222}\nanalysis: {jobs: 1}\nfolders: [{path: .}, {path: /etc}, {path: ../home}]\n")
    done = place.run("--json", "config", "show", where="tree")
    import json
    rows = {row["key"]: row for row in json.loads(done.out)["settings"]}
    for key in ("database.conninfo", "http.listen", "embedded.bin_dir", "log.file"):
        expect(rows[key]["origin"] == "default", rows[key])
        expect("%s is ignored" % key in done.err, key, done.err)
    expect(rows["watch.poll_ms"]["value"] == "222" and rows["analysis.jobs"]["value"] == "1")
    expect(rows["folders[0].path"]["value"] == place.path("tree") and "folders[1].path" not in rows, rows["folders[0].path"])
    expect("folder /etc is ignored" in done.err, done.err)


@case
def the_same_file_by_name_may_set_everything(place):
    place.write("srctab.yaml", "version: 1\ndatabase: {conninfo: service=mine}\n")
    expect(settings(place, "-c", "srctab.yaml")["database.conninfo"]["value"].find("service=mine") >= 0)


@case
def an_unknown_key_is_named_with_its_place_and_the_nearest(place):
    refuses(place, "version: 1\nwatch:\n  debouce_ms: 5\n", 'srctab.yaml:3:3: unknown key "debouce_ms" in watch (did you mean "debounce_ms"?')
    refuses(place, "version: 1\nwach: {}\n", 'srctab.yaml:2:1: unknown key "wach" (did you mean "watch"?')
    refuses(place, "version: 1\nfolders:\n  - path: /a\n    exlude: [x]\n", 'srctab.yaml:4:5: unknown key "exlude" in folders[0] (did you mean "exclude"?')
    refuses(place, "version: 1\nanalysis: {max_parse_kb: {coode: 1}}\n", 'srctab.yaml:2:27: unknown key "coode" in analysis.max_parse_kb (did you mean "code"?')


@case
def a_wrong_value_is_named_with_its_place_and_what_is_taken(place):
    refuses(place, "version: 1\nwatch:\n  debounce_ms: fast\n", 'srctab.yaml:3:16: watch.debounce_ms: "fast" is not a whole number (milliseconds, 0 to 60000; default 500)')
    refuses(place, "version: 1\nwatch: {debounce_ms: 60001}\n", "60001", "0 to 60000")
    refuses(place, "version: 1\nwatch: {debounce_ms: -1}\n", '"-1"')
    refuses(place, "version: 1\ndatabase: {mode: embeded}\n", 'srctab.yaml:2:18: database.mode: "embeded" is not one of auto, external, embedded (did you mean "embedded"?)')
    refuses(place, "version: 1\nwatch: {hidden: maybe}\n", '"maybe" is not true or false')
    refuses(place, "version: 1\nfolders: [{path: /a, sinks: [files]}]\n", '"files" is not a list of code_files, codebase_metadata')
    place.write("srctab.yaml", "version: 1\n")
    place.fails(2, 'SRCTAB_WATCH_MODE: "pol" is not one of auto, inotify, poll (did you mean "poll"?)', "config", "check", SRCTAB_WATCH_MODE="pol")


@case
def a_wrong_shape_is_named_with_its_place(place):
    refuses(place, "version: 1\nwatch: [1]\n", "srctab.yaml:2:1: watch: a mapping of keys is expected here")
    refuses(place, "version: 1\nwatch: {ignore: x}\n", "srctab.yaml:2:9: watch.ignore: a list of texts is expected here")
    refuses(place, "version: 1\nwatch: {debounce_ms: [1]}\n", "srctab.yaml:2:9: watch.debounce_ms: a whole number")
    refuses(place, "version: 1\nfolders: [/a]\n", "folders[0]: a mapping of keys is expected here")
    refuses(place, "version: 1\nfolders: [{include: [{}], path: /a}]\n", "a single value is expected here")


@case
def what_is_missing_or_doubled_is_named(place):
    refuses(place, "", 'the key "version" is missing', "version: 1")
    refuses(place, "watch: {}\n", 'the key "version" is missing')
    refuses(place, "version: 2\n", 'srctab.yaml:1:10: version "2" is not known')
    refuses(place, "version: 1\nfolders: [{codebase: x}]\n", 'folders[0]: the key "path" is missing')
    refuses(place, "version: 1\nwatch: {hidden: true, hidden: false}\n", "srctab.yaml:2:23: watch.hidden is given twice")


@case
def broken_yaml_is_named_with_its_place(place):
    refuses(place, "version: 1\nwatch:\n\tmode: auto\n", "srctab.yaml:3:1: ")
    refuses(place, "version: 1\nwatch: {mode: auto\n", "srctab.yaml:")
    refuses(place, "version: 1\na: &x 1\nb: *x\n", "srctab.yaml:3:4: aliases are not supported")
    refuses(place, b"version: 1\nlog: {file: \xff\xfe}\n", "srctab.yaml:")
    refuses(place, "version: 1\nlog: " + "[" * 100, "nested too deeply")
    refuses(place, "# " + "x" * (2 << 20), "could not read file")


@case
def rules_between_keys_are_checked(place):
    refuses(place, "version: 1\nwatch: {debounce_ms: 5000, max_delay_ms: 1000}\n", "watch.max_delay_ms: 1000 is less than watch.debounce_ms (5000)")
    refuses(place, "version: 1\nfolders: [{path: /a, codebase: x}, {path: /b, codebase: x}]\n", 'have the same codebase "x"')
    named = place.write("named.yaml", "version: 1\nhttp: {listen: '0.0.0.0:80'}\n")
    place.fails(2, "http.token_file is required", "-c", named, "config", "check")
    named = place.write("named.yaml", "version: 1\nqueue: {priorities: [{add: 1}]}\n")
    place.fails(2, "exactly one of match and language", "-c", named, "config", "check")
    named = place.write("named.yaml", "version: 1\nembedded: {socket_dir: /%s}\n" % ("x" * 93))
    place.fails(2, "94 bytes, 93 is the most", "-c", named, "config", "check")
    place.fails(2, "could not open file", "-c", "none.yaml", "config", "check")


@case
def durations_may_carry_their_unit(place):
    named = place.write("named.yaml", "version: 1\nwatch: {debounce_ms: 2s, reconcile_s: 10m}\n")
    rows = settings(place, "-c", named)
    expect(rows["watch.debounce_ms"]["value"] == "2000" and rows["watch.reconcile_s"]["value"] == "600" and rows["watch.max_delay_ms"]["value"] == "8000")


@case
def relative_paths_begin_at_the_file_that_names_them(place):
    named = place.write("etc/named.yaml", "version: 1\nfolders: [{path: ../src/./}]\nlog: {file: log.txt}\n")
    rows = settings(place, "-c", named)
    expect(rows["folders[0].path"]["value"] == place.path("etc/../src") and rows["log.file"]["value"] == place.path("etc/log.txt"), rows["folders[0].path"])


@case
def a_variable_that_means_nothing_is_named(place):
    done = place.run("config", "check", SRCTAB_WATCH_DEBOUCE_MS="1", SRCTAB_DATABASE_FILE="", SRCTAB_ID="x")
    expect("SRCTAB_WATCH_DEBOUCE_MS means nothing (did you mean SRCTAB_WATCH_DEBOUNCE_MS?)" in done.err and done.err.count("means nothing") == 1, done.err)


@case
def check_says_ok(place):
    expect(place.run("config", "check").out == "ok: no file; built-in values\n")
    expect(place.json("config", "check") == [{"v": 1, "ok": True}])


if __name__ == "__main__":
    sys.exit(main())
