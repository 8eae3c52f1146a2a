"""Accelerators by the name a user writes, and the machines of each cloud that carry them: one literal table.

A row states what a machine is, never that a region has it or that a quota allows it. To add a GPU type: add one row,
and its line in the test. Amounts of machine memory are GiB as the cloud lists them, before the system's own share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from components.places import Cloud


class Vendor(StrEnum):
    """Who makes the accelerator; decides the machine image and the device plug-in of a pool."""

    NVIDIA = "nvidia"
    NEURON = "neuron"  # AWS Inferentia and Trainium


@dataclass(frozen=True)
class MachineType:
    """One machine type of a cloud. `efa`: how many Elastic Fabric Adapters it takes, one a network card (AWS only)."""

    name: str
    accelerators: int
    vcpus: int
    memory_gib: int
    efa: int = 0


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Keeps off a node every pod that does not tolerate it; `effect` in the spelling of Kubernetes."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, kw_only=True)
class Accelerator:
    """One accelerator: its memory, and where it is to be had, the smallest machine first."""

    name: str
    title: str
    vendor: Vendor
    memory_gib: int  # of one accelerator
    machines: Mapping[Cloud, tuple[MachineType, ...]]

    @property
    def resource(self) -> str:
        """What a pod asks for; one unit is one accelerator."""
        return {Vendor.NVIDIA: "nvidia.com/gpu", Vendor.NEURON: "aws.amazon.com/neuron"}[self.vendor]

    @property
    def node_label(self) -> tuple[str, str]:
        """Key and value on every node that carries this accelerator, whatever the cloud."""
        return (NODE_LABEL, self.name)

    @property
    def taint(self) -> Taint:
        """On every node that carries an accelerator, so that only pods which ask for one land there."""
        return Taint(key=self.resource, value="present", effect="NoSchedule")


NODE_LABEL = "homeport.dev/accelerator"

# Noted 2026-11-24, partly from knowledge and not read again: compare a row with its source before money hangs on it.
# AWS machines: the instance type reference of the Karpenter AWS provider (what DescribeInstanceTypes answers, printed).
# Their accelerators and `efa` (`vpc.amazonaws.com/efa` there) were compared with it again, every row, at its commit
# 1d927085 of 2026-08. Google Cloud machines: a2 and a3-highgpu, a3-megagpu in SkyPilot's catalogue of Google Cloud; g2,
# n1, a3-ultragpu and a4-highgpu from memory, to be checked before a component uses them. Newer machines exist than
# these; one that is missing here is refused by the settings, never guessed.


def _aws(*rows: MachineType) -> dict[Cloud, tuple[MachineType, ...]]:
    return {Cloud.AWS: rows}


def _gcp(*rows: MachineType) -> dict[Cloud, tuple[MachineType, ...]]:
    return {Cloud.GCP: rows}


def _rows(
    family: str, sizes: Mapping[str, tuple[int, int, int]], efa: Mapping[str, int] | None = None
) -> tuple[MachineType, ...]:
    """Machines of one family by size: accelerators, vCPUs, GiB; `efa`: adapters of the sizes that take any."""
    return tuple(MachineType(f"{family}.{size}", *row, (efa or {}).get(size, 0)) for size, row in sizes.items())


_LARGE = {"8xlarge": 1, "12xlarge": 1, "16xlarge": 1, "24xlarge": 1, "48xlarge": 1}


_T4 = _rows(
    "g4dn",
    {
        "xlarge": (1, 4, 16),
        "2xlarge": (1, 8, 32),
        "4xlarge": (1, 16, 64),
        "8xlarge": (1, 32, 128),
        "16xlarge": (1, 64, 256),
        "12xlarge": (4, 48, 192),
        "metal": (8, 96, 384),
    },
    {"8xlarge": 1, "12xlarge": 1, "16xlarge": 1, "metal": 1},
)
_A10G = _rows(
    "g5",
    {
        "xlarge": (1, 4, 16),
        "2xlarge": (1, 8, 32),
        "4xlarge": (1, 16, 64),
        "8xlarge": (1, 32, 128),
        "16xlarge": (1, 64, 256),
        "12xlarge": (4, 48, 192),
        "24xlarge": (4, 96, 384),
        "48xlarge": (8, 192, 768),
    },
    _LARGE,
)
_L4 = _rows(
    "g6",
    {
        "xlarge": (1, 4, 16),
        "2xlarge": (1, 8, 32),
        "4xlarge": (1, 16, 64),
        "8xlarge": (1, 32, 128),
        "16xlarge": (1, 64, 256),
        "12xlarge": (4, 48, 192),
        "24xlarge": (4, 96, 384),
        "48xlarge": (8, 192, 768),
    },
    _LARGE,
)
_L40S = _rows(
    "g6e",
    {
        "xlarge": (1, 4, 32),
        "2xlarge": (1, 8, 64),
        "4xlarge": (1, 16, 128),
        "8xlarge": (1, 32, 256),
        "16xlarge": (1, 64, 512),
        "12xlarge": (4, 48, 384),
        "24xlarge": (4, 96, 768),
        "48xlarge": (8, 192, 1536),
    },
    _LARGE | {"24xlarge": 2, "48xlarge": 4},
)
_INF2 = _rows(
    "inf2", {"xlarge": (1, 4, 16), "8xlarge": (1, 32, 128), "24xlarge": (6, 96, 384), "48xlarge": (12, 192, 768)}
)
_TRN1 = _rows("trn1", {"2xlarge": (1, 8, 32), "32xlarge": (16, 128, 512)}, {"32xlarge": 8})
_G2 = (
    MachineType("g2-standard-4", 1, 4, 16),
    MachineType("g2-standard-8", 1, 8, 32),
    MachineType("g2-standard-12", 1, 12, 48),
    MachineType("g2-standard-16", 1, 16, 64),
    MachineType("g2-standard-32", 1, 32, 128),
    MachineType("g2-standard-24", 2, 24, 96),
    MachineType("g2-standard-48", 4, 48, 192),
    MachineType("g2-standard-96", 8, 96, 384),
)
_A2_HIGH = (
    MachineType("a2-highgpu-1g", 1, 12, 85),
    MachineType("a2-highgpu-2g", 2, 24, 170),
    MachineType("a2-highgpu-4g", 4, 48, 340),
    MachineType("a2-highgpu-8g", 8, 96, 680),
)
_A2_ULTRA = (
    MachineType("a2-ultragpu-1g", 1, 12, 170),
    MachineType("a2-ultragpu-2g", 2, 24, 340),
    MachineType("a2-ultragpu-4g", 4, 48, 680),
    MachineType("a2-ultragpu-8g", 8, 96, 1360),
)
_A3_HIGH = (
    MachineType("a3-highgpu-1g", 1, 26, 234),
    MachineType("a3-highgpu-2g", 2, 52, 468),
    MachineType("a3-highgpu-4g", 4, 104, 936),
    MachineType("a3-highgpu-8g", 8, 208, 1872),
    MachineType("a3-megagpu-8g", 8, 208, 1872),
)
_N1_T4 = (MachineType("n1-standard-4", 1, 4, 15), MachineType("n1-standard-8", 1, 8, 30))
_P5 = (MachineType("p5.4xlarge", 1, 16, 256, 1), MachineType("p5.48xlarge", 8, 192, 2048, 32))
_P5EN = (MachineType("p5e.48xlarge", 8, 192, 2048, 32), MachineType("p5en.48xlarge", 8, 192, 2048, 16))
_P4D = MachineType("p4d.24xlarge", 8, 96, 1152, 4)
_P4DE = MachineType("p4de.24xlarge", 8, 96, 1152, 4)
_P6 = MachineType("p6-b200.48xlarge", 8, 192, 2048, 8)
_TRN2 = MachineType("trn2.48xlarge", 16, 192, 2048, 16)
_A3_ULTRA = MachineType("a3-ultragpu-8g", 8, 224, 2952)
_A4_HIGH = MachineType("a4-highgpu-8g", 8, 224, 3968)

_NVIDIA, _NEURON = Vendor.NVIDIA, Vendor.NEURON


def _row(
    name: str, title: str, vendor: Vendor, memory_gib: int, machines: Mapping[Cloud, tuple[MachineType, ...]]
) -> Accelerator:
    return Accelerator(name=name, title=title, vendor=vendor, memory_gib=memory_gib, machines=machines)


ACCELERATORS: Mapping[str, Accelerator] = {
    row.name: row
    for row in (
        _row("t4", "NVIDIA T4", _NVIDIA, 16, _aws(*_T4) | _gcp(*_N1_T4)),
        _row("a10g", "NVIDIA A10G", _NVIDIA, 24, _aws(*_A10G)),
        _row("l4", "NVIDIA L4", _NVIDIA, 24, _aws(*_L4) | _gcp(*_G2)),
        _row("l40s", "NVIDIA L40S", _NVIDIA, 48, _aws(*_L40S)),
        _row("a100", "NVIDIA A100 40 GB", _NVIDIA, 40, _aws(_P4D) | _gcp(*_A2_HIGH)),
        _row("a100-80gb", "NVIDIA A100 80 GB", _NVIDIA, 80, _aws(_P4DE) | _gcp(*_A2_ULTRA)),
        _row("h100", "NVIDIA H100", _NVIDIA, 80, _aws(*_P5) | _gcp(*_A3_HIGH)),
        _row("h200", "NVIDIA H200", _NVIDIA, 141, _aws(*_P5EN) | _gcp(_A3_ULTRA)),
        _row("b200", "NVIDIA B200", _NVIDIA, 180, _aws(_P6) | _gcp(_A4_HIGH)),
        _row("inferentia2", "AWS Inferentia2", _NEURON, 32, _aws(*_INF2)),
        _row("trainium1", "AWS Trainium1", _NEURON, 32, _aws(*_TRN1)),
        _row("trainium2", "AWS Trainium2", _NEURON, 96, _aws(_TRN2)),
    )
}


def offered_by(cloud: Cloud) -> tuple[str, ...]:
    """Names of the accelerators that this cloud has at all, in the order of the table."""
    return tuple(name for name, row in ACCELERATORS.items() if cloud in row.machines)


def machine_types(accelerator: str, cloud: Cloud) -> tuple[MachineType, ...]:
    """Machines of this cloud that carry this accelerator, the smallest first; empty when it has none."""
    row = ACCELERATORS.get(accelerator)
    return () if row is None else row.machines.get(cloud, ())
