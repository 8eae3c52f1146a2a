"""A model of numbers with two outputs, which sets custom attributes, good and bad ones, as its first input asks for."""

from __future__ import annotations

from pathlib import Path

MODEL_YAML = """
name: mirror
version: "1.0"
framework: python
artifact: model.py
inputs: [{name: a, type: float64}, {name: b, type: float64}]
outputs: [{name: total, type: float64}, {name: both, type: float64, shape: [2]}]
warmup: {instances: [[0, 0]]}
"""
MODEL_PY = """
ATTRIBUTES = {1: "trace=7", 2: "x" * 1024, 3: "x" * 1025, 4: "a\\r\\nset-cookie: b=1", 5: "\\u00e9", 6: ""}


def load(folder):
    return None


def predict(model, rows):
    if rows[0]["a"] == 500:
        raise RuntimeError("the secret reason")
    return [{"total": row["a"] + row["b"], "both": [row["a"], row["b"]]} for row in rows]


def custom_attributes(rows, outputs):
    return ATTRIBUTES.get(rows[0]["a"])
"""


def mirror_folder(root: Path) -> Path:
    """The model's folder, in `root`."""
    (root / "model.yaml").write_text(MODEL_YAML, encoding="utf-8")
    (root / "model.py").write_text(MODEL_PY, encoding="utf-8")
    return root
