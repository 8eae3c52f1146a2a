"""`run IMAGE --port P`: serves the image of a layout on this machine, without a container engine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from model_images.build.errors import BuildError
from model_images.build.run import run as become_server
from model_images.commands.reporting import told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("image", type=Path, help="the folder of an image layout")
    parser.add_argument("--port", type=int, help="the port; AIP_HTTP_PORT, SAGEMAKER_BIND_TO_PORT or 8080 without it")
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="a variable of the container, any number"
    )


def run(arguments: argparse.Namespace) -> int:
    """Starts the image's entry point in place of this process."""
    given: dict[str, str] = {}
    for text in arguments.env:
        name, equals, value = text.partition("=")
        if not name or not equals:
            print(f"--env: got {text!r}; allowed: NAME=VALUE", file=sys.stderr)
            return 2
        given[name] = value
    if arguments.port is not None:
        given["AIP_HTTP_PORT"] = str(arguments.port)
    try:
        become_server(arguments.image, os.environ, given)
    except BuildError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        return told(error)
    return 2
