"""Trains the progression of diabetes after one year on the data of Efron et al. (2004), which ships with scikit-learn.

`python training/train.py [--output FOLDER]` writes `diabetes.txt` and, of the rows held out, `evaluation/data.csv`.
"""

import argparse
import csv
from pathlib import Path

import lightgbm
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parents[1]
# What scikit-learn calls s1 to s6.
NAMES = ("age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose")
# More weight and a higher pressure never lower the prediction; tests/ holds the model to it.
RISING = ("bmi", "blood_pressure")


def split():
    """Features and progression of the rows for training and of those held out."""
    data = load_diabetes(scaled=False)
    return train_test_split(data.data, data.target, test_size=0.3, random_state=0)


def train(features, progression):
    parameters = {
        "objective": "regression",
        "learning_rate": 0.05,
        "num_leaves": 7,
        "min_data_in_leaf": 15,
        "feature_fraction": 0.7,
        "monotone_constraints": [int(name in RISING) for name in NAMES],
        "seed": 0,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    table = lightgbm.Dataset(features, progression, feature_name=list(NAMES))
    return lightgbm.train(parameters, table, num_boost_round=100)


def write_evaluation(path, features, progression):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*NAMES, "target"])
        for row, value in zip(features, progression, strict=True):
            writer.writerow(
                [int(x) if name == "sex" else float(x) for name, x in zip(NAMES, row, strict=True)] + [value]
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    output = parser.parse_args().output
    train_features, held_out, train_progression, held_out_progression = split()
    train(train_features, train_progression).save_model(output / "diabetes.txt")
    write_evaluation(output / "evaluation/data.csv", held_out, held_out_progression)


if __name__ == "__main__":
    main()
