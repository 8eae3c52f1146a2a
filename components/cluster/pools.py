"""What is asked of one pool of nodes: plain values, checked when they are made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from components.accelerators import Accelerator, MachineType
from components.capacity import Capacity
from components.places import Cloud

MOST_NODES = 450
"""Of one node group: what EKS allows an account that has not asked for more ("Nodes per managed node group")."""

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")
_RESERVATION_ID = re.compile(r"cr-[0-9a-f]{8,17}")


@dataclass(frozen=True, kw_only=True)
class CapacityBlock:
    """A Capacity Block for ML that someone has bought: its reservation, and the one zone that it lies in."""

    reservation_id: str
    zone: str

    def __post_init__(self) -> None:
        if not _RESERVATION_ID.fullmatch(self.reservation_id):
            raise ValueError(f"capacity_block: got {self.reservation_id!r}; allowed: cr-... as EC2 shows it")


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """`machines`: instance types, the preferred first, all with the same number of accelerators.

    `max_nodes` bounds each way of `capacity` by itself; `min_nodes` is kept by the first way only, the others start
    and may end at 0.

    `efa`: every adapter of the machines, for models that span nodes; all nodes then lie in one zone, that of the
    capacity block, else `zone`, else the cluster's first.
    """

    name: str
    machines: tuple[str, ...]
    capacity: tuple[Capacity, ...]
    min_nodes: int
    max_nodes: int
    disk_gib: int = 100
    accelerator: Accelerator | None = None
    capacity_block: CapacityBlock | None = None
    efa: bool = False
    zone: str | None = None

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise ValueError(f"pool {self.name!r}: {problem}")

    @property
    def accelerators_per_node(self) -> int:
        """How many accelerators each node offers; 0 in a pool without."""
        return 0 if self.accelerator is None else self._machine(self.machines[0]).accelerators

    @property
    def adapters_per_node(self) -> int:
        """How many EFA interfaces each node has."""
        return self._machine(self.machines[0]).efa if self.efa else 0

    def zones_of(self, capacity: Capacity, subnets: Iterable[str]) -> tuple[str, ...]:
        """Where nodes that come by this capacity lie, of the zones that have a subnet.

        Raises ValueError where the zone that is asked for has none.
        """
        known, block = tuple(sorted(subnets)), self.capacity_block
        if block is not None and (capacity is Capacity.CAPACITY_BLOCK or self.efa):
            field, wanted = "capacity_block.zone", block.zone
        elif self.efa:
            field, wanted = "zone", self.zone or known[0]
        else:
            return known
        if wanted not in known:
            raise ValueError(f"pool {self.name!r}: {field}: got {wanted!r}; allowed: {', '.join(known)}")
        return (wanted,)

    def _problem(self) -> str | None:
        """What is wrong, in the order of the fields, or None."""
        if not _NAME.fullmatch(self.name):
            return "name: allowed: lower-case letters, digits and dashes, 1 to 32 characters, first a letter"
        if not self.machines:
            return "machines: got none; allowed: at least one instance type"
        ways = ", ".join(self.capacity)
        if not self.capacity or len(set(self.capacity)) != len(self.capacity):
            return f"capacity: got {ways or 'none'}; allowed: at least one way, each once"
        if not 0 <= self.min_nodes <= self.max_nodes or not 1 <= self.max_nodes <= MOST_NODES:
            got = f"{self.min_nodes} to {self.max_nodes}"
            return f"nodes: got {got}; allowed: 0 <= min <= max, and max of 1 to {MOST_NODES}"
        rows = {row.name: row for row in self._rows()}
        strange = [name for name in self.machines if self.accelerator is not None and name not in rows]
        if strange:
            return f"machines: got {', '.join(strange)}; allowed: those of its accelerator: {', '.join(rows)}"
        if len({rows[name].accelerators for name in self.machines if name in rows}) > 1:
            got = ", ".join(f"{name} ({rows[name].accelerators})" for name in self.machines)
            return f"machines: got {got}; allowed: the same number of accelerators each"
        if (Capacity.CAPACITY_BLOCK in self.capacity) != (self.capacity_block is not None):
            return f"capacity: got {ways}; allowed: {Capacity.CAPACITY_BLOCK} exactly when a capacity block is given"
        return self._zone_problem() or self._adapter_problem()

    def _zone_problem(self) -> str | None:
        if self.zone is not None and (not self.efa or self.capacity_block is not None):
            return f"zone: got {self.zone!r}; allowed: with efa, and where no capacity block says it"
        return None

    def _adapter_problem(self) -> str | None:
        """One launch template lays out the interfaces of all machines of a group, so they must have the same."""
        if not self.efa:
            return None
        counts = {row.name: row.efa for row in self._rows()}
        found = {name: counts.get(name, 0) for name in self.machines}
        if 0 in found.values() or len(set(found.values())) > 1:
            got = ", ".join(f"{name} ({count})" for name, count in found.items())
            fit = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
            return f"efa: got {got}; allowed: machines with the same number of adapters: {fit or 'none of this kind'}"
        return None

    def _machine(self, name: str) -> MachineType:
        return next(row for row in self._rows() if row.name == name)

    def _rows(self) -> tuple[MachineType, ...]:
        return () if self.accelerator is None else self.accelerator.machines.get(Cloud.AWS, ())
