"""Valid fleets and tasks for the tests of this folder; a test breaks one thing of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from fleet.model import Fleet, FleetStack
from fleet.snapshot import Snapshot
from fleet.survey import Survey
from stacks.settings import StackKind

ACCOUNT = "demo-aws-account"
WEST = "demo-aws-eu-west-1"
CENTRAL = "demo-aws-eu-central-1"
DOOR = "demo-eu-front-door"


def account(backend: str = "file:///state/account-aws") -> FleetStack:
    return FleetStack(name=ACCOUNT, kind=StackKind.ACCOUNT, place="aws", jurisdiction="none", needs=(), backend=backend)


def platform(name: str = WEST, backend: str = "file:///state/eu") -> FleetStack:
    return FleetStack(
        name=name,
        kind=StackKind.PLATFORM,
        place=f"aws {name.removeprefix('demo-aws-')}",
        jurisdiction="eu",
        needs=(ACCOUNT,),
        backend=backend,
    )


def models(name: str = WEST, backend: str = "file:///state/eu") -> FleetStack:
    return FleetStack(
        name=f"{name}-models",
        kind=StackKind.MODELS,
        place=f"aws {name.removeprefix('demo-aws-')}",
        jurisdiction="eu",
        needs=(name,),
        backend=backend,
    )


def front_door(*names: str, backend: str = "file:///state/eu") -> FleetStack:
    return FleetStack(
        name=DOOR,
        kind=StackKind.FRONT_DOOR,
        place="",
        jurisdiction="eu",
        needs=tuple(f"{name}-models" for name in names or (WEST,)),
        backend=backend,
    )


def two_regions() -> tuple[FleetStack, ...]:
    return (account(), platform(WEST), platform(CENTRAL), models(WEST), models(CENTRAL), front_door(WEST, CENTRAL))


def fleet(root: Path, *stacks: FleetStack, variables: Mapping[str, str] | None = None) -> Fleet:
    return Fleet(
        root=root, environment="demo", offline=True, stacks=stacks or two_regions(), variables=dict(variables or {})
    )


def snapshot(**outputs: object) -> Snapshot:
    return Snapshot(written="2026-11-24T09:00:00Z", resources=3, held=(), outputs=outputs, pending=())


def gone_process() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def survey(snapshots: Mapping[str, Snapshot], removed: tuple[FleetStack, ...] = ()) -> Survey:
    return Survey(snapshots=snapshots, updated={}, removed=removed, locks={}, half_written={})
