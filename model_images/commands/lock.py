"""`lock FOLDER`: writes the model folder's requirements.lock anew."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from model_images.build.errors import BuildError
from model_images.build.lock import write_lock
from model_images.build.platforms import ACCELERATORS
from model_images.commands.reporting import progress, told
from model_images.model_file import ModelFileError, read_model_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", type=Path, nargs="+", help="model folders, for example model_images/samples/fraud")
    parser.add_argument("--accelerator", choices=ACCELERATORS, default="cpu", help="cpu unless said otherwise")


def run(arguments: argparse.Namespace) -> int:
    """Locks every folder; the first that cannot be locked ends it."""
    try:
        for folder in arguments.folder:
            with progress() as say:
                say(f"resolving the packages of {folder}")
                path = write_lock(folder, read_model_file(folder), arguments.accelerator)
            print(f"{path}: written")
    except (BuildError, ModelFileError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        return told(error)
    return 0
