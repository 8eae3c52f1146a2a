"""A model folder with everything that gates look at; a test breaks one thing of it."""

from __future__ import annotations

from pathlib import Path

from model_images.gates.subject import Subject, read_subject

MODEL_YAML = """
name: fraud
version: "1.2"
framework: python
artifact: model.py
inputs:
  - {name: amount, type: float64, min: 0, max: 1000}
  - {name: hour, type: int64, min: 0, max: 23}
  - {name: plan, type: string, values: [free, basic]}
outputs:
  - {name: label, type: int64}
  - {name: score, type: float64}
warmup: {instances: [[12.5, 3, free], {amount: 800.1, hour: 23, plan: basic}]}
evaluation: {data: evaluation/data.csv, metrics: {accuracy: 0.6}}
"""
MODEL_PY = """
def load(folder):
    return 500.0

def predict(model, rows):
    return [{"label": int(row["amount"] > model), "score": row["amount"] / 3} for row in rows]
"""
DATA = """amount,hour,plan,label
10.0,1,free,0
900.0,23,basic,1
400.5,0,basic,0
600.0,12,free,0
"""


def subject(folder: Path, *, code: str = MODEL_PY, **files: str) -> Subject:
    """`files`: more files by path, with `__` for `/` and `_dot_` for `.`; an empty one is left out."""
    (folder / "model.yaml").write_text(MODEL_YAML, encoding="utf-8")
    (folder / "model.py").write_text(code, encoding="utf-8")
    for name, text in {"evaluation__data_dot_csv": DATA, **files}.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(exist_ok=True)
        if text:
            path.write_text(text, encoding="utf-8")
    return read_subject(folder)
