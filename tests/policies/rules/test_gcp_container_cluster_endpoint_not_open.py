"""Rule: no control plane of a GKE cluster is open to the world."""

from __future__ import annotations

import pytest

from policies.rules.gcp_container_cluster_endpoint_not_open import RULE
from tests.policies.asking import UNKNOWN, ask

CLUSTER = "gcp:container/cluster:Cluster"
REST = (
    "allowed: a private endpoint, or authorized networks of known ranges; "
    "enable the private endpoint, or list the ranges that operators come from"
)


def ranges(*cidrs: str, **more: object) -> dict[str, object]:
    return {"masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": cidr} for cidr in cidrs], **more}}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "gcp:container/nodePool:NodePool", {}) == []


@pytest.mark.parametrize(
    "inputs",
    [
        ranges("203.0.113.0/24"),
        ranges(),
        {"privateClusterConfig": {"enablePrivateEndpoint": True}},
        {"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": False}}},
    ],
)
def test_a_private_or_limited_endpoint_passes(inputs: dict[str, object]) -> None:
    assert ask(RULE, CLUSTER, inputs) == []


def test_the_default_is_open_and_fails() -> None:
    assert ask(RULE, CLUSTER, {}) == [f"it ({CLUSTER}): masterAuthorizedNetworksConfig: got nothing (everyone); {REST}"]


def test_the_world_among_the_ranges_fails() -> None:
    assert ask(RULE, CLUSTER, ranges("203.0.113.0/24", "0.0.0.0/0")) == [
        f"it ({CLUSTER}): masterAuthorizedNetworksConfig.cidrBlocks[1].cidrBlock: got 0.0.0.0/0; {REST}"
    ]


def test_every_customer_of_the_cloud_is_the_world() -> None:
    (message,) = ask(RULE, CLUSTER, ranges(gcpPublicCidrsAccessEnabled=True))
    assert ": masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled: got true" in message


def test_the_name_of_the_control_plane_open_to_outside_traffic_fails_beside_a_private_address() -> None:
    endpoints = {"dnsEndpointConfig": {"allowExternalTraffic": True}, "ipEndpointsConfig": {"enabled": False}}
    (message,) = ask(RULE, CLUSTER, {"controlPlaneEndpointsConfig": endpoints})
    assert ": controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic: got true" in message


def test_a_range_not_known_in_an_update_fails() -> None:
    assert len(ask(RULE, CLUSTER, ranges(UNKNOWN))) == 1
