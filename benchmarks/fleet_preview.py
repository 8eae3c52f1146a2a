"""`fleet preview` of environment demo, side by side, against plain `pulumi preview` of its stacks one after another.

Both sides preview nine standing stacks without changes, policies on, in a copy of the project. Bound: 0.7 on 2 cores.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.engine.project_copy import ProjectCopy, copy_project

ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder))
        stacks = list(project.stacks("up", "--env", "demo", "--yes"))
        variables = {stack: project.variables(stack) for stack in stacks}
        pairs = [(_fleet(project), _one_by_one(project.root, variables)) for _ in range(ROUNDS)]
    ratios = [fleet / plain for fleet, plain in pairs]
    print(f"preview of {len(stacks)} standing stacks, {ROUNDS} rounds in turn, {os.cpu_count()} cores:")
    print(
        f"  fleet / one after another: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}"
    )


def _fleet(project: ProjectCopy) -> float:
    started = time.perf_counter()
    project.fleet("preview", "--env", "demo")
    return time.perf_counter() - started


def _one_by_one(root: Path, variables: Mapping[str, Mapping[str, str]]) -> float:
    started = time.perf_counter()
    for stack, more in variables.items():
        engine = shutil.which("pulumi", path=more["PATH"]) or "pulumi"
        command = [engine, "preview", "--stack", stack, "--non-interactive"]
        subprocess.run(command, cwd=root, env={**os.environ, **more}, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
