"""`promote FROM TO...`: the same digest into the next place, with a record of who, when, whence and on which gates."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from model_images.commands.reporting import told
from model_images.commands.transfers import add_shared_arguments, bars, exit_status, print_json, references
from model_images.registry.errors import RegistryError
from model_images.registry.promote import Grounds, promote
from model_images.registry.records import Promotion, read_gates
from model_images.registry.repository import Repository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("source", metavar="FROM", help="HOST/REPOSITORY[:TAG][@DIGEST]")
    parser.add_argument("target", metavar="TO", nargs="+", help="HOST/REPOSITORY[:TAG], any number")
    parser.add_argument("--gates", type=Path, metavar="FILE", help="gate record, where none is attached to the image")
    parser.add_argument("--by", default="", metavar="NAME", help="who promotes (default: the user of this machine)")
    parser.add_argument(
        "--source-commit", metavar="COMMIT", help="default: the gates', the image's label, its provenance"
    )
    parser.add_argument("--data-digest", metavar="DIGEST", help="of the training data (default: the gates')")
    add_shared_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Targets one after the other; the first failure ends it, so that nothing is ahead of what failed."""
    done: list[Promotion] = []
    try:
        (source,) = references([arguments.source], "")
        targets = references(arguments.target, arguments.allowed_regions)
        grounds = Grounds(
            who=arguments.by,
            gates=read_gates(arguments.gates) if arguments.gates else None,
            source_commit=arguments.source_commit,
            data_digest=arguments.data_digest,
        )
        with tempfile.TemporaryDirectory() as between, bars() as bar:
            for target in targets:
                watch = bar(str(target))
                done.append(promote(Repository(source), Repository(target), grounds, Path(between), watch)[0])
    except RegistryError as error:
        return exit_status(error)
    except OSError as error:
        return told(error)
    finally:
        _print(done, as_json=arguments.json)
    return 0


def _print(done: list[Promotion], *, as_json: bool) -> None:
    if as_json:
        print_json({"promotions": done})
        return
    for one in done:
        print(
            f"{one.target}: {one.image} of {one.model or 'a model'}, from {one.source}, by {one.who}; gates {one.gates}"
        )
