"""Trains a small convolutional network on scikit-learn's 8x8 handwritten digits and exports it by `torch.export`.

`python training/train.py [--output FOLDER]` writes `digits.pt2` and, of the rows held out, `evaluation/data.csv`. It
needs torch and scikit-learn.
"""

import argparse
import csv
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

FOLDER = Path(__file__).parents[1]
EPOCHS, BATCH, LEARNING_RATE = 40, 64, 3e-3


class Network(nn.Module):
    """Two convolutions and a linear layer; takes pixels of shape (rows, 8, 8) between 0 and 16."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.classes = nn.Linear(16 * 4 * 4, 10)

    def forward(self, pixels):
        return self.classes(self.features(pixels.unsqueeze(1) / 16).flatten(1))


class Served(nn.Module):
    """The network as it is served: the digit and the probability of each."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pixels):
        probabilities = torch.softmax(self.network(pixels), dim=1)
        return {"label": probabilities.argmax(dim=1), "probabilities": probabilities}


def split():
    """Pixels of shape (rows, 8, 8) and digits of the rows for training and of those held out."""
    data = load_digits()
    parts = train_test_split(
        data.images.astype("float32"), data.target, test_size=0.25, random_state=0, stratify=data.target
    )
    return [torch.from_numpy(part) for part in parts]


def train(pixels, digits):
    torch.manual_seed(0)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(pixels)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(pixels[rows]), digits[rows]).backward()
            optimizer.step()
    return network.eval()


def write_evaluation(path, pixels, digits):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(f"pixels_{place}" for place in range(64)), "label"])
        writer.writerows([*map(int, row), int(d)] for row, d in zip(pixels.flatten(1), digits, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    output = parser.parse_args().output
    train_pixels, held_out, train_digits, held_out_digits = split()
    network = train(train_pixels, train_digits)
    # The batch is of any size, which the name of its dimension says.
    rows = torch.export.Dim("rows", min=1)
    # The file keeps the example, so it is none of the data.
    program = torch.export.export(Served(network).eval(), (torch.zeros(2, 8, 8),), dynamic_shapes=({0: rows},))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # it would name this machine's folders
    torch.export.save(program, output / "digits.pt2")
    write_evaluation(output / "evaluation/data.csv", held_out, held_out_digits)


if __name__ == "__main__":
    main()
