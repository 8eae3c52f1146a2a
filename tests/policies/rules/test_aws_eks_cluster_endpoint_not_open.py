"""Rule: no API endpoint of an EKS cluster is open to the world."""

from __future__ import annotations

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.rules.aws_eks_cluster_endpoint_not_open import RULE
from tests.policies.asking import UNKNOWN, ask

CLUSTER = "aws:eks/cluster:Cluster"
REST = (
    "allowed: endpointPublicAccess false, or ranges of known networks; "
    "set cluster.api_access to private or to the ranges that operators come from"
)


def cluster(**network: object) -> dict[str, object]:
    return {"vpcConfig": {"subnetIds": UNKNOWN, **network}}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:eks/nodeGroup:NodeGroup", {}) == []


def test_a_private_endpoint_passes() -> None:
    assert ask(RULE, CLUSTER, cluster(endpointPublicAccess=False), preview=True) == []


def test_an_endpoint_for_given_ranges_passes() -> None:
    assert (
        ask(RULE, CLUSTER, cluster(endpointPublicAccess=True, publicAccessCidrs=["203.0.113.0/24", "2001:db8::/32"]))
        == []
    )


@pytest.mark.parametrize("inputs", [{}, {"vpcConfig": {}}, cluster(endpointPublicAccess=True)])
def test_the_defaults_are_open_and_fail(inputs: dict[str, object]) -> None:
    assert ask(RULE, CLUSTER, inputs) == [
        f"it ({CLUSTER}): vpcConfig.publicAccessCidrs: got nothing (0.0.0.0/0); {REST}"
    ]


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0", "2000::/3", "128.0.0.0/1", "10.1.2.3/0"])
def test_the_world_among_the_ranges_fails(cidr: str) -> None:
    assert ask(RULE, CLUSTER, cluster(publicAccessCidrs=["203.0.113.0/24", cidr])) == [
        f"it ({CLUSTER}): vpcConfig.publicAccessCidrs[1]: got {cidr}; {REST}"
    ]


def test_ranges_not_known_yet_are_a_note_in_a_preview_and_fail_in_an_update() -> None:
    with pytest.raises(UnknownValueError):
        ask(RULE, CLUSTER, cluster(publicAccessCidrs=UNKNOWN), preview=True)
    assert len(ask(RULE, CLUSTER, cluster(publicAccessCidrs=[UNKNOWN]))) == 1
