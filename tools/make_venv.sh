#!/usr/bin/env bash
# Brings the virtual environment .venv to exactly what a lock file says, every package checked against its hash:
#     tools/make_venv.sh requirements.lock | tools/requirements.lock
# Uses uv where it is on PATH; else installs it first, from the same lock.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1

python=${PYTHON:-python3.11}
if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
  echo "make: $python is not Python 3.11; install it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
  exit 1
fi
echo "virtual environment: installing what $lock names into .venv (about half a minute the first time) ..." >&2
[ -x .venv/bin/python ] || "$python" -m venv .venv
if command -v uv >/dev/null; then
  uv=uv
else
  uv=.venv/bin/uv
  if [ ! -x "$uv" ]; then
    lines=$(mktemp)
    trap 'rm -f "$lines"' EXIT
    awk '/^[^ #]/ { wanted = /^uv==/ } wanted' "$lock" >"$lines"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lines"
  fi
fi
# Without bytecode the first start of every process would be three times slower.
UV_COMPILE_BYTECODE=1 "$uv" pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
