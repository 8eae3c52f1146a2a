"""What a region's network gives to the rest of the region, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """Subnet ids by zone name: `private` reaches the internet through NAT only, `intra` not at all.

    An id is known before its subnet's routes and endpoints stand. What must reach out when it is created (nodes) or be
    torn down while the way out still stands gives `routes` to `depends_on`; an adopted network has none, its ways out
    are there. `nat_gateway_ids`: by the zone in which each stands, for who watches them; an adopted network tells none.
    """

    vpc_id: pulumi.Output[str]
    cidr: IPv4Network
    public_subnet_ids: Mapping[str, pulumi.Output[str]]
    private_subnet_ids: Mapping[str, pulumi.Output[str]]
    intra_subnet_ids: Mapping[str, pulumi.Output[str]]
    routes: tuple[pulumi.Resource, ...] = ()
    nat_gateway_ids: Mapping[str, pulumi.Output[str]] = field(default_factory=dict[str, pulumi.Output[str]])
