"""`quantize FOLDER --output OUT`: int8 in place of float32 in an ONNX model."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_images.commands.compressing import add_folders, finished


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    parser.add_argument(
        "--calibrated", action="store_true", help="fix the ranges of activations by data, not by request"
    )
    parser.add_argument("--data", type=Path, help="CSV of rows for --calibrated; where absent, the evaluation data")


def run(arguments: argparse.Namespace) -> int:
    # After the arguments are known to be sound: frameworks take long to import.
    from model_images.compress.quantize import quantize

    return finished(
        arguments,
        lambda: quantize(arguments.folder, arguments.output, calibrated=arguments.calibrated, data=arguments.data),
    )
