"""`serve FOLDER`: the server that the image will run, started from the sources."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from model_images.serve.start import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the model folder, for example model_images/samples/fraud")
    parser.add_argument(
        "--port", type=int, help="0: any free one (default: AIP_HTTP_PORT, SAGEMAKER_BIND_TO_PORT, 8080)"
    )
    parser.add_argument("--workers", type=int, help="processes, each with its copy of the model (default: WORKERS)")


def run(arguments: argparse.Namespace) -> int:
    return serve(arguments.folder, os.environ, arguments.port, arguments.workers)
