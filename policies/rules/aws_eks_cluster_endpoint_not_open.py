"""An EKS cluster's API is private, or open to given ranges only. Both defaults of the cloud are the open ones."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.networks import is_world
from policies.reading import Resource, Unknown, items, value_at
from policies.rule import Rule

_CIDRS = "vpcConfig.publicAccessCidrs"
_ALLOWED = "endpointPublicAccess false, or ranges of known networks"
_FIX = "set cluster.api_access to private or to the ranges that operators come from"


def _judge(resource: Resource) -> Iterator[Finding]:
    network = resource.inputs.get("vpcConfig")
    public = value_at(network, "endpointPublicAccess")
    cidrs = value_at(network, "publicAccessCidrs")
    if public in (False, "false"):
        return
    if isinstance(public, Unknown):
        path = "vpcConfig.endpointPublicAccess"
        yield Finding(path=path, got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
    if not cidrs:
        yield Finding(path=_CIDRS, got="nothing (0.0.0.0/0)", allowed=_ALLOWED, fix=_FIX)
    for path, cidr in items(cidrs, _CIDRS):
        if isinstance(cidr, Unknown):
            yield Finding(path=path, got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
        elif isinstance(cidr, str) and is_world(cidr):
            yield Finding(path=path, got=cidr, allowed=_ALLOWED, fix=_FIX)


RULE = Rule(
    name="aws-eks-cluster-endpoint-not-open",
    description="No API endpoint of an EKS cluster is open to the world.",
    severity=Severity.CRITICAL,
    tags=("aws", "public access"),
    fix="Set endpointPublicAccess to false, or publicAccessCidrs to the ranges that operators come from.",
    concerns="aws:eks/cluster:Cluster".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
)
