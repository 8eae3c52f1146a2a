"""The ways to get a machine, and the node labels that tell a pod which way its node was got.

A pool asks for capacity as an ordered list, the preferred way first. Nodes carry their way and its place in that
list; pods prefer the lowest place, so paid-for capacity fills before spot and spot before on-demand.
"""

from __future__ import annotations

from enum import StrEnum


class Capacity(StrEnum):
    """How the machines of a node group are obtained."""

    RESERVATION = "reservation"  # an open reservation that the account already pays for, and nothing beyond it
    CAPACITY_BLOCK = "capacity_block"  # GPUs bought for a span of days, in one zone
    SPOT = "spot"  # spare machines, taken back at two minutes' notice
    ON_DEMAND = "on_demand"


POOL_LABEL = "homeport.dev/pool"
"""On every node: the name of its pool."""

CAPACITY_LABEL = "homeport.dev/capacity"
"""On every node: a value of `Capacity`, with dashes."""

ORDER_LABEL = "homeport.dev/capacity-order"
"""On every node: "0" for the pool's preferred capacity, "1" for the next, and so on."""


def node_labels(pool: str, capacity: Capacity, order: int) -> dict[str, str]:
    """Labels of the nodes of one pool that come by this capacity, `order` places down the pool's list."""
    return {POOL_LABEL: pool, CAPACITY_LABEL: capacity.value.replace("_", "-"), ORDER_LABEL: str(order)}


def order_weights() -> dict[str, int]:
    """A weight (1 to 100) for each value of `ORDER_LABEL`: the earlier in the list, the stronger the pull."""
    return {str(order): 100 - 25 * order for order in range(len(Capacity))}
