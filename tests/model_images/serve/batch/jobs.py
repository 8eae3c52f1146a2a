"""A batch as a job starts it, and the two folders that it works on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.model_images.conftest import SAMPLES
from tests.model_images.live import ROOT

FRAUD = SAMPLES / "fraud"


class Ran(NamedTuple):
    status: int
    summary: dict[str, Any]
    said: str


def command(source: str, target: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "model_images.serve", "batch", "--input", source, "--output", target, *words]


def ran(source: str, target: str, *words: str, model: Path = FRAUD, environ: Mapping[str, str] | None = None) -> Ran:
    done = subprocess.run(
        command(source, target, *words),
        cwd=ROOT,
        env={**os.environ, "MODEL_DIR": str(model), **(environ or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr)


class Places(NamedTuple):
    """Two folders: `put` writes into the input, `get` reads the output."""

    source: str
    target: str
    environ: dict[str, str]
    put: Any
    get: Any
