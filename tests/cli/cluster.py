#!/usr/bin/env python3
"""The private cluster by hand: db start, status, url, stop, destroy; psql on it.

usage: tests/cli/cluster.py PROGRAM
"""
import os
import sys

from tap import case, expect, main


def fresh(place):
    os.chmod(place.folder, 0o755)  # as root the server runs as another user
    place.environment.update(SRCTAB_EMBEDDED_DIR=place.path("state"), SRCTAB_EMBEDDED_SOCKET_DIR=place.path("run"))


@case
def db_starts_shows_stops_and_destroys_the_cluster(place):
    fresh(place)
    try:
        expect(place.json("db", "status")[0]["state"] == "absent")
        expect(place.run("db", "start").out.startswith("started: "))
        status = place.json("db", "status")[0]
        expect(status["state"] == "running" and status["pid"] > 0 and status["data_dir"].startswith(place.path("state")), status)
        expect(place.run("db", "start").out.startswith("was running: "))
        expect(place.run("db", "url").out.startswith("postgresql://"))
        expect(place.run("psql", "-XAtc", "SELECT 1 + 1").out == "2\n")
        expect(place.json("db", "status")[0]["state"] == "running")
        expect(place.run("db", "stop").out == "stopped\n" and place.run("db", "stop").out == "was not running\n")
        expect(place.json("db", "status")[0]["state"] == "stopped")
    finally:
        place.run("db", "destroy", "--force", status=None)
    expect(place.json("db", "status")[0]["state"] == "absent")


@case
def the_last_user_stops_the_cluster(place):
    fresh(place)
    place.write("tree/a.py", "x = 1\n")
    try:
        done = place.run("ingest", where="tree")
        expect(done.err.startswith("database: embedded (PostgreSQL "), done.err)
        expect(place.json("db", "status")[0]["state"] == "stopped")
        expect(place.run("psql", "-XAtc", "SELECT path FROM code_files").out == "a.py\n")
        expect(place.json("db", "status")[0]["state"] == "stopped")
    finally:
        place.run("db", "destroy", "--force", status=None)


@case
def the_status_of_psql_is_passed_on(place):
    fresh(place)
    try:
        place.run("psql", "-c", "SELECT nonsense", status=1)
        place.run("psql", "-v", "ON_ERROR_STOP=1", "-f", "-", stdin=b"SELECT nonsense;", status=3)
    finally:
        place.run("db", "destroy", "--force", status=None)


@case
def db_says_so_when_another_database_is_in_use(place):
    fresh(place)
    expect("another database" in place.run("db", "status", PGHOST="/elsewhere").err)
    expect("another database" not in place.run("--embedded", "db", "status", PGHOST="/elsewhere").err)


if __name__ == "__main__":
    sys.exit(main())
