"""`push LAYOUT REFERENCE...`: brings an image to one or several registries; run again, it goes on where it stopped."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from model_images.commands.transfers import add_shared_arguments, bars, exit_status, print_json, references
from model_images.registry.descriptors import Descriptor
from model_images.registry.errors import RegistryError
from model_images.registry.layout import Layout
from model_images.registry.push import Pushed, PushOptions, push
from model_images.registry.records import Gates, attach, gates_artifact, read_gates
from model_images.registry.reference import Reference
from model_images.registry.repository import Repository
from model_images.registry.watching import Watch


class Failed(msgspec.Struct, frozen=True):
    """A registry that did not get the image."""

    reference: str
    error: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("layout", type=Path, help="the folder of an image layout")
    parser.add_argument("reference", nargs="+", help="HOST/REPOSITORY[:TAG]; without a tag by digest alone")
    parser.add_argument(
        "--mount-from", metavar="REPOSITORY", help="another repository there that may hold blobs already"
    )
    parser.add_argument("--gates", type=Path, metavar="FILE", help="the gate record of `test`, attached to the image")
    add_shared_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """One registry's failure does not stop the others."""
    try:
        targets = references(arguments.reference, arguments.allowed_regions)
        source = Layout(arguments.layout)
        root = source.root
        gates = read_gates(arguments.gates) if arguments.gates else None
    except RegistryError as error:
        return exit_status(error)

    def one(target: Reference, watch: Watch) -> Pushed | Failed:
        options = PushOptions(tag=target.tag, mount_from=arguments.mount_from, watch=watch)
        try:
            return _one(source, root, target, options, gates)
        except RegistryError as error:
            return Failed(str(target), str(error))
        except OSError as error:
            return Failed(str(target), f"{error.filename or 'this machine'}: {error.strerror or error}")

    with bars() as bar, ThreadPoolExecutor(len(targets)) as pool:
        done = list(pool.map(one, targets, [bar(str(target)) for target in targets]))
    failed = [result for result in done if isinstance(result, Failed)]
    if arguments.json:
        pushed = [result for result in done if isinstance(result, Pushed)]
        print_json({"digest": root.digest, "pushed": pushed, "failed": failed})
    else:
        for result in done:
            if isinstance(result, Pushed):
                print(_line(result))
    for result in failed:
        print(result.error, file=sys.stderr)
    return 1 if failed else 0


def _one(source: Layout, root: Descriptor, target: Reference, options: PushOptions, gates: Gates | None) -> Pushed:
    repository = Repository(target)
    pushed = push(source, root, repository, options)
    if gates:
        attach(repository, gates_artifact(root, gates), root.digest)
    return pushed


def _line(pushed: Pushed) -> str:
    tag = f" as {pushed.tag}" if pushed.tag else ""
    return (
        f"{pushed.reference}{tag}: {pushed.sent} blobs sent ({pushed.sent_bytes / (1 << 20):.1f} MiB), "
        f"{pushed.mounted} mounted, {pushed.present} there already; {pushed.referrers} referrers"
    )
