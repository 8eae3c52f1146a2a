"""The accelerator table."""

from __future__ import annotations

import pytest

from components.accelerators import ACCELERATORS, MachineType, Vendor, machine_types, offered_by
from components.naming import check_name
from components.places import Cloud


# One line a row of the table: where it is to be had, and the smallest machine there.
@pytest.mark.parametrize(
    ("name", "aws", "gcp"),
    [
        ("t4", "g4dn.xlarge", "n1-standard-4"),
        ("a10g", "g5.xlarge", None),
        ("l4", "g6.xlarge", "g2-standard-4"),
        ("l40s", "g6e.xlarge", None),
        ("a100", "p4d.24xlarge", "a2-highgpu-1g"),
        ("a100-80gb", "p4de.24xlarge", "a2-ultragpu-1g"),
        ("h100", "p5.4xlarge", "a3-highgpu-1g"),
        ("h200", "p5e.48xlarge", "a3-ultragpu-8g"),
        ("b200", "p6-b200.48xlarge", "a4-highgpu-8g"),
        ("inferentia2", "inf2.xlarge", None),
        ("trainium1", "trn1.2xlarge", None),
        ("trainium2", "trn2.48xlarge", None),
    ],
)
def test_each_accelerator_is_on_the_clouds_that_have_it(name: str, aws: str | None, gcp: str | None) -> None:
    smallest = {cloud: next((row.name for row in machine_types(name, cloud)), None) for cloud in (Cloud.AWS, Cloud.GCP)}
    assert smallest == {Cloud.AWS: aws, Cloud.GCP: gcp}


def test_the_test_above_has_a_line_for_every_row() -> None:
    (mark,) = test_each_accelerator_is_on_the_clouds_that_have_it.pytestmark  # pyright: ignore[reportFunctionMemberAccess]
    assert [line[0] for line in mark.args[1]] == list(ACCELERATORS)


@pytest.mark.parametrize("name", ACCELERATORS)
def test_machines_stand_by_accelerators_then_by_size(name: str) -> None:
    for rows in ACCELERATORS[name].machines.values():
        sizes = [(row.accelerators, row.vcpus, row.memory_gib) for row in rows]
        assert sizes == sorted(sizes)
        assert all(number >= 1 for size in sizes for number in size)


def test_no_machine_carries_two_kinds() -> None:
    names = [row.name for item in ACCELERATORS.values() for rows in item.machines.values() for row in rows]
    assert len(set(names)) == len(names)


def test_only_aws_machines_take_an_elastic_fabric_adapter() -> None:
    assert not any(row.efa for item in ACCELERATORS.values() for row in item.machines.get(Cloud.GCP, ()))
    assert MachineType("p5.48xlarge", 8, 192, 2048, efa=32) in machine_types("h100", Cloud.AWS)


# As DescribeInstanceTypes says, in the Karpenter AWS provider's reference of instance types.
@pytest.mark.parametrize(
    ("accelerator", "machine", "adapters"),
    [
        ("t4", "g4dn.metal", 1),
        ("l4", "g6.4xlarge", 0),
        ("l4", "g6.8xlarge", 1),
        ("l40s", "g6e.24xlarge", 2),
        ("l40s", "g6e.48xlarge", 4),
        ("a100", "p4d.24xlarge", 4),
        ("h200", "p5en.48xlarge", 16),
        ("inferentia2", "inf2.48xlarge", 0),
        ("trainium1", "trn1.32xlarge", 8),
    ],
)
def test_a_machine_takes_one_adapter_a_network_card_that_has_it(accelerator: str, machine: str, adapters: int) -> None:
    assert {row.name: row.efa for row in machine_types(accelerator, Cloud.AWS)}[machine] == adapters


def test_a_cloud_offers_only_what_it_has() -> None:
    assert "inferentia2" in offered_by(Cloud.AWS)
    assert "inferentia2" not in offered_by(Cloud.GCP)
    assert offered_by(Cloud.KUBERNETES) == ()


def test_an_unknown_accelerator_has_no_machines() -> None:
    assert machine_types("l5", Cloud.AWS) == ()


@pytest.mark.parametrize(("name", "resource"), [("l4", "nvidia.com/gpu"), ("inferentia2", "aws.amazon.com/neuron")])
def test_a_pod_asks_for_the_vendors_resource(name: str, resource: str) -> None:
    assert ACCELERATORS[name].resource == ACCELERATORS[name].taint.key == resource


@pytest.mark.parametrize("name", ACCELERATORS)
def test_names_serve_as_values_of_node_labels(name: str) -> None:
    assert ACCELERATORS[name].node_label == ("homeport.dev/accelerator", name)
    assert check_name("kubernetes:core/v1:Namespace", "metadata.name", name) is None


def test_every_vendor_has_a_resource() -> None:
    assert {item.vendor for item in ACCELERATORS.values()} == set(Vendor)
