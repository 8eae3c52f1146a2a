"""`python -m tests.model_images.fuzz --inputs 200000`: for a night, not for every change."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.model_images.fuzz.campaign import ENVIRON, Failure, elapsed, fuzz
from tests.model_images.fuzz.wire import fuzz_wire
from tests.model_images.live import start_source
from tests.model_images.served import mixed_model


def main(arguments: list[str]) -> int:
    """The exit status: 1 with the first input that was answered wrongly."""
    parser = argparse.ArgumentParser(prog="python -m tests.model_images.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000, help="inputs in all; a twentieth goes over a socket")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()) // 86_400, help="another one each day unless given"
    )
    parser.add_argument("--only", type=int, help="the number of one input, to ask it again")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        statuses = fuzz(chosen.inputs - chosen.inputs // 20, chosen.seed, print, chosen.only)
        print(f"in process: {statuses.total():,} inputs, {elapsed(began)}, statuses {dict(sorted(statuses.items()))}")
        if chosen.only is None:
            with tempfile.TemporaryDirectory(prefix="fuzz-") as root:
                server = start_source(mixed_model(Path(root)), ENVIRON)
                try:
                    statuses = fuzz_wire(server, chosen.inputs // 20, chosen.seed)
                finally:
                    server.stop()
            print(
                f"on the wire: {statuses.total():,} inputs, {elapsed(began)}, statuses {dict(sorted(statuses.items()))}"
            )
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
