"""A region's pools as its cluster takes them."""

from __future__ import annotations

import pytest

from components.cluster.pools import CapacityBlock
from stacks.kits.aws_nodes import fewest_nodes, node_pool, system_nodes
from stacks.settings import PlatformSettings, Pool, load_stack
from stacks.settings.region import RegionSection
from tests.stacks.project import Project

FILE, STACK = "stacks/config/Pulumi.demo-aws-eu-west-1.yaml", "demo-aws-eu-west-1"
POOL = "{name: gpu-l4, accelerator: l4, nodes: {min: 0, max: 8}, capacity: [spot, on_demand]}"
WIDE = "accelerator: h100, efa: true, instance_types: [p5.48xlarge], nodes: {min: 0, max: 8}"
BLOCK = "capacity: [capacity_block, on_demand], capacity_block: {reservation: cr-0123456789abcdef0, zone: c}"


def region(project: Project, pool: str = POOL) -> RegionSection:
    project.edit(FILE, POOL, pool)
    settings = load_stack(project.root, STACK)
    assert isinstance(settings, PlatformSettings)
    return settings.region


def only(project: Project, pool: str) -> Pool:
    return region(project, pool).pools[0]


@pytest.mark.parametrize(
    ("pool", "zones"),
    [
        (f"{{name: a, {WIDE}, zone: b}}", {"eu-west-1b"}),
        (f"{{name: a, {WIDE}}}", {"eu-west-1a"}),
        (f"{{name: a, {WIDE}, {BLOCK}}}", {"eu-west-1c"}),
        (POOL, {"eu-west-1a", "eu-west-1b", "eu-west-1c"}),
    ],
)
def test_nodes_lie_in_the_zone_that_is_asked_for(project: Project, pool: str, zones: set[str]) -> None:
    made = node_pool(only(project, pool), "eu-west-1")
    subnets = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    assert {zone for way in made.capacity for zone in made.zones_of(way, subnets)} == zones


def test_a_pool_keeps_its_settings(project: Project) -> None:
    made = node_pool(only(project, f"{{name: a, {WIDE}, {BLOCK}, disk_gib: 700}}"), "eu-west-1")
    assert (made.name, made.machines, made.disk_gib, made.efa) == ("a", ("p5.48xlarge",), 700, True)
    assert [way.value for way in made.capacity] == ["capacity_block", "on_demand"]
    assert (made.min_nodes, made.max_nodes, made.accelerators_per_node) == (0, 8, 8)
    assert made.capacity_block == CapacityBlock(reservation_id="cr-0123456789abcdef0", zone="eu-west-1c")


def test_the_system_pool_and_every_other_has_its_fewest_nodes(project: Project) -> None:
    found = region(project, POOL.replace("min: 0", "min: 3"))
    assert fewest_nodes(found) == {"system": 2, "gpu-l4": 3}
    assert (system_nodes(found).min_nodes, system_nodes(found).max_nodes) == (2, 6)
