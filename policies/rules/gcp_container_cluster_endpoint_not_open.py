"""A GKE cluster's control plane is private, or open to given ranges only. The cloud's default is open."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.networks import is_world
from policies.reading import Resource, Unknown, Value, items, value_at
from policies.rule import Rule

_NETWORKS = "masterAuthorizedNetworksConfig"
_DNS = ("controlPlaneEndpointsConfig", "dnsEndpointConfig", "allowExternalTraffic")
_IP = ("controlPlaneEndpointsConfig", "ipEndpointsConfig", "enabled")
_PRIVATE = ("privateClusterConfig", "enablePrivateEndpoint")
_ALLOWED = "a private endpoint, or authorized networks of known ranges"
_FIX = "enable the private endpoint, or list the ranges that operators come from"


def _judge(resource: Resource) -> Iterator[Finding]:
    inputs: Value = dict(resource.inputs)
    yield from _switch(".".join(_DNS), value_at(inputs, *_DNS))
    if value_at(inputs, *_PRIVATE) in (True, "true") or value_at(inputs, *_IP) in (False, "false"):
        return
    config = value_at(inputs, _NETWORKS)
    if config is None:
        yield Finding(path=_NETWORKS, got="nothing (everyone)", allowed=_ALLOWED, fix=_FIX)
    yield from _switch(f"{_NETWORKS}.gcpPublicCidrsAccessEnabled", value_at(config, "gcpPublicCidrsAccessEnabled"))
    for path, block in items(value_at(config, "cidrBlocks"), f"{_NETWORKS}.cidrBlocks"):
        cidr = value_at(block, "cidrBlock")
        if isinstance(cidr, Unknown):
            yield _finding(f"{path}.cidrBlock", None)
        elif isinstance(cidr, str) and is_world(cidr):
            yield _finding(f"{path}.cidrBlock", cidr)


def _switch(path: str, value: Value) -> Iterator[Finding]:
    """A switch that opens the control plane when it is on."""
    if isinstance(value, Unknown):
        yield _finding(path, None)
    elif value in (True, "true"):
        yield _finding(path, "true")


def _finding(path: str, got: str | None) -> Finding:
    return Finding(path=path, got=got or NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=got is None)


RULE = Rule(
    name="gcp-container-cluster-endpoint-not-open",
    description="No control plane of a GKE cluster is open to the world.",
    severity=Severity.CRITICAL,
    tags=("gcp", "public access"),
    fix="Enable the private endpoint, or masterAuthorizedNetworksConfig with the ranges that operators come from.",
    concerns="gcp:container/cluster:Cluster".__eq__,
    judge=_judge,
    url="https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks",
)
