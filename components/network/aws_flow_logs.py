"""Flow logs of a VPC: who talked to whom, kept in an encrypted log group of the same region.

Owns the group and the one role that may write to it. Addresses and byte counts only, never contents.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Statement, arn, document, service_trust
from components.naming import physical_name

RETENTION_DAYS = 90
# The default fields and, after them, those that tell apart a pod behind NAT, the zone, and the way taken.
_FIELDS = """
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
vpc-id subnet-id instance-id tcp-flags pkt-srcaddr pkt-dstaddr az-id flow-direction traffic-path
"""


def flow_log_group(stack: str) -> str:
    """The name of the stack's log group: the logs key names it."""
    return f"/homeport/{stack}/flow-logs"


@dataclass(frozen=True, kw_only=True)
class AwsFlowLogsArgs:
    stack: str
    account: str
    region: str
    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]  # its policy must let CloudWatch Logs use it for this group
    permissions_boundary_arn: str
    protect_logs: bool = False


class AwsFlowLogs(pulumi.ComponentResource):
    """All traffic, accepted and refused, summed up every minute."""

    def __init__(self, name: str, args: AwsFlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:network:AwsFlowLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=flow_log_group(args.stack),
            retention_in_days=RETENTION_DAYS,
            kms_key_id=args.key_arn,
            deletion_protection_enabled=args.protect_logs,
            opts=child,
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=physical_name(args.stack, "flow-logs", longest=64),
            path=WORKLOAD_PATH,
            description=f"{args.stack}: writes VPC flow logs",
            assume_role_policy=service_trust("vpc-flow-logs.amazonaws.com", _only_here(args)),
            permissions_boundary=args.permissions_boundary_arn,
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-write", name="write", role=role.name, policy=group.arn.apply(_write), opts=child
        )
        aws.ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            log_format=" ".join(f"${{{field}}}" for field in _FIELDS.split()),
            tags={"Name": f"{args.stack}-flow-logs"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({"log_group": group.name})


def _only_here(args: AwsFlowLogsArgs) -> dict[str, dict[str, str]]:
    """Only flow logs of this account and region; the id of this one is not known before it has its role."""
    any_log = arn("ec2", "vpc-flow-log/*", region=args.region, account=args.account)
    return {"StringEquals": {"aws:SourceAccount": args.account}, "ArnLike": {"aws:SourceArn": any_log}}


def _write(group_arn: str) -> str:
    """Streams of one group; the group exists, so creating groups is not needed."""
    bare = group_arn.removesuffix(":*")
    return document(
        Statement(
            sid="WriteStreams",
            actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            resources=(bare, f"{bare}:*"),  # `:*` stands for the group's streams
        ),
        Statement(
            sid="FindGroup",
            actions=("logs:DescribeLogGroups",),
            resources=("*",),  # a list call: AWS's list of actions ties it to no resource
        ),
    )
