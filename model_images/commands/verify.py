"""`verify DIGEST REFERENCE...`: does every region's registry hold this image, whole?"""

from __future__ import annotations

import argparse
import sys

from model_images.commands.transfers import add_shared_arguments, exit_status, print_json, references
from model_images.registry.errors import RegistryError
from model_images.registry.reference import parse_digest
from model_images.registry.verify import Holding, verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("digest", help="sha256:..., as `push` and `inspect` print it")
    parser.add_argument("reference", nargs="+", help="HOST/REPOSITORY[:TAG]; a tag must name the digest")
    add_shared_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """1 if one place differs."""
    try:
        digest = parse_digest(arguments.digest)
        held = verify(digest, references(arguments.reference, arguments.allowed_regions))
    except RegistryError as error:
        return exit_status(error)
    same = all(one.same for one in held)
    if arguments.json:
        print_json({"digest": digest, "same": same, "registries": held})
    else:
        _print_table(digest, held)
    for one in held:
        if one.problem:
            print(f"{one.place}: {one.problem}", file=sys.stderr)
    return 0 if same else 1


def _print_table(digest: str, held: list[Holding]) -> None:
    from rich.console import Console  # slow to import, and --json does not need it
    from rich.table import Table

    table = Table("registry", "same", "manifests", "blobs", "missing", "referrers", title=digest, title_justify="left")
    for one in held:
        row = (one.manifests, one.blobs, len(one.missing), one.referrers)
        table.add_row(one.place, "yes" if one.same else "no", *(str(number) for number in row))
    Console().print(table)
