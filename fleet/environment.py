"""Reads a fleet: its settings, and the engine's variables from the tool that makes the engine ready."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from fleet.errors import EngineMissing
from fleet.model import Fleet, FleetStack
from stacks.settings import (
    BuiltImage,
    Environment,
    SettingsError,
    StackName,
    backend_url,
    load_environment,
    load_stack,
    parse_stack,
    secrets_provider,
)


def read_fleet(root: Path, name: str) -> Fleet:
    """The fleet of environment `name`; makes the engine ready first, which says on standard error what it does.

    Raises SettingsError for its name or its files, EngineMissing if there is no engine.
    """
    load_environment(root, name)  # a wrong name or file is told as that, not as an engine that is not ready
    return describe_fleet(root, name, engine_variables(root, name))


def describe_fleet(root: Path, name: str, variables: dict[str, str]) -> Fleet:
    """As `read_fleet`, with the engine's variables given."""
    environment = load_environment(root, name)
    return Fleet(
        root=root,
        environment=name,
        offline=environment.offline,
        stacks=tuple(_fleet_stack(environment, stack, root) for stack in environment.stacks()),
        variables=variables,
        accelerators={m.name: m.image.accelerator for m in environment.models if isinstance(m.image, BuiltImage)},
    )


def engine_variables(root: Path, name: str) -> dict[str, str]:
    """The variables for every stack of an environment but the backend. Raises EngineMissing."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.offline", "env", "--env", name, "--format", "json"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EngineMissing(
            "the engine is not ready; the reason stands above", f"mend it, then run python -m fleet doctor --env {name}"
        )
    return dict(json.loads(done.stdout))


def settings_problems(root: Path, stack: str) -> tuple[str, ...]:
    """What is wrong with the files of one stack, empty if nothing is."""
    try:
        load_stack(root, stack)
    except SettingsError as error:
        return tuple(str(problem) for problem in error.problems)
    return ()


def stack_outside(fleet: Fleet, name: str, backend: str) -> FleetStack | None:
    """A stack found in `backend` that the environment does not name. None if it is not one of this environment's."""
    try:
        stack = parse_stack(name)
    except SettingsError:
        return None
    if stack.environment != fleet.environment:
        return None
    return FleetStack(
        name=name,
        kind=stack.kind,
        place=_place(stack),
        jurisdiction=stack.jurisdiction or _jurisdiction_of(backend, fleet),
        needs=(),
        backend=backend,
    )


def _jurisdiction_of(backend: str, fleet: Fleet) -> str:
    """That of the environment's own stacks in the same backend; of a forgotten local one, its folder's name."""
    neighbours = [other.jurisdiction for other in fleet.stacks if other.backend == backend]
    return neighbours[0] if neighbours else backend.rpartition("/")[2]


def _fleet_stack(environment: Environment, stack: StackName, root: Path) -> FleetStack:
    return FleetStack(
        name=stack.text,
        kind=stack.kind,
        place=_place(stack),
        jurisdiction=stack.jurisdiction or "none",
        needs=tuple(stack.needs),
        backend=backend_url(environment, stack.text, root),
        secrets_provider=secrets_provider(environment, stack.text),
    )


def _place(stack: StackName) -> str:
    return " ".join(part for part in (stack.cloud, stack.place) if part)
