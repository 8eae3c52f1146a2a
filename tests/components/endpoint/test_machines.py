"""The smallest machine that fits, and what no machine fits."""

from __future__ import annotations

import pytest

from components.accelerators import ACCELERATORS
from components.endpoint.machines import KEPT_SHARE, Size, smallest_machine


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (Size(cpu=1, memory_gib=2), "ml.c6i.large"),
        (Size(cpu=2, memory_gib=4), "ml.m6i.large"),  # 4 GiB are not all the model's on a machine of 4 GiB
        (Size(cpu=3, memory_gib=3), "ml.c6i.xlarge"),
        (Size(cpu=2, memory_gib=14), "ml.r6i.large"),
        (Size(cpu=4, memory_gib=8, accelerator="l4", accelerators=1), "ml.g6.xlarge"),
        (Size(cpu=4, memory_gib=100, accelerator="l4", accelerators=1), "ml.g6.8xlarge"),
        (Size(cpu=4, memory_gib=8, accelerator="l4", accelerators=2), "ml.g6.12xlarge"),
        (Size(cpu=4, memory_gib=8, accelerator="t4", accelerators=4), "ml.g4dn.12xlarge"),
        (Size(cpu=4, memory_gib=8, accelerator="inferentia2", accelerators=1), "ml.inf2.xlarge"),
    ],
)
def test_the_smallest_that_fits_is_taken(size: Size, name: str) -> None:
    assert smallest_machine(size).name == name


@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_every_accelerator_has_a_machine_with_room_for_one(accelerator: str) -> None:
    machine = smallest_machine(Size(cpu=1, memory_gib=1, accelerator=accelerator, accelerators=1))
    assert machine.accelerators >= 1
    assert machine.memory_gib * (1 - KEPT_SHARE) >= 1


def test_a_machine_that_endpoints_do_not_have_is_never_chosen() -> None:
    with pytest.raises(ValueError, match=r"at most ml\.g4dn\.12xlarge with 48 vCPUs, 172\.8 GiB and 4 accelerators"):
        smallest_machine(Size(cpu=4, memory_gib=8, accelerator="t4", accelerators=8))


def test_a_model_larger_than_any_machine_is_refused_with_the_largest() -> None:
    with pytest.raises(ValueError, match=r"size: got 200 vCPUs, 8 GiB; allowed: .* at most ml\.r6i\.32xlarge"):
        smallest_machine(Size(cpu=200, memory_gib=8))


def test_an_unknown_accelerator_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"accelerator: got 'k80'; allowed on a SageMaker endpoint: t4, a10g"):
        smallest_machine(Size(cpu=1, memory_gib=1, accelerator="k80", accelerators=1))


def test_only_machines_with_disks_of_their_own_say_so() -> None:
    own = {
        name: smallest_machine(Size(cpu=1, memory_gib=1, accelerator=name)).own_disk for name in ("l4", "inferentia2")
    }
    assert own == {"l4": True, "inferentia2": False}
    assert not smallest_machine(Size(cpu=1, memory_gib=1)).own_disk
