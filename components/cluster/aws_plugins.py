"""Device plug-ins that offer to pods what the nodes of some pools have beside NVIDIA's GPUs.

Neuron devices, where a pool has them, and Elastic Fabric Adapters, where a pool asks for them; NVIDIA's plug-in comes
with the nodes' image. A cluster without such pools gets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components.accelerators import Vendor
from components.capacity import POOL_LABEL
from components.cluster.charts import EFA_PLUGIN, NEURON_PLUGIN, Chart, Placing, install
from components.cluster.pools import NodePool
from components.cluster.types import ClusterOutputs
from components.naming import aws_partition

# Accounts that hold EKS's images, where it is not the one that most regions share: "View Amazon container image
# registries for Amazon EKS add-ons". Read 2026-11-24 for those of Asia Pacific and China, the others from knowledge.
_REGISTRY = "602401143452"
_REGISTRIES = {
    "af-south-1": "877085696533",
    "ap-east-1": "800184023465",
    "ap-east-2": "533267051163",
    "ap-south-2": "900889452093",
    "ap-southeast-3": "296578399912",
    "ap-southeast-4": "491585149902",
    "ap-southeast-5": "151610086707",
    "ap-southeast-6": "333609536671",
    "ap-southeast-7": "121268973566",
    "ca-west-1": "761377655185",
    "cn-north-1": "918309763551",
    "cn-northwest-1": "961992271922",
    "eu-central-2": "900612956339",
    "eu-south-1": "590381155156",
    "eu-south-2": "455263428931",
    "il-central-1": "066635153087",
    "me-central-1": "759879836304",
    "me-south-1": "558608220178",
    "mx-central-1": "730335286997",
    "us-gov-east-1": "151742754352",
    "us-gov-west-1": "013241004608",
}


@dataclass(frozen=True, kw_only=True)
class AwsDevicePluginsArgs:
    """`region`: from where images come."""

    region: str
    pools: tuple[NodePool, ...]
    cluster: ClusterOutputs


class AwsDevicePlugins(pulumi.ComponentResource):
    """One release a plug-in that some pool needs. Wants a provider of Kubernetes."""

    def __init__(self, name: str, args: AwsDevicePluginsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsDevicePlugins", name, None, opts)
        placing = Placing(control_plane=args.cluster.control_plane, after=args.cluster.nodes)
        wanted = plugins(args.pools, args.region)
        for release, (chart, values) in wanted.items():
            install(f"{name}-{release}", release, chart, values, placing, self)
        self.register_outputs({"releases": sorted(wanted)})


def plugins(pools: tuple[NodePool, ...], region: str) -> dict[str, tuple[Chart, dict[str, Any]]]:
    """By release, its chart and values; empty where no pool needs any."""
    found: dict[str, tuple[Chart, dict[str, Any]]] = {}
    if any(pool.accelerator is not None and pool.accelerator.vendor is Vendor.NEURON for pool in pools):
        # The chart's own tolerations and instance types fit our taint. EKS's monitoring agent watches Neuron devices,
        # so its watcher stays out; so does its scheduler, for pods with a part of a machine's devices, side by side.
        found["neuron"] = (NEURON_PLUGIN, {"npd": {"enabled": False}, "scheduler": {"enabled": False}})
    adapters = sorted(pool.name for pool in pools if pool.efa)
    if adapters:
        found["efa"] = (
            EFA_PLUGIN,
            {
                "image": {"repository": f"{_registry(region)}/eks/aws-efa-k8s-device-plugin"},
                "supportedInstanceLabels": {"keys": [POOL_LABEL], "values": adapters},
                "tolerations": [{"operator": "Exists"}],
            },
        )
    return found


def _registry(region: str) -> str:
    return f"{_REGISTRIES.get(region, _REGISTRY)}.dkr.ecr.{region}.{aws_partition(region).dns_suffix}"
