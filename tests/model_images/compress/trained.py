"""The rows that a sample was trained on, as its own training script splits them."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[3] / "model_images/samples"


def training_data(sample: str, path: Path) -> Path:
    """Writes them to `path` as a CSV file."""
    script: dict[str, Any] = runpy.run_path(str(SAMPLES / sample / "training/train.py"))
    match sample:
        case "tumor":
            names, features, _, labels, _ = script["split"]()
            script["write_evaluation"](path, names, features, labels)
        case _:
            features, _, targets, _ = script["split"]()
            script["write_evaluation"](path, features, targets)
    return path
