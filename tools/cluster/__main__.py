"""`python -m tools.cluster`: a real Kubernetes control plane with simulated nodes on this machine, for tests.

etcd, API server, controller manager and scheduler are Kubernetes' own; kwok plays the nodes. It needs Go (to build,
once), Linux and 800 MiB of memory, and no root, container or network.
"""

from __future__ import annotations

import argparse
import sys

from tools.cluster.build import built
from tools.cluster.folders import kubeconfig
from tools.cluster.life import down, status, up
from tools.offline.errors import OfflineError


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when done, 1 with the reason on stderr, 2 for words that make no command."""
    arguments = _parser().parse_args(words)
    try:
        print(_answer(arguments.command), end="")
    except OfflineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as shells say it
    return 0


def _answer(command: str) -> str:
    match command:
        case "build":
            return "".join(f"{path}\n" for path in built().values())
        case "up":
            up()
            return f"export KUBECONFIG={kubeconfig()}\n"
        case "down":
            return "the cluster is down\n" if down() else "there was no cluster\n"
        case _:
            return status()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the programs that are missing, without starting any")
    commands.add_parser("up", help="bring the cluster up; leaves one that stands as it is")
    commands.add_parser("down", help="stop exactly what `up` started and remove its state")
    commands.add_parser("status", help="say what runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
