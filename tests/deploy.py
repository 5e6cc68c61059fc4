#!/usr/bin/env python3
"""Check the files of deploy/ as far as that goes without a container engine or a cluster; TAP lines.

What a tool checks is skipped, with a word, where the tool is not installed.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEPLOY = os.path.join(TOP, "deploy")
STATE = {"number": 0, "failed": 0}


def result(title, problems, skipped=""):
    STATE["number"] += 1
    STATE["failed"] += bool(problems)
    print("%sok %d - %s%s" % ("not " if problems else "", STATE["number"], title, " # SKIP " + skipped if skipped else ""))
    for problem in problems:
        print("# " + problem)


def read(*parts):
    with open(os.path.join(DEPLOY, *parts), encoding="utf-8") as file:
        return file.read()


def run(*argv, cwd=DEPLOY):
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def check_yaml():
    for path in sorted(glob.glob(os.path.join(DEPLOY, "**", "*.y*ml"), recursive=True)):
        problems = []
        try:
            with open(path, encoding="utf-8") as text:
                list(yaml.safe_load_all(text))
        except yaml.YAMLError as error:
            problems = [str(error)]
        result(os.path.relpath(path, TOP) + " is YAML", problems)


def check_unit():
    """systemd-analyze ends with 0 although it warns of an unknown key: any other word is a failure."""
    if not shutil.which("systemd-analyze"):
        result("the systemd unit is valid", [], "systemd-analyze is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        text = read("systemd", "srctab.service").replace("/usr/local/bin/srctab", "/bin/true")
        path = os.path.join(folder, "srctab.service")
        with open(path, "w", encoding="utf-8") as unit:
            unit.write(text)
        _, output = run("systemd-analyze", "verify", "--man=no", path)
        result("the systemd unit is valid", [line for line in output.splitlines() if "srctab.service" in line])
        status, output = run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", path)
        result("the systemd unit exposes at most 1.5", output.splitlines()[-1:] if status else [])


def check_packages():
    """The image and quickstart build from the same packages."""
    lists = re.search(r'BUILD_PACKAGES="([^"]*)"', read("setup.sh")).group(1).split()
    image = read("Dockerfile").replace("\\\n", " ")
    stage = image.split("FROM debian:bookworm-slim\n")[0]
    result("the image is built from the packages of quickstart", [name for name in lists if not re.search(r"(?<=\s)%s(?=\s)" % re.escape(name), stage)])
    copied = re.findall(r"^COPY (?!--)(.*)$", read("Dockerfile"), re.MULTILINE)
    sources = [source for line in copied for source in line.split()[:-1]]
    result("what the image copies is there", [source for source in sources if not os.path.exists(os.path.join(TOP, source))])


def check_compose():
    document = yaml.safe_load(read("compose.yaml"))
    service, problems = document["services"]["srctab"], []
    if any(not volume.endswith(":ro") for volume in service["volumes"]):
        problems.append("the tree is not read-only")
    if service.get("cap_drop") != ["ALL"] or not service.get("read_only"):
        problems.append("the container may do more than it needs")
    if service["depends_on"]["db"]["condition"] != "service_healthy":
        problems.append("it does not wait for the database")
    result("compose gives the container no more than it needs", problems)
    tool = shutil.which("docker-compose")
    result("docker-compose takes the file", [] if not tool else [line for status, line in [run(tool, "-f", "compose.yaml", "config", "-q")] if status],
           "" if tool else "docker-compose is not installed")


def containers(document):
    spec = document.get("spec", {})
    spec = spec.get("template", {}).get("spec", spec)
    return spec.get("initContainers", []) + spec.get("containers", []), {volume["name"] for volume in spec.get("volumes", [])}


def check_kubernetes():
    problems = []
    for name in ("sidecar.yaml", "job.yaml"):
        for document in yaml.safe_load_all(read("kubernetes", name)):
            found, volumes = containers(document)
            for container in found:
                problems += ["%s: no volume %s" % (name, mount["name"]) for mount in container.get("volumeMounts", [])
                             if mount["name"] not in volumes and container["name"] == "srctab"]
                security = container.get("securityContext", {})
                if container["name"] == "srctab" and not (security.get("runAsNonRoot") and security.get("readOnlyRootFilesystem")):
                    problems.append("%s: srctab may do more than it needs" % name)
    result("Kubernetes: volumes are there, srctab may do no more than it needs", problems)
    sidecar = [c for d in yaml.safe_load_all(read("kubernetes", "sidecar.yaml")) for c in containers(d)[0] if c["name"] == "srctab"][0]
    probe = sidecar["startupProbe"]["exec"]["command"]
    result("the sidecar's start-up probe does not need the database", [] if "--live" in probe else [str(probe)])


def known_words():
    with open(os.path.join(TOP, "src", "app", "command_table.c"), encoding="utf-8") as table:
        text = table.read()
    return set(re.findall(r'\.name = "([a-z]+)"', text)), set(re.findall(r'\.name = "(--[a-z-]+)"', text))


def check_commands():
    """Every `srctab …` in deploy/ uses commands and options that there are."""
    commands, options, problems = *known_words(), []
    for path in sorted(glob.glob(os.path.join(DEPLOY, "**", "*"), recursive=True)):
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                for words in re.findall(r'(?:run: |- |`|CMD \[")srctab[",]*\s+([^`#\]]*)', line):
                    words = [word.strip('",') for word in words.split()]
                    if words and words[0] and words[0] not in commands and not words[0].startswith("-"):
                        problems.append("%s:%d: no command %s" % (os.path.relpath(path, TOP), number, words[0]))
                    problems += ["%s:%d: no option %s" % (os.path.relpath(path, TOP), number, word) for word in words
                                 if word.startswith("--") and word.split("=")[0] not in options]
    result("commands and options in deploy/ exist", problems)


def check_monitoring():
    dashboard = json.loads(read("monitoring", "dashboard.json"))
    with open(os.path.join(TOP, "src", "model", "counter.def"), encoding="utf-8") as table:
        rows = re.findall(r'COUNTER\(\w+, "(\w+)", COUNTER_(\w+)', table.read())
    names = {"srctab_database_up", "srctab_root_online", "srctab_owned", "srctab_build_info"}
    for word, kind in rows:
        names.add("srctab_" + {"SUM": word + "_total", "NOW": word, "AGE": re.sub("_ms$", "_seconds", word)}[kind])
    text = read("monitoring", "rules.yml") + json.dumps(dashboard)
    used = set(re.findall(r"\bsrctab_[a-z_]+", text))
    result("rules and dashboard use metrics that there are", sorted(used - names))
    tool = shutil.which("promtool")
    for title, arguments in (("rules are valid", ["check", "rules", "rules.yml"]), ("rules fire when they should", ["test", "rules", "rules_test.yml"])):
        status, output = run(tool, *arguments, cwd=os.path.join(DEPLOY, "monitoring")) if tool else (0, "")
        result("alert " + title, output.splitlines() if status else [], "" if tool else "promtool is not installed")


def main():
    check_yaml()
    check_unit()
    check_packages()
    check_compose()
    check_kubernetes()
    check_commands()
    check_monitoring()
    return 1 if STATE["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
