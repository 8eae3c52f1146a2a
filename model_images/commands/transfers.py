"""What the commands that speak to registries share: bars in a terminal, errors as lines, references checked first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from model_images.registry.errors import InputError, RegistryError
from model_images.registry.reference import Reference, check_region, parse_reference
from model_images.registry.watching import Watch, unwatched


def add_shared_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json` and `--allowed-regions`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    parser.add_argument(
        "--allowed-regions",
        default="",
        metavar="REGION,...",
        help="refuse registries whose host names no region, or one that is not listed; a whole host may be listed too",
    )


def references(texts: Sequence[str], allowed_regions: str) -> list[Reference]:
    """All references, checked before any registry is spoken to.

    Raises:
        InputError, Refused: with a line for each that is wrong.
    """
    allowed = {one.strip() for one in allowed_regions.split(",") if one.strip()}
    found: list[Reference] = []
    wrong: list[RegistryError] = []
    for text in texts:
        try:
            reference = parse_reference(text)
            check_region(reference, allowed)
            found.append(reference)
        except RegistryError as error:
            wrong.append(error)
    if wrong:
        raise type(wrong[0])("\n".join(str(error) for error in wrong))
    return found


def exit_status(error: RegistryError) -> int:
    """Prints the error; 2 for what cannot be right, 1 for what failed."""
    print(error, file=sys.stderr)
    return 2 if isinstance(error, InputError) else 1


def print_json(value: Any) -> None:
    """One document, indented, keys sorted."""
    print(msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode())


@contextmanager
def bars() -> Generator[Callable[[str], Watch]]:
    """A function that gives a place its bar of bytes: in a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: unwatched
        return
    from rich.console import Console  # slow to import, and only a terminal needs it
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def bar(name: str) -> Watch:
            task = progress.add_task(name, total=0)
            blobs: dict[str, tuple[int, int]] = {}

            def watch(digest: str, done: int, size: int) -> None:
                blobs[digest] = (done, size)
                known = tuple(blobs.values())
                progress.update(task, completed=sum(one for one, _ in known), total=sum(size for _, size in known))

            return watch

        yield bar
