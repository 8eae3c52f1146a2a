"""`prune FOLDER --output OUT`: the smallest weights of an ONNX model become zero."""

from __future__ import annotations

import argparse

from model_images.commands.compressing import add_folders, finished


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    parser.add_argument("--sparsity", type=float, default=0.5, help="share of each matrix that becomes zero (0.5)")


def run(arguments: argparse.Namespace) -> int:
    # After the arguments are known to be sound: frameworks take long to import.
    from model_images.compress.prune import prune

    return finished(arguments, lambda: prune(arguments.folder, arguments.output, sparsity=arguments.sparsity))
