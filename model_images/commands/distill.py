"""`distill FOLDER --output OUT --data CSV`: a small ONNX network learns what the model answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_images.commands.compressing import add_folders, finished


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    parser.add_argument("--data", type=Path, required=True, help="CSV of rows to learn from; needs no labels")
    parser.add_argument("--hidden", type=int, default=32, help="units of the hidden layer (32)")


def run(arguments: argparse.Namespace) -> int:
    # After the arguments are known to be sound: frameworks take long to import.
    from model_images.compress.distill import distill

    return finished(
        arguments,
        lambda: distill(arguments.folder, arguments.output, data=arguments.data, hidden=arguments.hidden),
    )
