"""`inspect IMAGE`: what an image in a layout is made of; every digest is checked."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from model_images.build.errors import BuildError
from model_images.build.inspection import inspect
from model_images.commands.reporting import printable, size_text, told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("image", type=Path, help="the folder of an image layout")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON, every package of the SBOM too")


def run(arguments: argparse.Namespace) -> int:
    """Prints the image."""
    try:
        found = inspect(arguments.image)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        return told(error)
    if arguments.json:
        print(json.dumps(found, sort_keys=True))
        return 0
    print(f"image  {found['digest']}")
    for part in found["platforms"]:
        _print_platform(part)
    for name, digest in found["provenance"].get("inputs", {}).items():
        print(printable(f"made of {name:<22}{digest}"))
    for one in found["referrers"]:
        print(printable(f"referrer {one['type']:<34}{one['digest']}"))
    return 0


def _print_platform(part: dict[str, Any]) -> None:
    print(f"\n{part['platform']}  {part['digest']}  {size_text(part['size'])}")
    for layer in part["layers"]:
        print(f"  {layer['role'] or 'layer':<13}{size_text(layer['size']):>10}  {layer['digest']}")
    for name, value in sorted(part["labels"].items()):
        print(printable(f"  {name} = {value}"))
    print(printable(f"  starts {' '.join(part['entry_point'])}"))
    counts = part["sbom"].get("packages", {})
    print(f"  SBOM: {', '.join(f'{count} {sort}' for sort, count in counts.items()) or 'none'}\n")
