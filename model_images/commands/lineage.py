"""`lineage REFERENCE`: where an image came from, what it passed, who moved it where."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from model_images.commands.reporting import printable
from model_images.commands.transfers import add_shared_arguments, exit_status, print_json, references
from model_images.registry.errors import RegistryError
from model_images.registry.lineage import Lineage, lineage
from model_images.registry.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("reference", help="HOST/REPOSITORY[:TAG][@DIGEST]")
    add_shared_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the chain, the oldest first."""
    try:
        (reference,) = references([arguments.reference], arguments.allowed_regions)
        found = lineage(Repository(reference))
    except RegistryError as error:
        return exit_status(error)
    if arguments.json:
        print_json(found)
    else:
        print("\n".join(printable(line) for line in _lines(found)))
    return 0


def _lines(found: Lineage) -> Iterator[str]:
    yield f"image   {found.image}"
    yield f"model   {found.model_digest or 'not said'}"
    yield f"source  {found.source_commit or 'not said'}"
    for digest, gate in found.gates.items():
        data = f", evaluation data {gate.evaluation_digest}" if gate.evaluation_digest else ""
        yield f"gates   {'passed' if gate.passed else 'failed'} ({digest}{data})"
    for one in found.promotions:
        yield f"moved   {one.when}  {one.source} -> {one.target}  by {one.who}"
    for kind, number in found.others.items():
        yield f"beside  {number} {kind}"
