"""`test FOLDER`: runs every gate that a model must pass before its image may be promoted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from model_images.commands.environment import lacks
from model_images.model_file import ModelFileError
from model_images.whole_files import replace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the model folder, for example model_images/samples/fraud")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what was found there, as JSON")
    parser.add_argument("--json", action="store_true", help="print it as JSON instead of a table")
    parser.add_argument(
        "--record-baseline", action="store_true", help="measure the latency baseline anew (tests/baseline.json) first"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 if no gate failed, 1 if one did, 2 if the folder cannot be read."""
    # As Ctrl-C does: the server that a gate has started must not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The gates' libraries take long to import: `--help` needs none of them.
    from model_images.gates.every import as_object, passed, run_gates
    from model_images.gates.latency import record
    from model_images.gates.server import ServerFailed
    from model_images.gates.subject import read_subject

    try:
        subject = read_subject(arguments.folder)
        if lacks(subject.model.framework, "pandera", "pytest"):
            return 2
        if arguments.record_baseline:
            _say("recording the latency baseline")
            record(subject)
    except (ModelFileError, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 2
    results = run_gates(subject, lambda name: _say(f"gate {name}"))
    found = as_object(subject, results)
    if arguments.json:
        print(_text(found), end="")
    else:
        _print_table(found)
    if arguments.output is not None and not _written(arguments.output, found):
        return 2
    return 0 if passed(results) else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _text(found: Mapping[str, object]) -> str:
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _written(path: Path, found: Mapping[str, object]) -> bool:
    try:
        replace(path, _text(found).encode())
    except OSError as error:
        print(f"--output: {path}: {error.strerror}; name a file in a folder that can be written", file=sys.stderr)
        return False
    return True


def _print_table(found: Mapping[str, object]) -> None:
    from model_images.gates.table import print_gates

    print_gates(found)
