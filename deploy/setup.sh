# setup.sh - what quickstart and tests/run share: install what is missing, fetch the grammars, build. POSIX sh, sourced.
# shellcheck shell=sh disable=SC2034,SC2154
# Set before: top (the repository). Every function prints what it does on stderr, and ends the script with a sentence if it cannot.

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config python3 python3-yaml uthash-dev libpq-dev libcyaml-dev libyaml-dev
    libgit2-dev libssl-dev libseccomp-dev libmicrohttpd-dev"
RUN_PACKAGES="postgresql postgresql-client"
TEST_PACKAGES="pgbouncer libcmocka-dev python3-psycopg2 git libfaketime clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev shellcheck mandoc"

say() {
    printf '%s\n' "$*" >&2
}

# fail STATUS SENTENCE...
fail() {
    status=$1
    shift
    say "$*"
    exit "$status"
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# missing_packages NAME...: those that dpkg does not know as installed.
missing_packages() {
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

# How to run apt-get: nothing as root, sudo for others.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# Root may, and who has sudo: without a password, or with one that a terminal can ask for.
may_install() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ]
}

# Installing PostgreSQL would make a cluster "main" and start it; nobody asked for that one.
keep_default_cluster_away() {
    is_installed postgresql-common && return 0
    [ -e /etc/postgresql-common/createcluster.conf ] && return 0
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
}

# run_logged FILE COMMAND...: quiet unless it fails; then the end of what it said.
run_logged() {
    log=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        return 1
    fi
}

# install_packages NAME...: from Debian, only what is missing.
install_packages() {
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    command="apt-get install --no-install-recommends -y $missing"
    command -v apt-get >/dev/null ||
        fail 2 "this system has no apt-get; install what these Debian packages hold, then run this again: $missing"
    may_install || fail 2 "packages are missing and there is no right to install them; run as root: $command"
    say "  installing: $missing"
    case " $missing" in *' postgresql '*) keep_default_cluster_away ;; esac
    log=$(mktemp)
    run_logged "$log" as_root apt-get update -q ||
        say "  the package lists could not be refreshed; going on with those that are here"
    # shellcheck disable=SC2086  # a list of names
    run_logged "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing ||
        fail 2 "could not install the packages; see above, or run: $command"
    rm -f "$log"
}

# The grammars' C sources, in exactly the versions of the lock file.
install_grammars() {
    lock=$top/parsers/package-lock.json
    stamp=$top/parsers/node_modules/.installed-lock.json
    cmp -s "$lock" "$stamp" && return 0
    command -v npm >/dev/null || install_packages npm
    say "  fetching the grammars"
    log=$(mktemp)
    run_logged "$log" npm ci --prefix "$top/parsers" --ignore-scripts --no-audit --no-fund ||
        fail 2 "could not fetch the grammars; see above, or run: npm ci --prefix parsers --ignore-scripts"
    rm -f "$log"
    cp "$lock" "$stamp"
}

# build_program FOLDER MESON_OPTION...: configures once; ninja does nothing when nothing changed.
build_program() {
    folder=$1
    shift
    log=$(mktemp)
    if ! [ -e "$folder/build.ninja" ]; then
        run_logged "$log" meson setup "$folder" "$top" "$@" ||
            fail 2 "could not configure the build; see above, or $folder/meson-logs/meson-log.txt"
    fi
    if [ -t 2 ]; then
        ninja -C "$folder" >&2 || fail 2 "could not build; see above"
    else
        run_logged "$log" ninja -C "$folder" || fail 2 "could not build; see above"
    fi
    ln -sfn src/app/srctab "$folder/srctab"
    rm -f "$log"
}
