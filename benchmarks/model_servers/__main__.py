"""`python -m benchmarks.model_servers`: our server and others', interleaved rounds, one table.

Each round starts every server once, checks that its answer equals scikit-learn's, and runs every cell. A cell is the
median over the rounds: requests a second, p50/p99 in milliseconds, and CPU microseconds a request, the figure that a
busy machine moves least. `ours` has validation, metrics and request ids on.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass

from benchmarks.model_servers.load import Load, load
from benchmarks.model_servers.peers import NAMES
from benchmarks.model_servers.processes import Server, cpu_seconds, descendants, memory_mib, request_body, sample

CELLS = "1x1,1x32,64x32"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One server under one load. `cpu_us`: microseconds of CPU that its processes spent on a request."""

    load: Load
    cpu_us: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_servers", description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help="servers, comma-separated")
    parser.add_argument("--cells", default=CELLS, help="rows x connections, comma-separated (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="a cell (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="default %(default)s")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("benchmarks.model_servers: wrk is not on PATH; install it (Debian package wrk)")
    names: list[str] = arguments.only.split(",")
    cells = [(int(rows), int(connections)) for rows, connections in (c.split("x") for c in arguments.cells.split(","))]
    starts: dict[str, list[float]] = defaultdict(list)
    weights: dict[str, list[float]] = defaultdict(list)
    results: dict[tuple[str, int, int], list[Cell]] = defaultdict(list)
    for turn in range(arguments.rounds):
        for name in names:
            server = Server(name)
            try:
                load(server.url, request_body(server.path, sample(1)), 8, 1)
                for rows, connections in cells:
                    results[name, rows, connections].append(_cell(server, rows, connections, arguments.seconds))
                starts[name].append(server.start_s)
                weights[name].append(memory_mib(descendants(server.process.pid)))
            finally:
                server.stop()
            print(f"round {turn + 1}: {name} done", file=sys.stderr)
    print("| server | start s | PSS MiB | " + " | ".join(f"{r} rows, {c} connections" for r, c in cells) + " |")
    print("|---" * (3 + len(cells)) + "|")
    for name in names:
        shown = [_shown(results[name, rows, connections]) for rows, connections in cells]
        print(
            f"| {name} | {statistics.median(starts[name]):.2f} | {statistics.median(weights[name]):.0f} | "
            + " | ".join(shown)
            + " |"
        )


def _cell(server: Server, rows: int, connections: int, seconds: int) -> Cell:
    pids = descendants(server.process.pid)
    before = cpu_seconds(pids)
    seen = load(server.url, request_body(server.path, sample(rows)), connections, seconds)
    return Cell(load=seen, cpu_us=(cpu_seconds(pids) - before) * 1e6 / max(seen.requests, 1))


def _shown(cells: list[Cell]) -> str:
    per_second = statistics.median(cell.load.per_second for cell in cells)
    p50 = statistics.median(cell.load.p50_ms for cell in cells)
    p99 = statistics.median(cell.load.p99_ms for cell in cells)
    cpu = statistics.median(cell.cpu_us for cell in cells)
    bad = sum(cell.load.bad for cell in cells)
    return f"{per_second:.0f}/s ({p50:.2f}/{p99:.1f} ms) **{cpu:.0f} us**" + (f" {bad} BAD" if bad else "")


if __name__ == "__main__":
    main()
