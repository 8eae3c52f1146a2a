"""The classifier of the sample `tumor` as an ONNX graph; it reads that sample's artifact and its evaluation data.

`python training/train.py [--output FOLDER]` writes `tumor.onnx` and `evaluation/data.csv`.
"""

import argparse
import shutil
from pathlib import Path

import joblib
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

FOLDER = Path(__file__).parents[1]
TUMOR = FOLDER.parent / "tumor"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    output = parser.parse_args().output
    classifier = joblib.load(TUMOR / "tumor.joblib")
    graph = to_onnx(
        classifier,
        initial_types=[("features", FloatTensorType([None, classifier.n_features_in_]))],
        # Probabilities as one tensor instead of a map a row, which costs more than the trees.
        options={"zipmap": False},
        target_opset=18,
    )
    (output / "tumor.onnx").write_bytes(graph.SerializeToString())
    (output / "evaluation").mkdir(exist_ok=True)
    shutil.copyfile(TUMOR / "evaluation/data.csv", output / "evaluation/data.csv")


if __name__ == "__main__":
    main()
