"""Trains the race's model and writes it as a model folder, with what is sent and expected: make_model.py FOLDER"""

import json
import sys
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
features, labels = load_breast_cancer(return_X_y=True)
features = features.astype(np.float32)
model = GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0).fit(features, labels)
graph = to_onnx(model, features[:1], options={id(model): {"zipmap": False}})
(target / "model.onnx").write_bytes(graph.SerializeToString())
for rows in (1, 64):
    # Short decimals, as a client sends them, not the 17 digits of a float32 shown as a double.
    sample = [[round(float(value), 4) for value in row] for row in features[:rows]]
    (target / f"rows{rows}.json").write_text(json.dumps(sample))
    (target / f"expect{rows}.json").write_text(json.dumps(model.predict_proba(np.array(sample, np.float32)).tolist()))
content = {
    "name": "race",
    "version": "1",
    "framework": "onnx",
    "artifact": "model.onnx",
    "inputs": [{"name": f"feature_{place}", "type": "float32"} for place in range(features.shape[1])],
    "outputs": [{"name": "probabilities", "type": "float32", "shape": [2]}],
    "warmup": {"instances": json.loads((target / "rows1.json").read_text())},
}
(target / "model.yaml").write_text(json.dumps(content, indent=1))
