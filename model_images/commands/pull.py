"""`pull REFERENCE --output FOLDER`: an image and what refers to it as a layout on disk, its digest unchanged."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_images.commands.reporting import told
from model_images.commands.transfers import add_shared_arguments, bars, exit_status, print_json, references
from model_images.registry.errors import RegistryError
from model_images.registry.pull import pull
from model_images.registry.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("reference", help="HOST/REPOSITORY[:TAG][@DIGEST]")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="new, empty, or an earlier pull")
    add_shared_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the digest."""
    try:
        (reference,) = references([arguments.reference], arguments.allowed_regions)
        with bars() as bar:
            root = pull(Repository(reference), reference.name, arguments.output, bar(str(reference)))
    except RegistryError as error:
        return exit_status(error)
    except OSError as error:
        return told(error)
    if arguments.json:
        print_json({"digest": root.digest, "folder": str(arguments.output), "reference": str(reference)})
    else:
        print(f"{arguments.output}: {reference.at(root.digest)}")
    return 0
