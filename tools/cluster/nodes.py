"""The simulated nodes of the test cluster: plain ones and, of every accelerator, one in each of three zones.

They bear the labels and taints that Homeport's pools give, on machines of AWS. A pod on one is ready at once and runs
nothing.
"""

from __future__ import annotations

from typing import Any

from components.accelerators import ACCELERATORS, Accelerator
from components.capacity import Capacity, node_labels
from components.places import Cloud

REGION = "simulated-1"
ZONES = tuple(f"{REGION}{letter}" for letter in "abc")
_SIMULATED = {"kwok.x-k8s.io/node": "fake"}
SIMULATED = "kwok.x-k8s.io/node=fake"
"""The annotation by which kwok knows its nodes."""


def simulated_nodes() -> list[dict[str, Any]]:
    """As they are sent to the API server."""
    plain = [_node(f"cpu-{zone}", zone, cpu=16, memory_gib=64) for zone in ZONES]
    return plain + [_with_accelerator(one, zone) for one in ACCELERATORS.values() for zone in ZONES]


def _with_accelerator(accelerator: Accelerator, zone: str) -> dict[str, Any]:
    machine = max(accelerator.machines[Cloud.AWS], key=lambda one: one.memory_gib)
    node = _node(f"{accelerator.name}-{zone}", zone, cpu=machine.vcpus, memory_gib=machine.memory_gib)
    key, value = accelerator.node_label
    labels = {key: value, "node.kubernetes.io/instance-type": machine.name}
    node["metadata"]["labels"] |= labels | node_labels(accelerator.name, Capacity.ON_DEMAND, 0)
    taint = accelerator.taint
    node["spec"]["taints"] = [{"key": taint.key, "value": taint.value, "effect": taint.effect}]
    for amount in ("capacity", "allocatable"):
        node["status"][amount][accelerator.resource] = str(machine.accelerators)
    return node


def _node(name: str, zone: str, *, cpu: int, memory_gib: int) -> dict[str, Any]:
    amounts = {"cpu": str(cpu), "memory": f"{memory_gib}Gi", "ephemeral-storage": "500Gi", "pods": "110"}
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": zone,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": _SIMULATED, "labels": labels},
        "spec": {},
        "status": {"capacity": dict(amounts), "allocatable": dict(amounts)},
    }
