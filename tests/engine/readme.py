"""The README's commands, and a shell to type them in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.engine.project_copy import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
REAL_ACCOUNT = re.findall(r"^\$ (.*?)(?: +#.*)?$", README, re.MULTILINE)


def type_in(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """As a person would, in a shell where `python` is the project's own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])  # shown by pytest when a test fails
    return done
