"""`schema FOLDER`: what a request may hold, as JSON Schema of draft 4, for a gateway in front of the model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from model_images.model_file import ModelFileError, read_model_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("folder", type=Path, help="the model folder, for example model_images/samples/fraud")
    parser.add_argument(
        "--features-key", default="", help="the FEATURES_KEY that it is served with: rows may leave out inputs then"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints the schema."""
    from model_images.request_schema import request_schema  # numpy comes with it

    try:
        model = read_model_file(arguments.folder)
    except ModelFileError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(request_schema(model, arguments.features_key), indent=2, sort_keys=True))
    return 0
