"""How the commands that compress a model say what they did."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from model_images.commands.environment import lacks
from model_images.model_file import ModelFileError

if TYPE_CHECKING:
    from model_images.compress.folder import Compressed


def add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the model folder; its evaluation says what may be lost")
    parser.add_argument("--output", type=Path, required=True, help="the model folder to write")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")


def finished(arguments: argparse.Namespace, make: Callable[[], Compressed]) -> int:
    """0 and the report; 1 where the new model misses a threshold, 2 where something given cannot be used."""
    if lacks("onnx", "onnx"):
        return 2
    from model_images.compress.folder import BelowThreshold, CompressionError
    from model_images.evaluation import EvaluationError
    from model_images.runtimes import ArtifactError

    try:
        done = make()
    except BelowThreshold as below:
        print(below, file=sys.stderr)
        return 1
    except (ModelFileError, CompressionError, EvaluationError, ArtifactError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(msgspec.json.encode(done).decode() if arguments.json else "\n".join(done.lines()))
    return 0
