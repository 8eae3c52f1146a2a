"""The machines of SageMaker endpoints, and the smallest that fits what a replica asks for. Pure.

One replica has one machine to itself. Machines with accelerators are those of components/accelerators.py that SageMaker
takes, called `ml.` and their EC2 name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.accelerators import ACCELERATORS, machine_types
from components.places import Cloud

# Part of a machine's memory that the system and SageMaker's own processes keep. A judgement: AWS publishes no number.
KEPT_SHARE = 0.1
# Compared on 2026-11-24 with ProductionVariantInstanceType of botocore 1.44.5, which knows all but these.
_NOT_FOR_ENDPOINTS = frozenset({"g4dn.metal"})
# vCPUs by size, the same in each family; GiB a vCPU by family ("Amazon EC2 instance types", from knowledge).
_SIZES: Mapping[str, int] = {
    "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64, "24xlarge": 96,
    "32xlarge": 128,
}  # fmt: skip
_GIB_A_CPU: Mapping[str, int] = {"c6i": 2, "m6i": 4, "r6i": 8}
# All machines with accelerators but these have disks of their own, which a key of ours cannot encrypt.
_WITHOUT_OWN_DISK = ("inf2.",)


@dataclass(frozen=True, kw_only=True)
class EndpointMachine:
    """`own_disk`: has a disk inside, encrypted by the machine itself and by no key of ours."""

    name: str
    cpus: int
    memory_gib: int
    accelerators: int = 0
    own_disk: bool = False


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one replica asks for. `accelerator`: a row of components/accelerators.py."""

    cpu: float
    memory_gib: float
    accelerator: str | None = None
    accelerators: int = 0


def smallest_machine(size: Size) -> EndpointMachine:
    """The first machine with enough of everything. Raises ValueError that names the largest when none has."""
    known = sorted(_machines(size.accelerator), key=lambda machine: (machine.cpus, machine.memory_gib))
    if not known:
        offered = ", ".join(name for name in ACCELERATORS if any(_machines(name)))
        raise ValueError(f"accelerator: got {size.accelerator!r}; allowed on a SageMaker endpoint: {offered}")
    for machine in known:
        if _fits(machine, size):
            return machine
    largest = max(known, key=lambda machine: (machine.accelerators, machine.memory_gib))
    raise ValueError(
        f"size: got {_words(size)}; allowed: what one machine of an endpoint has, at most {largest.name} with "
        f"{largest.cpus} vCPUs, {largest.memory_gib * (1 - KEPT_SHARE):g} GiB"
        + (f" and {largest.accelerators} accelerators" if largest.accelerators else "")
    )


def _fits(machine: EndpointMachine, size: Size) -> bool:
    enough = machine.accelerators >= size.accelerators and machine.cpus >= size.cpu
    return enough and machine.memory_gib * (1 - KEPT_SHARE) >= size.memory_gib


def _machines(accelerator: str | None) -> Iterator[EndpointMachine]:
    if accelerator is None:
        for family, gib in _GIB_A_CPU.items():
            for size, cpus in _SIZES.items():
                yield EndpointMachine(name=f"ml.{family}.{size}", cpus=cpus, memory_gib=cpus * gib)
        return
    for row in machine_types(accelerator, Cloud.AWS):
        if row.name not in _NOT_FOR_ENDPOINTS:
            yield EndpointMachine(
                name=f"ml.{row.name}",
                cpus=row.vcpus,
                memory_gib=row.memory_gib,
                accelerators=row.accelerators,
                own_disk=not row.name.startswith(_WITHOUT_OWN_DISK),
            )


def _words(size: Size) -> str:
    accelerators = f" and {size.accelerators} x {size.accelerator}" if size.accelerator else ""
    return f"{size.cpu:g} vCPUs, {size.memory_gib:g} GiB{accelerators}"
