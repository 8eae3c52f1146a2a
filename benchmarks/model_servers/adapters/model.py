"""The one predictor that every adapter calls: MODEL_DIR and MODEL_KIND (onnx | sklearn) choose it."""

import os
from pathlib import Path

import numpy as np

DIR = Path(os.environ["MODEL_DIR"])
KIND = os.environ.get("MODEL_KIND", "onnx")

if KIND == "onnx":
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(DIR / "model.onnx", options, providers=["CPUExecutionProvider"])
    INPUT = session.get_inputs()[0].name

    def predict(rows) -> np.ndarray:
        return session.run(["probabilities"], {INPUT: np.asarray(rows, np.float32)})[0]
else:
    import joblib

    classifier = joblib.load(DIR / "model.joblib")

    def predict(rows) -> np.ndarray:
        return classifier.predict_proba(np.asarray(rows, np.float32))
