"""How a region's settings of nodes become a component's: its pools, and how few nodes each may have."""

from __future__ import annotations

from components.accelerators import ACCELERATORS
from components.cluster.aws import SYSTEM_POOL, system_pool
from components.cluster.pools import CapacityBlock, NodePool
from stacks.settings import Pool
from stacks.settings.region import RegionSection


def system_nodes(region: RegionSection) -> NodePool:
    """The pool without accelerators."""
    nodes = region.system.nodes
    return system_pool(machines=region.system.instance_types, min_nodes=nodes.min, max_nodes=nodes.max)


def node_pool(pool: Pool, region: str) -> NodePool:
    """A pool with accelerators; the system pool comes from its own function."""
    block = pool.capacity_block
    return NodePool(
        name=pool.name,
        machines=pool.machines,
        capacity=pool.capacity,
        min_nodes=pool.nodes.min,
        max_nodes=pool.nodes.max,
        disk_gib=pool.disk_gib,
        accelerator=ACCELERATORS[pool.accelerator],
        capacity_block=CapacityBlock(reservation_id=block.reservation, zone=f"{region}{block.zone}") if block else None,
        efa=pool.efa,
        zone=f"{region}{pool.zone}" if pool.zone else None,
    )


def fewest_nodes(region: RegionSection) -> dict[str, int]:
    """By pool, the system pool too."""
    return {SYSTEM_POOL: region.system.nodes.min, **{pool.name: pool.nodes.min for pool in region.pools}}
