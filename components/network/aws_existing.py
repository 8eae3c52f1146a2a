"""A VPC that somebody else owns, taken as it is: nothing is declared, changed or tagged.

The owner sees to routes, endpoints, flow logs and the subnets' tags (`kubernetes.io/role/elb` on public,
`kubernetes.io/role/internal-elb` on private ones), without which Kubernetes places no load balancer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi

from components.network.types import NetworkOutputs


@dataclass(frozen=True, kw_only=True)
class AwsExistingNetworkArgs:
    """Ids by zone name, as found by the kit."""

    vpc_id: str
    cidr: IPv4Network
    private_subnet_ids: Mapping[str, str]
    public_subnet_ids: Mapping[str, str] = field(default_factory=dict[str, str])  # none: no public load balancers
    intra_subnet_ids: Mapping[str, str] = field(default_factory=dict[str, str])  # none: the private ones serve

    def __post_init__(self) -> None:
        if len(self.private_subnet_ids) < 2:
            raise ValueError(
                f"private subnets of {self.vpc_id}: got {dict(self.private_subnet_ids)}; "
                "allowed: two or more zones (EKS wants two)"
            )


def existing_network(args: AwsExistingNetworkArgs) -> NetworkOutputs:
    """The same outputs that `AwsNetwork` has, with no resource behind them."""
    return NetworkOutputs(
        vpc_id=pulumi.Output.from_input(args.vpc_id),
        cidr=args.cidr,
        public_subnet_ids=_known(args.public_subnet_ids),
        private_subnet_ids=_known(args.private_subnet_ids),
        intra_subnet_ids=_known(args.intra_subnet_ids or args.private_subnet_ids),
    )


def _known(ids: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
    return {zone: pulumi.Output.from_input(subnet) for zone, subnet in ids.items()}
