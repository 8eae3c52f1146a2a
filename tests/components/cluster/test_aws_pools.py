"""Node groups and launch templates of a pool."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, lists, sampled_from

from components.accelerators import ACCELERATORS
from components.capacity import Capacity
from components.cluster.aws_pools import group_name, labels_of, template_tags
from components.cluster.pools import CapacityBlock, NodePool
from components.naming import check_name
from tests.components.cluster.parts import BLOCK, CLOSE, GPU, NEURON, SYSTEM, ZONES, record_cluster
from tests.recorder import Graph, Recorded


@pytest.fixture(scope="module")
def graph() -> Graph:
    return record_cluster()


def template_of(graph: Graph, group: Recorded) -> Recorded:
    return next(one for one in graph.all("LaunchTemplate") if one.id == group["launchTemplate.id"])


def test_each_way_of_getting_machines_is_a_group_in_the_order_asked(graph: Graph) -> None:
    groups = [one for one in graph.all("NodeGroup") if one["labels"]["homeport.dev/pool"] == "gpu-l4"]
    order = {g["labels"]["homeport.dev/capacity"]: g["labels"]["homeport.dev/capacity-order"] for g in groups}
    assert order == {"reservation": "0", "spot": "1", "on-demand": "2"}


def test_up_waits_for_no_accelerated_machine(graph: Graph) -> None:
    """A group that has to start nodes which nobody can give fails, and `up` with it."""
    starts = {one.name: one["scalingConfig.desiredSize"] for one in graph.all("NodeGroup")}
    assert starts.pop("cluster-system-on-demand") == 2
    assert set(starts.values()) == {0}


def test_no_change_of_settings_sends_an_old_number_of_nodes_to_eks(graph: Graph) -> None:
    """The provider sends the remembered number with every change of a bound, and EKS would take nodes away."""
    changed = record_cluster(
        system_pool=replace(SYSTEM, min_nodes=3, max_nodes=9), pools=(replace(GPU, min_nodes=4, max_nodes=20), BLOCK)
    )
    for one in graph.all("NodeGroup"):
        assert one.options["ignore_changes"] == ["scalingConfig.desiredSize"]
        before, after = one["scalingConfig"], changed.one("NodeGroup", one.name)["scalingConfig"]
        assert (
            before | {"desiredSize": 0}
            == after | {"desiredSize": 0}
            == {"minSize": 0, "maxSize": 450, "desiredSize": 0}
        )


def test_an_empty_group_says_what_the_autoscaler_cannot_tell_of_its_nodes() -> None:
    tag = "k8s.io/cluster-autoscaler/node-template/resources/"
    assert template_tags(GPU) == {f"{tag}ephemeral-storage": "85Gi"}
    assert template_tags(NEURON) == {f"{tag}ephemeral-storage": "85Gi", f"{tag}aws.amazon.com/neuron": "6"}
    assert template_tags(CLOSE)[f"{tag}vpc.amazonaws.com/efa"] == "4"


def test_the_autoscaler_knows_that_a_gpu_is_still_to_appear(graph: Graph) -> None:
    assert graph.one("NodeGroup", "cluster-gpu-l4-spot")["labels"]["k8s.amazonaws.com/accelerator"] == "l4"
    assert "k8s.amazonaws.com/accelerator" not in labels_of(NEURON, Capacity.ON_DEMAND, 0)


def test_scarce_nodes_are_replaced_one_at_a_time(graph: Graph) -> None:
    spot = graph.one("NodeGroup", "cluster-gpu-l4-spot")
    assert spot["updateConfig"] == {"maxUnavailable": 1, "updateStrategy": "MINIMAL"}
    assert spot["nodeRepairConfig"] == {"enabled": True, "maxParallelNodesRepairedCount": 1}
    system = graph.one("NodeGroup", "cluster-system-on-demand")
    assert system["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert system["nodeRepairConfig"] == {"enabled": True}


def test_the_disk_that_images_are_pulled_to_is_a_fast_one(graph: Graph) -> None:
    template = template_of(graph, graph.one("NodeGroup", "cluster-gpu-l4-spot"))
    disks = {disk["deviceName"]: disk["ebs"] for disk in template["blockDeviceMappings"]}
    assert (disks["/dev/xvdb"]["throughput"], disks["/dev/xvdb"]["volumeSize"]) == (250, 100)
    assert "throughput" not in disks["/dev/xvda"]


def test_neuron_nodes_run_amazon_linux_on_one_encrypted_disk() -> None:
    graph = record_cluster(pools=(replace(NEURON, disk_gib=300),))
    group = graph.one("NodeGroup", "cluster-inferentia-on-demand")
    assert group["amiType"] == "AL2023_x86_64_NEURON"
    assert group["taints"] == [{"key": "aws.amazon.com/neuron", "value": "present", "effect": "NO_SCHEDULE"}]
    [disk] = template_of(graph, group)["blockDeviceMappings"]
    assert (disk["deviceName"], disk["ebs"]["volumeSize"], disk["ebs"]["encrypted"]) == ("/dev/xvda", 300, "true")


def test_adapters_are_laid_out_over_all_cards_in_one_zone_close_together() -> None:
    graph = record_cluster(pools=(CLOSE,))
    group = graph.one("NodeGroup", "cluster-gpu-a100-on-demand")
    template = template_of(graph, group)
    interfaces = template["networkInterfaces"]
    assert [(i["networkCardIndex"], i["deviceIndex"], i["interfaceType"]) for i in interfaces] == [
        (0, 0, "interface"),
        (0, 1, "efa-only"),
        (1, 0, "efa-only"),
        (2, 0, "efa-only"),
        (3, 0, "efa-only"),
    ]
    assert {tuple(i["securityGroups"]) for i in interfaces} == {(graph.outputs["security_group_id"],)}
    assert group["subnetIds"] == ["subnet-00000000000002a0"]
    placement = graph.one("PlacementGroup")
    assert placement["strategy"] == "cluster"
    assert template["placement"] == {"groupName": placement["name"]}


def test_what_is_reserved_stands_where_it_stands() -> None:
    """A machine of a reservation outside the placement group could never start in it."""
    graph = record_cluster(pools=(CLOSE,))
    reserved = graph.one("NodeGroup", "cluster-gpu-a100-reservation")
    assert "placement" not in template_of(graph, reserved).inputs
    assert len(template_of(graph, reserved)["networkInterfaces"]) == 5
    assert reserved["subnetIds"] == ["subnet-00000000000002a0"]


def test_without_adapters_eks_lays_out_the_interfaces(graph: Graph) -> None:
    assert not any("networkInterfaces" in template.inputs for template in graph.all("LaunchTemplate"))
    assert graph.all("PlacementGroup") == ()


def test_a_block_with_adapters_keeps_every_way_in_its_zone() -> None:
    pool = replace(BLOCK, efa=True, capacity=(Capacity.CAPACITY_BLOCK, Capacity.ON_DEMAND))
    assert {pool.zones_of(way, ZONES) for way in pool.capacity} == {("eu-west-1b",)}
    assert replace(CLOSE, zone="eu-west-1c").zones_of(Capacity.ON_DEMAND, ZONES) == ("eu-west-1c",)


def test_a_reservation_is_used_and_never_exceeded(graph: Graph) -> None:
    group = graph.one("NodeGroup", "cluster-gpu-l4-reservation")
    assert group["capacityType"] == "ON_DEMAND"
    specification = template_of(graph, group)["capacityReservationSpecification"]
    assert specification == {"capacityReservationPreference": "capacity-reservations-only"}


def test_a_capacity_block_names_its_reservation_its_machine_and_its_zone(graph: Graph) -> None:
    group = graph.one("NodeGroup", "cluster-gpu-h100-capacity-block")
    template = template_of(graph, group)
    assert group["capacityType"] == "CAPACITY_BLOCK"
    assert group["subnetIds"] == ["subnet-00000000000002b0"]
    assert "instanceTypes" not in group.inputs
    assert template["instanceType"] == "p5.48xlarge"
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}
    target = template["capacityReservationSpecification.capacityReservationTarget"]
    assert target == {"capacityReservationId": "cr-0123456789abcdef0"}


def test_accelerated_nodes_keep_other_pods_off_and_system_nodes_do_not(graph: Graph) -> None:
    spot = graph.one("NodeGroup", "cluster-gpu-l4-spot")
    assert spot["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]
    assert spot["labels"]["homeport.dev/accelerator"] == "l4"
    assert spot["amiType"] == "BOTTLEROCKET_x86_64_NVIDIA"
    system = graph.one("NodeGroup", "cluster-system-on-demand")
    assert "taints" not in system.inputs
    assert system["amiType"] == "BOTTLEROCKET_x86_64"


def test_no_pod_reaches_the_credentials_of_its_node(graph: Graph) -> None:
    for template in graph.all("LaunchTemplate"):
        assert template["metadataOptions"]["httpTokens"] == "required"
        assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1


def test_every_disk_is_encrypted_with_the_region_s_own_key(graph: Graph) -> None:
    for template in graph.all("LaunchTemplate"):
        disks: list[dict[str, Any]] = [disk["ebs"] for disk in template["blockDeviceMappings"]]
        assert len(disks) == 2
        assert {(d["encrypted"], d["volumeType"], d["kmsKeyId"][-36:]) for d in disks} == {
            ("true", "gp3", "22222222-0000-4000-8000-000000000000")
        }


def test_what_ec2_makes_carries_the_labels_that_default_tags_do_not_bring(graph: Graph) -> None:
    template = graph.one("LaunchTemplate", "cluster-gpu-l4-spot")
    kinds = {one["resourceType"]: one["tags"]["homeport:jurisdiction"] for one in template["tagSpecifications"]}
    assert kinds == {"instance": "eu", "network-interface": "eu", "volume": "eu"}


def test_an_update_never_needs_a_spare_accelerator(graph: Graph) -> None:
    update = graph.one("NodeGroup", "cluster-gpu-l4-on-demand")["updateConfig"]
    assert update == {"maxUnavailable": 1, "updateStrategy": "MINIMAL"}


@pytest.mark.parametrize(
    "changed",
    [
        (replace(GPU, machines=("g6.2xlarge",)), Capacity.SPOT, ZONES),
        (replace(GPU, accelerator=None), Capacity.SPOT, ZONES),
        (GPU, Capacity.SPOT, ZONES[:2]),
    ],
)
def test_what_replaces_a_group_also_renames_it_so_the_new_one_can_stand_first(
    changed: tuple[NodePool, Capacity, tuple[str, ...]],
) -> None:
    assert group_name(*changed) != group_name(GPU, Capacity.SPOT, ZONES)


def test_what_is_changed_in_place_keeps_the_name() -> None:
    larger = replace(GPU, max_nodes=20, disk_gib=500)
    assert group_name(larger, Capacity.SPOT, ZONES) == group_name(GPU, Capacity.SPOT, tuple(reversed(ZONES)))


@given(
    name=from_regex(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True),
    capacity=sampled_from(Capacity),
    zones=lists(sampled_from(ZONES), min_size=1, max_size=3, unique=True),
)
def test_eks_takes_every_name_that_a_group_can_get(name: str, capacity: Capacity, zones: list[str]) -> None:
    found = group_name(replace(GPU, name=name), capacity, tuple(zones))
    assert check_name("aws:eks/nodeGroup:NodeGroup", "nodeGroupName", found) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "GPU"}, "name: allowed"),
        ({"machines": ()}, "machines: got none"),
        ({"min_nodes": 9}, "nodes: got 9 to 8"),
        ({"max_nodes": 451}, "nodes: got 1 to 451; allowed: 0 <= min <= max, and max of 1 to 450"),
        ({"min_nodes": 0, "max_nodes": 0}, "nodes: got 0 to 0"),
        ({"capacity": ()}, "capacity: got none"),
        ({"capacity": (Capacity.SPOT, Capacity.SPOT)}, "capacity: got spot, spot"),
        ({"capacity": (Capacity.CAPACITY_BLOCK,)}, "capacity: got capacity_block"),
        ({"accelerator": ACCELERATORS["inferentia2"]}, "machines: got g6.xlarge, g6.2xlarge; allowed: those of its"),
        ({"machines": ("g6.xlarge", "g6.12xlarge")}, r"machines: got g6.xlarge \(1\), g6.12xlarge \(4\)"),
        ({"efa": True}, r"efa: got g6.xlarge \(0\), g6.2xlarge \(0\); allowed: .*g6.8xlarge \(1\)"),
        ({"accelerator": None, "efa": True}, "efa: got .*; allowed: .*: none of this kind"),
        ({"zone": "eu-west-1a"}, "zone: got 'eu-west-1a'; allowed: with efa"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(GPU, **change)


def test_a_block_in_a_zone_without_a_subnet_is_refused() -> None:
    block = CapacityBlock(reservation_id="cr-0123456789abcdef0", zone="eu-west-1z")
    with pytest.raises(ValueError, match=r"capacity_block\.zone: got 'eu-west-1z'; allowed: eu-west-1a, eu-west-1b"):
        record_cluster(pools=(replace(BLOCK, capacity_block=block),))


def test_a_reservation_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity_block: got 'p5'"):
        CapacityBlock(reservation_id="p5", zone="eu-west-1a")
