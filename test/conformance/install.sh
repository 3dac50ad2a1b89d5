#!/usr/bin/env bash
# Installs Schemathesis, which tries the API by its OpenAPI document, into a folder of the user's cache, once per state of
# requirements.txt. Prints the path of the program. Needs Python 3.11 or later and the Python package index.
#
# With arguments another set of packages, and the program of it to name: install.sh scim-requirements.txt python
#
# A newer one: change requirements.in, then
#   uv pip compile --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
set -euo pipefail
cd "$(dirname "$0")"

requirements=${1:-requirements.txt}
name=${2:-schemathesis}

fail() {
  echo "$1" >&2
  exit 1
}

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "The conformance tests need Python 3.11 or later: install python3 and python3-venv, or name one in PYTHON"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "The conformance tests need Python 3.11 or later; $("$python" --version) is too old. Name another one in PYTHON"

state=$("$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:12])' "$requirements")
folder="${XDG_CACHE_HOME:-$HOME/.cache}/countersign/conformance-$state"
program="$folder/bin/$name"

if [ ! -f "$folder/complete" ]; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  "$python" -m venv "$folder" >&2 ||
    fail "Python cannot make a virtual environment here: install python3-venv (Debian: apt-get install python3-venv)"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
    -r "$requirements" >&2 || fail "The packages of test/conformance/$requirements could not be installed; the reason stands above"
  touch "$folder/complete"
fi
echo "$program"
