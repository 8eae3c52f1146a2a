"""Where the private link finds one version of a model in the cluster: the port that its Service opens on every node.

A listener of the region's balancer on that same port, and behind it nodes, as EC2 Auto Scaling starts and ends them.
Health is asked of the model over HTTP on that port: a node from which no ready replica is reached gets no calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
import pulumi_aws as aws

from components.naming import physical_name

_HEALTH_PATH = "/ping"
# Twice at every ten seconds, as at the balancers of exposed models: pods leave by it (components/serving/pods.py).
_CHECK_EVERY_S, _CHECKS = 10, 2
# A call takes 29 seconds at most; for so long a node that leaves still answers what it was asked.
_LEAVE_S = 30


Version: TypeAlias = Literal["stable", "candidate"]


@dataclass(frozen=True, kw_only=True)
class AwsPrivateTargetArgs:
    """`port`: of the nodes. `groups`: Auto Scaling groups of nodes that take calls, by a word for each that stays,
    which is part of a child's name. Nodes that always stand do: a Service hands calls on to pods on any node.
    """

    stack: str
    model: str
    vpc_id: pulumi.Input[str]
    balancer_arn: pulumi.Input[str]
    port: pulumi.Input[int]
    groups: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.groups:
            raise ValueError("groups: got none; allowed: one group of nodes or more")


class AwsPrivateTarget(pulumi.ComponentResource):
    """`port` of the balancer: known once it leads to the nodes."""

    port: pulumi.Output[int]

    def __init__(self, name: str, args: AwsPrivateTargetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsPrivateTarget", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        port = pulumi.Output.from_input(args.port)
        group = aws.lb.TargetGroup(
            f"{name}-group",
            # With the port in it: another port is another group, made while the old one still serves.
            name=port.apply(lambda number: target_group_name(args.stack, args.model, number)),
            port=port,
            protocol="TCP",
            target_type="instance",
            vpc_id=args.vpc_id,
            # Over a private link there is no caller's address to keep.
            preserve_client_ip="false",
            deregistration_delay=_LEAVE_S,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                protocol="HTTP",
                path=_HEALTH_PATH,
                port="traffic-port",
                matcher="200",
                interval=_CHECK_EVERY_S,
                healthy_threshold=_CHECKS,
                unhealthy_threshold=_CHECKS,
            ),
            tags=args.tags,
            opts=child,
        )
        listener = aws.lb.Listener(
            f"{name}-listener",
            load_balancer_arn=args.balancer_arn,
            port=port,
            protocol="TCP",
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
            tags=args.tags,
            opts=child,
        )
        attached = [
            aws.autoscaling.Attachment(
                f"{name}-{word}", autoscaling_group_name=nodes, lb_target_group_arn=group.arn, opts=child
            )
            for word, nodes in sorted(args.groups.items())
        ]
        ready = pulumi.Output.all(listener.id, *(one.id for one in attached))
        self.port = pulumi.Output.all(port, ready).apply(lambda both: both[0])
        self.register_outputs({"port": self.port})


def target_group_name(stack: str, model: str, port: int) -> str:
    """At most 32 characters; the port tells a model's versions apart."""
    return physical_name(stack, model, str(port), longest=32)
