"""Writes the table of the server's variables into docs/reference/contracts.md, from model_images/serve/settings.py.

`python -m tools.documents.server_variables` writes it; with `--check` it only says whether the page is in step.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from model_images.serve.settings import VARIABLES
from tools.documents.schemas import ROOT, write_or_check

PAGE = Path("docs/reference/contracts.md")
COMMAND = "python -m tools.documents.server_variables"
_BEGIN = f"<!-- written by `{COMMAND}` from model_images/serve/settings.py; do not edit -->"
_END = "<!-- end of what is written -->"


def render() -> str:
    """The whole page, with the table as it should be. The page holds both marks."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    return re.sub(
        f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", lambda _: f"{_BEGIN}\n{_table()}\n{_END}", text, flags=re.S
    )


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when written or in step, 1 when `--check` finds the page behind."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="The table of the server's variables.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not in step")
    return write_or_check(ROOT, {PAGE: render()}, command=COMMAND, check=parser.parse_args(words).check)


def _table() -> str:
    rows = [f"| `{v.name}` | {v.means} | {v.allowed} | {v.default or 'empty'} |" for v in VARIABLES]
    return "\n".join(["| variable | means | allowed | not set |", "| --- | --- | --- | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main())
