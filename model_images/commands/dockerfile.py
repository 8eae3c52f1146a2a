"""`dockerfile FOLDER --output CONTEXT`: the same image as a Dockerfile and its context, for docker buildx."""

from __future__ import annotations

import argparse
import sys

from model_images.build.dockerfile import write_context
from model_images.build.errors import BuildError
from model_images.commands.build import add_order_arguments, order_of
from model_images.commands.reporting import progress, told
from model_images.model_file import ModelFileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_order_arguments(parser, "the folder for Dockerfile and layers, written or replaced")


def run(arguments: argparse.Namespace) -> int:
    """Writes the context and says how it is built."""
    try:
        order = order_of(arguments)
        with progress() as say:
            path = write_context(order, say)
    except (BuildError, ModelFileError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        return told(error)
    print(f"{path}: written; docker buildx build --platform {arguments.platform} {order.output}")
    return 0
