"""The AWS identity of one piece of work that a service of AWS does for a model: an endpoint, a function, a job.

The role may do what its statements say and nothing else, on named resources, below the account's permissions boundary.
Owns no trust but that of one service, and none of the data that the statements name.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Conditions, Statement, document, service_trust

# Calls that IAM ties to no resource: it takes `*` for these and nothing narrower.
WITHOUT_RESOURCE = frozenset(
    {
        "cloudwatch:PutMetricData",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ecr:GetAuthorizationToken",
        "kafka:GetBootstrapBrokers",
        "logs:DescribeLogGroups",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)


@dataclass(frozen=True, kw_only=True)
class AwsWorkloadRoleArgs:
    """`service`: who takes the role, such as `lambda.amazonaws.com`. `source_arn`: for which thing of the account only,
    a pattern where the thing is made later.
    """

    role_name: str  # at most 64 characters
    service: str
    description: str
    account: str
    permissions_boundary_arn: str
    statements: pulumi.Input[tuple[Statement, ...]] = ()
    source_arn: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.statements, tuple):
            check_statements(self.role_name, self.statements)


class AwsWorkloadRole(pulumi.ComponentResource):
    """A role below `/homeport/`, and its one policy. `attachments`: give them to `depends_on` of whatever takes it."""

    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    attachments: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: AwsWorkloadRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:identity:AwsWorkloadRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            path=WORKLOAD_PATH,
            description=args.description,
            assume_role_policy=service_trust(args.service, _conditions(args)),
            permissions_boundary=args.permissions_boundary_arn,
            opts=child,
        )
        self.attachments = ()
        if args.statements != ():
            policy = pulumi.Output.from_input(args.statements).apply(lambda given: _document(args.role_name, given))
            rights = aws.iam.RolePolicy(f"{name}-policy", name="work", role=role.name, policy=policy, opts=child)
            self.attachments = (rights,)
        self.role_arn, self.role_name = role.arn, role.name
        self.register_outputs({"role_arn": role.arn, "role_name": role.name})


def check_statements(who: str, statements: tuple[Statement, ...]) -> None:
    """Raises ValueError unless each names its actions in full, on named resources where IAM knows any."""
    for statement in statements:
        wide = [action for action in statement.actions if "*" in action]
        anywhere = "*" in statement.resources and not WITHOUT_RESOURCE.issuperset(statement.actions)
        if not statement.actions or not statement.resources or wide or anywhere:
            raise ValueError(
                f"statement {statement.sid} of {who}: got actions {statement.actions} on {statement.resources}; "
                "allowed: full names of actions, on named resources"
            )


def _document(who: str, statements: tuple[Statement, ...]) -> str:
    check_statements(who, statements)
    return document(*statements)


def _conditions(args: AwsWorkloadRoleArgs) -> Conditions:
    """Nobody else's thing can lend our role: the service names whose work it does."""
    asked: dict[str, dict[str, str | tuple[str, ...]]] = {"StringEquals": {"aws:SourceAccount": args.account}}
    if args.source_arn is not None:
        asked["ArnLike"] = {"aws:SourceArn": args.source_arn}
    return asked
