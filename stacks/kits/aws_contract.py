"""What a models stack reads of its platform's contract, part by part. A part that is not there is named, with the step
that brings it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import pulumi

from stacks.contracts import BucketContract, CacheContract, GatewayContract, PlatformContract

Platform = pulumi.Output[PlatformContract]
Part = TypeVar("Part")


class Link(NamedTuple):
    """Id of the private link; of the balancer behind it the ARN, the host name and the security group."""

    id: str
    balancer: str
    host: str
    security_group: str


def present(part: Part | None, what: str, contract: PlatformContract) -> Part:
    """The part. Raises `pulumi.RunError` if the platform was deployed before a model asked for it."""
    if part is None:
        raise pulumi.RunError(
            f"the platform in {contract.place} has no {what}: it was deployed before a model asked for it. "
            f"Bring it up to date first: pulumi up -s {contract.cluster.name}"
        )
    return part


def cache_of(contract: PlatformContract) -> CacheContract:
    """The region's cache; raises as `present` does."""
    return present(contract.cache, "cache", contract)


def bucket_of(contract: PlatformContract) -> BucketContract:
    """The bucket of predictions; raises as `present` does."""
    return present(contract.predictions, "bucket of predictions", contract)


def gateway_of(contract: PlatformContract) -> GatewayContract:
    """What stands in front of APIs; raises as `present` does."""
    return present(contract.gateway, "gateway for APIs", contract)


def link_of(contract: PlatformContract) -> Link:
    """The way from outside into the cluster; raises as `present` does."""
    found = gateway_of(contract)
    parts = (found.link, found.balancer, found.balancer_host, found.balancer_security_group)
    return Link(*(present(part, "private link to its cluster", contract) for part in parts))


def key_of(platform: Platform, purpose: str) -> pulumi.Output[str]:
    """The ARN of the key for a purpose; raises so too, once the platform is known."""
    return platform.apply(lambda contract: present(contract.keys.get(purpose), f"key for {purpose}", contract))
