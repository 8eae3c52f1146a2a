"""Trains a small neural network on scikit-learn's 8x8 handwritten digits and writes it as an ONNX graph.

`python training/train.py [--output FOLDER] [--training-data FILE]` writes `digits.onnx`, of the rows held out
`evaluation/data.csv`, and, where asked, the rows that it learnt from: `distill` takes them as `--data`.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

FOLDER = Path(__file__).parents[1]


def split():
    """Pixels and digits of the rows for training and of those held out."""
    data = load_digits()
    pixels = data.data.astype(np.float32)
    return train_test_split(pixels, data.target, test_size=0.25, random_state=0, stratify=data.target)


def train(pixels, digits):
    network = MLPClassifier((128, 64), max_iter=60, random_state=0, early_stopping=True)
    return make_pipeline(MinMaxScaler(), network).fit(pixels, digits)


def write_rows(path, pixels, digits):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(f"pixels_{place}" for place in range(pixels.shape[1])), "label"])
        writer.writerows([*map(int, row), digit] for row, digit in zip(pixels, digits, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument("--training-data", type=Path)
    given = parser.parse_args()
    train_pixels, held_out, train_digits, held_out_digits = split()
    classifier = train(train_pixels, train_digits)
    graph = to_onnx(
        classifier,
        initial_types=[("pixels", FloatTensorType([None, train_pixels.shape[1]]))],
        options={"zipmap": False},
        target_opset=18,
    )
    (given.output / "digits.onnx").write_bytes(graph.SerializeToString())
    write_rows(given.output / "evaluation/data.csv", held_out, held_out_digits)
    if given.training_data:
        write_rows(given.training_data, train_pixels, train_digits)


if __name__ == "__main__":
    main()
