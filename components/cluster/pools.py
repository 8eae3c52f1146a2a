"""What is asked of one pool of nodes: plain values, checked when they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.accelerators import Accelerator, Vendor
from components.capacity import Capacity

SERVED = (Vendor.NVIDIA,)
"""Makers whose accelerators the nodes offer to pods; others need a device plug-in that no component installs yet."""

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
    """

    name: str
    machines: tuple[str, ...]
    capacity: tuple[Capacity, ...]
    min_nodes: int
    max_nodes: int
    disk_gib: int = 100
    accelerator: Accelerator | None = None
    capacity_block: CapacityBlock | None = None

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise ValueError(f"pool {self.name!r}: {problem}")

    def _problem(self) -> str | None:
        """What is wrong, in the order of the fields, or None."""
        if not _NAME.fullmatch(self.name):
            return "name: allowed: lower-case letters, digits and dashes, 1 to 32 characters, first a letter"
        if not self.machines:
            return "machines: got none; allowed: at least one instance type"
        ways = ", ".join(self.capacity)
        if not self.capacity or len(set(self.capacity)) != len(self.capacity):
            return f"capacity: got {ways or 'none'}; allowed: at least one way, each once"
        if not 0 <= self.min_nodes <= self.max_nodes or self.max_nodes < 1:
            return f"nodes: got {self.min_nodes} to {self.max_nodes}; allowed: 0 <= min <= max, and max of 1 or more"
        if self.accelerator is not None and self.accelerator.vendor not in SERVED:
            return f"accelerator: got {self.accelerator.name!r}; not yet; allowed: those of {', '.join(SERVED)}"
        if (Capacity.CAPACITY_BLOCK in self.capacity) != (self.capacity_block is not None):
            return f"capacity: got {ways}; allowed: {Capacity.CAPACITY_BLOCK} exactly when a capacity block is given"
        return None
