"""The private way from APIs to models in the cluster: a VPC link, and an internal network load balancer behind it.

Nothing but API Gateway reaches the balancer, which lets nothing in by its own group: what comes over the private link
is not judged by that group, and nothing else is let in. From there it goes to ports that Services of models open on the
nodes. Which model listens where is the models stack's part; the balancer holds fifty listeners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import physical_name

# Kubernetes' own range of node ports; EKS does not change it.
FIRST_NODE_PORT, LAST_NODE_PORT = 30000, 32767


@dataclass(frozen=True, kw_only=True)
class PrivateWay:
    """Into what the link leads: the network, where in it the balancer stands (subnet ids by zone), and the security
    group that all nodes wear.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    node_security_group_id: pulumi.Input[str]

    def __post_init__(self) -> None:
        if len(self.subnet_ids) < 2:
            raise ValueError(
                f"subnet_ids: got zones {sorted(self.subnet_ids)}; allowed: two or more, so that one may be lost"
            )


@dataclass(frozen=True, kw_only=True)
class AwsPrivateLinkArgs:
    stack: str
    way: PrivateWay


class AwsPrivateLink(pulumi.ComponentResource):
    """`link` is the VPC link's id; `balancer` an ARN, `host` its name, `security_group` what guards it."""

    link: pulumi.Output[str]
    balancer: pulumi.Output[str]
    host: pulumi.Output[str]
    security_group: pulumi.Output[str]

    def __init__(self, name: str, args: AwsPrivateLinkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:gateway:AwsPrivateLink", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._security_group()
        balancer = aws.lb.LoadBalancer(
            f"{name}-balancer",
            name=physical_name(args.stack, "link", longest=32),
            load_balancer_type="network",
            internal=True,
            subnets=[args.way.subnet_ids[zone] for zone in sorted(args.way.subnet_ids)],
            security_groups=[group.id],
            enforce_security_group_inbound_rules_on_private_link_traffic="off",
            # A zone without a replica of the model still answers.
            enable_cross_zone_load_balancing=True,
            opts=self._child,
        )
        link = aws.apigateway.VpcLink(
            f"{name}-link",
            name=args.stack,
            description=f"{args.stack}: from APIs to models in the cluster",
            target_arn=balancer.arn,
            opts=self._child,
        )
        self.link, self.balancer, self.host = link.id, balancer.arn, balancer.dns_name
        self.security_group = group.id
        self.register_outputs({"link": link.id, "balancer": balancer.arn, "host": balancer.dns_name})

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Out to the nodes' ports only, and those let it in."""
        named = f"{self._args.stack}-link"
        group = aws.ec2.SecurityGroup(
            f"{self._name}-balancer",
            name=named,
            description="From the private link of APIs to node ports",
            vpc_id=self._args.way.vpc_id,
            tags={"Name": named},
            opts=self._child,
        )
        nodes = self._args.way.node_security_group_id
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-nodes",
            security_group_id=group.id,
            description="To the ports that Services open on nodes",
            referenced_security_group_id=nodes,
            ip_protocol="tcp",
            from_port=FIRST_NODE_PORT,
            to_port=LAST_NODE_PORT,
            tags={"Name": named},
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-balancer",
            security_group_id=nodes,
            description="From the balancer of the private link",
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=FIRST_NODE_PORT,
            to_port=LAST_NODE_PORT,
            tags={"Name": named},
            opts=self._child,
        )
        return group
