#!/bin/sh
# Makes .venv/ ready: `sh bootstrap.sh runtime` for running, `sh bootstrap.sh dev` for testing too.
# Needs a Python ≥ 3.11 and a package index; no root, no bash, no pip. A second call only compares two checksums.
# `sh bootstrap.sh --any-python` prints a command that runs the launcher even without .venv/.
set -eu
cd "$(dirname "$0")"

VENV=.venv
STAMP=$VENV/.installed

say() { echo "colophon: $*" >&2; }
fail() { say "$*"; exit 1; }

find_python() {
    for candidate in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3 python; do
        found=$(command -v "$candidate" 2>/dev/null) || continue
        if "$found" -c 'import sys, venv, ssl; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$found"
            return
        fi
    done
    return 1
}

NO_PYTHON='no Python 3.11 or later was found (tried $PYTHON, python3.14 … python3.11, python3).
colophon: Install one (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python) or name one: make run PYTHON=/path/to/python3'

if [ "${1:-}" = --any-python ]; then
    python=$VENV/bin/python
    [ -x "$python" ] || python=$(find_python) || fail "$NO_PYTHON"
    echo "env PYTHONPATH=config PYTHONDONTWRITEBYTECODE=1 $python"
    exit
fi

kind=${1:-runtime}
case $kind in
    runtime) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) fail "usage: sh bootstrap.sh runtime|dev" ;;
esac

checksum() { echo "$1 $(cksum <"$2")"; }
installed() { [ -x $VENV/bin/python ] && grep -qxF "$(checksum "$kind" "$lock")" $STAMP 2>/dev/null && $VENV/bin/python -c '' 2>/dev/null; }

make_venv() {
    if [ -x $VENV/bin/python ] && $VENV/bin/python -c '' 2>/dev/null; then return; fi
    python=$(find_python) || fail "$NO_PYTHON"
    rm -rf $VENV
    say "making $VENV with $("$python" --version) ($python)"
    # Debian splits ensurepip off; pip is then fetched below.
    "$python" -m venv $VENV >/dev/null 2>&1 || { rm -rf $VENV; "$python" -m venv --without-pip $VENV; } ||
        fail "$python could not make a virtual environment in $(pwd)/$VENV (message above)"
}

# Without ensurepip: the system's pip installs ours, or the pinned wheel is fetched from the index that PIP_INDEX_URL
# names; either way checked against the hash in requirements-bootstrap.txt.
fetch_pip() {
    if python=$(find_python) && "$python" -m pip --python $VENV/bin/python install --quiet --require-hashes \
        -r requirements-bootstrap.txt 2>/dev/null; then return; fi
    [ -n "${PIP_INDEX_URL:-}" ] || fail "this Python has neither ensurepip nor pip: install them (Debian and Ubuntu: apt install python3-venv), or set PIP_INDEX_URL"
    $VENV/bin/python - requirements-bootstrap.txt $VENV <<'PYTHON'
import hashlib, os, pathlib, re, subprocess, sys, urllib.parse, urllib.request

lock, venv = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
version, hashes = re.search(r"^pip==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", lock, re.MULTILINE).groups()
name = f"pip-{version}-py3-none-any.whl"
page = os.environ["PIP_INDEX_URL"].rstrip("/") + "/pip/"
with urllib.request.urlopen(page, timeout=60) as reply:
    links = [link.partition("#")[0] for link in re.findall(r'href="([^"]+)"', reply.read().decode())]
address = urllib.parse.urljoin(page, next(link for link in links if link.endswith(name)))
with urllib.request.urlopen(address, timeout=60) as reply:
    content = reply.read()
if f"sha256:{hashlib.sha256(content).hexdigest()}" not in hashes:
    sys.exit(f"{name} has another hash than requirements-bootstrap.txt says")
wheel = venv / name
wheel.write_bytes(content)
subprocess.check_call([sys.executable, wheel / "pip", "install", "--quiet", "--no-index", wheel])
wheel.unlink()
PYTHON
}

# uv is several times faster than pip; when it cannot be had or fails, pip installs the same lock.
install() {
    [ -n "${SSL_CERT_FILE:-}" ] || [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="$PIP_CERT"
    [ -n "${UV_DEFAULT_INDEX:-}" ] || [ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CONFIG=1
    # Downloads stay on .venv's file system, where uv links instead of copying, and are not left in the home folder.
    downloads=$(pwd)/$VENV/.downloads
    export UV_CACHE_DIR="${UV_CACHE_DIR:-$downloads/uv}" PIP_CACHE_DIR="${PIP_CACHE_DIR:-$downloads/pip}"
    $VENV/bin/python -m pip --version >/dev/null 2>&1 || fetch_pip || fail "pip could not be fetched from the package index (message above)"
    if ! { $VENV/bin/python -m pip install --quiet --require-hashes -r requirements-bootstrap.txt &&
        $VENV/bin/python -m uv pip install --quiet --compile-bytecode --python $VENV/bin/python --require-hashes -r "$lock"; }; then
        say "uv did not succeed; installing with pip, which takes about a minute"
        $VENV/bin/python -m pip install --quiet --require-hashes -r "$lock" ||
            fail "the packages of $lock could not be installed (message above). Is the package index reachable?"
    fi
    # The project itself, where it lies: this makes the command $VENV/bin/colophon.
    PYTHONWARNINGS=ignore $VENV/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . ||
        fail "the command colophon could not be installed (message above)"
    rm -rf "$downloads"
    say "compiling the matching engine for this processor, once"
    $VENV/bin/python -m ingest.engine --warm || fail "the matching engine could not be compiled (message above)"
}

if installed; then exit; fi
make_venv
say "installing the packages of $lock; the first time this takes up to a minute"
install
{
    checksum "$kind" "$lock"
    # The development lock contains the other one.
    if [ "$kind" = dev ]; then checksum runtime requirements.txt; else grep "^dev " $STAMP 2>/dev/null || true; fi
} >"$STAMP.new"
mv "$STAMP.new" $STAMP
