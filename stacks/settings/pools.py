"""The sections `pools` and `system` of a region: its nodes, with and without accelerators."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.accelerators import machine_types, offered_by
from components.capacity import Capacity
from components.cluster.pools import MOST_NODES
from components.places import Cloud
from stacks.settings.errors import MISSING, Complaint, near
from stacks.settings.fields import InstanceType, PoolName, Range, ReservationId, Section, Zone, refuse

# What kubelet, system and the add-ons' agents keep of a node, from knowledge: a little more than half a CPU, and of the
# smallest machines a tenth of the memory. A pod that asks for more finds no node, and the autoscaler, which takes an
# empty group's machines for whole, would add one after another in vain.
_CPUS_KEPT, _MEMORY_LEFT = 1, 0.9


class CapacityBlock(Section):
    """GPUs bought for a span of days."""

    reservation: Annotated[ReservationId, Field(description="The capacity block's reservation, cr-...")]
    zone: Annotated[Zone, Field(description="Letter of the zone in which it lies.")]


class Pool(Section):
    """Nodes with one kind of accelerator."""

    name: Annotated[PoolName, Field(description="Unique in the region. Renaming makes a new pool.")]
    accelerator: Annotated[
        str,
        Field(
            description="The accelerator, a row of components/accelerators.py, such as l4.",
            json_schema_extra={"enum": list(offered_by(Cloud.AWS))},
        ),
    ]
    nodes: Annotated[
        Range, Field(description="Fewest nodes, kept by the first way in `capacity`; most nodes of each way.")
    ]
    capacity: Annotated[
        tuple[Capacity, ...],
        Field(min_length=1, description="How nodes are got, the preferred way first."),
    ] = (Capacity.ON_DEMAND,)
    capacity_block: Annotated[
        CapacityBlock | None,
        Field(description="The block bought. Needed if, and only if, `capacity` names capacity_block."),
    ] = None
    instance_types: Annotated[
        tuple[InstanceType, ...],
        Field(description="Instance types, the preferred first. Left out: the three smallest with the accelerator."),
    ] = ()
    efa: Annotated[
        bool,
        Field(
            description="Elastic Fabric Adapter, for models over several nodes: all nodes in one zone, close together."
        ),
    ] = False
    zone: Annotated[
        Zone | None,
        Field(description="Where a pool with `efa` lies. Left out: in its block's zone, else in the region's first."),
    ] = None
    disk_gib: Annotated[
        int, Field(ge=20, le=16384, description="Disk for images and scratch data of a node, in GiB.")
    ] = 100

    @property
    def machines(self) -> tuple[str, ...]:
        """Instance types in order of preference, all with the same number of accelerators."""
        if self.instance_types:
            return self.instance_types
        rows = machine_types(self.accelerator, Cloud.AWS)
        return tuple(row.name for row in rows if row.accelerators == rows[0].accelerators)[:3]

    @property
    def room(self) -> tuple[int, float]:
        """CPUs and GiB that models may have on every node: of the pool's smallest machine, less what a node keeps."""
        rows = [row for row in machine_types(self.accelerator, Cloud.AWS) if row.name in self.machines]
        return min(row.vcpus for row in rows) - _CPUS_KEPT, round(min(row.memory_gib for row in rows) * _MEMORY_LEFT, 1)

    @property
    def accelerators_per_node(self) -> int:
        """How many accelerators each node of this pool carries."""
        rows = {row.name: row.accelerators for row in machine_types(self.accelerator, Cloud.AWS)}
        return rows[self.machines[0]]

    def model_post_init(self, _context: object, /) -> None:
        complaints: list[Complaint] = []
        if len(set(self.capacity)) != len(self.capacity):
            complaints.append(Complaint("capacity", ", ".join(self.capacity), "each way once", "remove the second"))
        wanted = Capacity.CAPACITY_BLOCK in self.capacity
        if wanted != (self.capacity_block is not None):
            got = "a block" if self.capacity_block else MISSING
            step = (
                "add it: {reservation: cr-..., zone: a}" if wanted else "remove it, or name capacity_block in capacity"
            )
            complaints.append(
                Complaint("capacity_block", got, "a block exactly when capacity names capacity_block", step)
            )
        if self.zone is not None and (not self.efa or self.capacity_block is not None):
            allowed = "a zone with efa, where no capacity block says it; other pools use every zone"
            complaints.append(Complaint("zone", self.zone, allowed, "remove it"))
        complaints.extend(too_many_nodes(self.nodes))
        complaints.extend(self._machine_complaints())
        if complaints:
            refuse(*complaints)

    def _machine_complaints(self) -> list[Complaint]:
        """Nothing for an accelerator that AWS lacks: the region says that, with the names that it has."""
        rows = {row.name: row.accelerators for row in machine_types(self.accelerator, Cloud.AWS)}
        if not rows:
            return []
        complaints = [
            Complaint(
                f"instance_types[{index}]",
                name,
                ", ".join(rows),
                near(name, rows) or f"choose one with {self.accelerator}",
            )
            for index, name in enumerate(self.instance_types)
            if name not in rows
        ]
        if not complaints and len({rows[name] for name in self.instance_types}) > 1:
            got = ", ".join(f"{name} ({rows[name]})" for name in self.instance_types)
            complaints.append(
                Complaint("instance_types", got, "the same number of accelerators each", "make two pools")
            )
        return complaints


def too_many_nodes(nodes: Range) -> list[Complaint]:
    """One complaint for more nodes than EKS has in a group."""
    if nodes.max <= MOST_NODES:
        return []
    return [Complaint("nodes.max", nodes.max, f"at most {MOST_NODES}", "make two pools, or ask for fewer")]


class SystemPool(Section):
    """Nodes for add-ons and for models without an accelerator."""

    nodes: Annotated[Range, Field(description="Fewest and most nodes; with two or more, one may be lost.")] = Range(
        min=2, max=6
    )
    instance_types: Annotated[
        tuple[InstanceType, ...], Field(min_length=1, description="Instance types, the preferred first.")
    ] = ("m7i.large", "m6i.large", "m5.large")

    def model_post_init(self, _context: object, /) -> None:
        complaints = too_many_nodes(self.nodes)
        if complaints:
            refuse(*complaints)
