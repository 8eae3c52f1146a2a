"""A valid model folder, to break one thing of it at a time."""

from __future__ import annotations

from pathlib import Path

MODEL_YAML = """
name: fraud
version: "1.2"
framework: python
artifact: model.py
inputs: [{name: amount, type: float64}, {name: country, type: string}]
outputs: [{name: score, type: float64}]
warmup: {instances: [[12.5, "DE"], {amount: 3, country: FR}]}
"""
MODEL_PY = """
def load(folder):
    return {"DE": 1.0, "FR": 2.0}

def predict(model, rows):
    return [model[row["country"]] * row["amount"] for row in rows]
"""


def model_folder(root: Path, *, old: str = "", new: str = "", code: str = MODEL_PY) -> Path:
    """A folder with the file above, `old` replaced by `new` in its `model.yaml`."""
    assert old in MODEL_YAML
    (root / "model.yaml").write_text(MODEL_YAML.replace(old, new) if old else MODEL_YAML, encoding="utf-8")
    (root / "model.py").write_text(code, encoding="utf-8")
    return root
