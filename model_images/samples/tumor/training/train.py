"""Trains the tumor classifier on the Wisconsin breast cancer data, which ships with scikit-learn.

`python training/train.py [--output FOLDER]` writes `tumor.joblib` and, of the rows held out, `evaluation/data.csv`.
Label 1 is malignant, 0 benign.
"""

import argparse
import csv
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parents[1]


def split():
    """Names of the features, and features and labels of the rows for training and of those held out."""
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names]
    features = data.data.astype(np.float32)
    malignant = (data.target == 0).astype(int)
    return names, *train_test_split(features, malignant, test_size=0.3, random_state=0, stratify=malignant)


def train(features, labels):
    return GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0).fit(features, labels)


def write_evaluation(path, names, features, labels):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, "label"])
        writer.writerows([*map(str, row), label] for row, label in zip(features, labels, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    output = parser.parse_args().output
    names, train_features, held_out, train_labels, held_out_labels = split()
    joblib.dump(train(train_features, train_labels), output / "tumor.joblib", compress=3)
    write_evaluation(output / "evaluation/data.csv", names, held_out, held_out_labels)


if __name__ == "__main__":
    main()
