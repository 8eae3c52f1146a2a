"""`import mlflow:models:/NAME@ALIAS --output FOLDER`: a model folder out of an MLflow registry."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from model_images.commands.transfers import exit_status, print_json
from model_images.registry.errors import RegistryError
from model_images.registry.mlflow_import import import_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("source", help="mlflow:models:/NAME@ALIAS or mlflow:models:/NAME/VERSION")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="the model folder to make")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")


def run(arguments: argparse.Namespace) -> int:
    """Prints the next step."""
    try:
        made = import_model(arguments.source, arguments.output)
    except RegistryError as error:
        return exit_status(error)
    for note in made.notes:
        print(note, file=sys.stderr)
    if arguments.json:
        summary = {"folder": str(made.folder), "name": made.model.name, "version": made.model.version}
        print_json(summary | {"framework": made.model.framework, "notes": list(made.notes)})
    else:
        print(f"{made.folder}: {made.model.name} {made.model.version}, {made.model.framework}")
        print(f"next: python -m model_images check {made.folder}")
    return 0
