"""A platform's monitoring, recorded with plain stand-ins for what other components make."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.monitoring.aws import AwsMonitoring, AwsMonitoringArgs
from tests.recorder import Graph, record

ACCOUNT = "123456789012"
STACK = "demo-aws-eu-west-1"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:{STACK}-alarms"
RECEIVERS = ("ops@example.com", "https://alarms.example.com/aws")
ARGS = AwsMonitoringArgs(
    stack=STACK,
    account=ACCOUNT,
    region="eu-west-1",
    cluster=STACK,
    nodes={"system": (2, ["eks-system-1"]), "gpu-l4": (1, ["eks-l4-spot", "eks-l4-on"]), "gpu-h100": (0, ["eks-h100"])},
    gateways={"eu-west-1a": "nat-00000000000000001"},
    certificate_arn=f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1",
    alarms_key_arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/alarms",
    logs_key_arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/logs",
    receivers=RECEIVERS,
    billed_stacks=(STACK, f"{STACK}-models"),
    budget_usd=5000,
)


def record_monitoring(args: AwsMonitoringArgs = ARGS, **options: Any) -> Graph:
    """The recorded graph of one platform's monitoring in eu-west-1."""

    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        made = AwsMonitoring("monitoring", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("alarm_channel", made.outputs.alarm_channel)
        pulumi.export("alarms", dict(made.outputs.alarms))

    return record(program, **options)
