#!/bin/sh
# Makes .venv and installs the locked packages and this one into it:
#
#     sh tools/install.sh runtime    what the app needs
#     sh tools/install.sh dev        and what tests and checks need
#
# Does nothing when what is there was made from the same files. Needs Python 3.11 or newer and nothing else: the
# venv is made without ensurepip, which Debian keeps in a package of its own, and pip comes from the wheel beside.
set -eu
cd "$(dirname "$0")/.."

what=$1
here=$(pwd -P)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0

# Two makes at once on a fresh clone: the second waits for the first.
if command -v flock >/dev/null; then
    exec 9<pyproject.toml
    flock 9
fi

key_of() {
    { echo "$here"; cat pyproject.toml "$@"; } | cksum
}

is_installed() {
    [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$2" ]
}

is_recent() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

recent_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. On Debian: apt-get install python3" >&2
    echo "Elsewhere, name one: make run PYTHON=/path/to/python3" >&2
    return 1
}

runtime_key=$(key_of requirements.lock)
dev_key=$(key_of requirements.lock requirements-dev.lock)

case $what in
    runtime) key=$runtime_key lock=requirements.lock ;;
    dev) key=$dev_key lock=requirements-dev.lock ;;
    *) echo "usage: sh tools/install.sh runtime|dev" >&2; exit 2 ;;
esac

if is_installed "$what" "$key" && [ -x .venv/bin/python ]; then
    exit 0
fi

# A venv knows its own place and its Python by their full paths: one that was moved or has lost its Python is made anew.
if [ -e .venv ] && { ! is_recent .venv/bin/python || [ "$(cat .venv/place 2>/dev/null || echo "$here")" != "$here" ]; }; then
    rm -rf .venv
fi
if [ ! -e .venv ]; then
    python=$(recent_python)
    echo "Making .venv with $("$python" --version) ..." >&2
    "$python" -m venv --without-pip .venv
fi
echo "$here" >.venv/place

echo "Installing the packages of $lock (about a minute the first time) ..." >&2
rm -f .venv/installed-*
set -- tools/pip-*.whl
.venv/bin/python "$1/pip" install -q --no-index --no-deps "$1"
.venv/bin/python -m pip install -q --require-hashes --only-binary :all: --no-deps -r "$lock"
.venv/bin/python -m pip install -q --no-deps --no-build-isolation --no-index -e .

echo "$runtime_key" >.venv/installed-runtime
if [ "$what" = dev ]; then
    echo "$dev_key" >.venv/installed-dev
fi
