"""What stands before a run: read from the backends, changing nothing."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from fleet.engine import Deployed, Engine
from fleet.environment import stack_outside
from fleet.locks import Holder, Lock, half_written, holder, read_locks
from fleet.model import Fleet, FleetStack
from fleet.snapshot import Snapshot
from stacks.contracts import MODELS_OUTPUT, PLATFORM_OUTPUT
from stacks.settings import StackKind, file_backend

# The output that other stacks read. A stack of another kind stands once it has published anything.
CONTRACTS: Mapping[StackKind, str] = {StackKind.PLATFORM: PLATFORM_OUTPUT, StackKind.MODELS: MODELS_OUTPUT}


@dataclass(frozen=True, kw_only=True)
class Survey:
    """`snapshots` holds every stack that exists, `removed` those of them that have left the environment.

    `half_written` names what stands in the place of a lock and is none, by stack, also of one that does not exist yet.
    """

    snapshots: Mapping[str, Snapshot]
    updated: Mapping[str, datetime | None]
    removed: tuple[FleetStack, ...]
    locks: Mapping[str, tuple[Lock, ...]]
    half_written: Mapping[str, tuple[Path, ...]]

    def stands(self, stack: FleetStack) -> bool:
        """True if stacks above this one find in it what they need."""
        snapshot = self.snapshots.get(stack.name)
        if snapshot is None:
            return False
        contract = CONTRACTS.get(stack.kind)
        return contract in snapshot.outputs if contract else snapshot.stands

    def waits_for(self, stack: FleetStack, fleet: Fleet) -> str | None:
        """The first stack that this one needs and that does not stand."""
        for name in stack.needs:
            lower = fleet.stack(name)
            if lower is not None and not self.stands(lower):
                return name
        return None

    def stale(self, stack: str) -> tuple[Lock, ...]:
        """Locks whose process is gone, if all are; a lock that is held makes the others wait their turn."""
        locks = self.locks.get(stack, ())
        return locks if all(holder(lock) is Holder.GONE for lock in locks) else ()

    def held(self, stack: str) -> Lock | None:
        """A lock whose process lives, or may live on another machine."""
        return next((lock for lock in self.locks.get(stack, ()) if holder(lock) is not Holder.GONE), None)


def look(fleet: Fleet, engine: Engine, parallel: int) -> Survey:
    """The survey of a fleet. Raises BackendFailed."""
    known = {stack.name: stack for stack in fleet.stacks}
    removed: list[FleetStack] = []
    existing: list[FleetStack] = []
    updated: dict[str, datetime | None] = {}
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        backends = (*fleet.backends, *_forgotten_backends(fleet))
        for backend, listed in zip(backends, pool.map(engine.deployed, backends), strict=True):
            for entry in listed:
                stack = _placed(entry, backend, known, fleet)
                if stack is not None:
                    existing.append(stack)
                    updated[stack.name] = entry.updated
                    if stack.name not in known:
                        removed.append(stack)
        snapshots = dict(zip((stack.name for stack in existing), pool.map(engine.snapshot, existing), strict=True))
    return Survey(
        snapshots=snapshots,
        updated=updated,
        removed=tuple(sorted(removed, key=lambda stack: (tuple(StackKind).index(stack.kind), stack.name))),
        locks={stack.name: read_locks(stack.backend, stack.name) for stack in existing},
        half_written={stack.name: half_written(stack.backend, stack.name) for stack in (*fleet.stacks, *removed)},
    )


def _placed(entry: Deployed, backend: str, known: Mapping[str, FleetStack], fleet: Fleet) -> FleetStack | None:
    if entry.name in known:
        return known[entry.name] if known[entry.name].backend == backend else None
    return stack_outside(fleet, entry.name, backend)


def _forgotten_backends(fleet: Fleet) -> tuple[str, ...]:
    """Local backends of jurisdictions that the environment no longer names. Others cannot be known."""
    state = fleet.folder / "state"
    if not fleet.offline or not state.is_dir():
        return ()
    known = {Path(urlsplit(backend).path) for backend in fleet.backends}
    forgotten = [folder for folder in sorted(state.iterdir()) if folder.is_dir() and folder not in known]
    return tuple(file_backend(fleet.root, fleet.environment, folder.name) for folder in forgotten)
