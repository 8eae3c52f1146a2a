"""`build FOLDER --output IMAGE`: one OCI image of a model folder, in an image layout."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from model_images.build.assemble import Built, Order, build
from model_images.build.cache import file_digest
from model_images.build.errors import BuildError
from model_images.build.platforms import ACCELERATORS, DEFAULT_PLATFORM, platforms_of
from model_images.commands.reporting import progress, size_text, told
from model_images.model_file import ModelFileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_order_arguments(parser, "the image layout's folder, written or replaced")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_order_arguments(parser: argparse.ArgumentParser, output: str) -> None:
    """The arguments that say what is to be built; `output` says what is written."""
    parser.add_argument("folder", type=Path, help="the model folder, for example model_images/samples/fraud")
    parser.add_argument("--output", type=Path, required=True, help=output)
    parser.add_argument(
        "--platform", default=DEFAULT_PLATFORM, help=f"{DEFAULT_PLATFORM} wherever it is built; or more, with commas"
    )
    parser.add_argument("--base", default="", help="an image with Python 3.11: a layout, or HOST/REPOSITORY@sha256:...")
    parser.add_argument(
        "--weights-apart", action="store_true", help="leave the artifact out: WEIGHTS names it where the image runs"
    )
    parser.add_argument("--accelerator", choices=ACCELERATORS, default="cpu", help="cpu unless said otherwise")


def order_of(arguments: argparse.Namespace) -> Order:
    """What the arguments ask for.

    Raises:
        BuildError: for a platform that is not known.
    """
    return Order(
        folder=arguments.folder,
        output=arguments.output,
        platforms=platforms_of(arguments.platform),
        accelerator=arguments.accelerator,
        base=arguments.base,
        weights_apart=arguments.weights_apart,
    )


def run(arguments: argparse.Namespace) -> int:
    """Builds the image and says what it is."""
    began = time.monotonic()
    try:
        order = order_of(arguments)
        with progress() as say:
            built = build(order, say)
    except (BuildError, ModelFileError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        return told(error)
    if arguments.json:
        print(json.dumps(_document(built, order), sort_keys=True))
        return 0
    for part in built.parts:
        total = sum(layer.size for layer in part.layers)
        print(f"{part.platform}: {size_text(total)} in {len(part.layers)} layers")
        for layer in part.layers:
            print(f"  {layer.role:<13}{size_text(layer.size):>10}  {layer.digest}")
    if order.weights_apart:
        artifact = order.folder / built.model.artifact
        print(f"weights are not in it: {artifact}, {file_digest(artifact)}")
    print(f"{built.model.name} {built.model.version}: {built.digest}")
    print(f"{order.output} (in {time.monotonic() - began:.1f} s)")
    return 0


def _document(built: Built, order: Order) -> dict[str, object]:
    return {
        "name": built.model.name,
        "version": built.model.version,
        "digest": built.digest,
        "output": str(order.output),
        "accelerator": order.accelerator,
        "platforms": {
            str(part.platform): {
                "digest": part.manifest.digest,
                "layers": [
                    {"role": layer.role, "digest": layer.digest, "diff_id": layer.diff_id, "size": layer.size}
                    for layer in part.layers
                ],
            }
            for part in built.parts
        },
    }
