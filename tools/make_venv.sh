#!/usr/bin/env bash
# Makes the virtual environment in .venv from requirements.lock, every file checked against its hash.
# Uses uv where it is on PATH; else installs it first, from the same lock.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3.11}
if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
  echo "make: $python is not Python 3.11; install it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
  exit 1
fi
echo "virtual environment: installing the locked packages into .venv (about half a minute) ..." >&2
[ -x .venv/bin/python ] || "$python" -m venv .venv
if command -v uv >/dev/null; then
  uv=uv
else
  lines=$(mktemp)
  trap 'rm -f "$lines"' EXIT
  awk '/^[^ #]/ { wanted = /^uv==/ } wanted' requirements.lock >"$lines"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lines"
  uv=.venv/bin/uv
fi
# Without bytecode the first start of every process would be three times slower.
UV_COMPILE_BYTECODE=1 "$uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
cp requirements.lock .venv/requirements.lock
