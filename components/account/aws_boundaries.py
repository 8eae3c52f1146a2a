"""Permissions boundaries: what a role may do at most, whatever is attached to it later.

The workload boundary holds for every role that a regional stack makes, one a jurisdiction: no call outside that
jurisdiction's regions. The delivery boundary holds for the two roles that GitHub takes: they cannot raise themselves,
make roles without a workload boundary, or read data. A boundary grants nothing.
"""

from __future__ import annotations

from components.account.aws_delivery_data import DATA_SERVICES
from components.account.aws_delivery_endpoint import ENDPOINT_SERVICES
from components.account.aws_delivery_functions import FUNCTION_SERVICES
from components.account.aws_delivery_gateway import GATEWAY_SERVICES
from components.account.aws_delivery_monitoring import ANSWERED_ELSEWHERE, MONITORING_SERVICES
from components.account.aws_state import States
from components.aws_policies import Statement, document, iam_arn
from components.naming import physical_name

DELIVERY_PATH = "/homeport-delivery/"
"""Path of boundaries and delivery roles: apart from the path that deploying may touch."""

# Services that control plane, nodes, add-ons and models call. A service more is a row more.
WORKLOAD_SERVICES = """
autoscaling batch cloudwatch dynamodb ec2 ec2messages ecr ecs eks eks-auth elasticache elasticloadbalancing kafka
kafka-cluster kinesis kms lambda logs s3 sagemaker sns sqs ssm ssmmessages xray
""".split()
# Services that previews and deployments call.
DELIVERY_SERVICES = (
    *"acm autoscaling ec2 ecr eks elasticloadbalancing iam kms logs route53 s3 ssm".split(),
    *GATEWAY_SERVICES,
    *DATA_SERVICES,
    *ENDPOINT_SERVICES,
    *FUNCTION_SERVICES,
    *MONITORING_SERVICES,
)

_GLOBAL = ("iam:*", "route53:*", *ANSWERED_ELSEWHERE)  # answered in us-east-1 wherever they are called from
_IAM_CHANGES = tuple(
    f"iam:{verb}"
    for verb in """
    Add* Attach* ChangePassword Create* Deactivate* Delete* Detach* Disable* Enable* PassRole Put* Remove* Reset*
    Resync* Set* Tag* Untag* Update* Upload*
    """.split()
)
_RAISING = ("iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
# Most lie outside the ceiling anyway; said aloud, no policy of a bucket or a secret can grant them either.
_DATA_READS = tuple(
    """
    dynamodb:BatchGetItem dynamodb:GetItem dynamodb:GetRecords dynamodb:PartiQLSelect dynamodb:Query dynamodb:Scan
    ec2:DescribeInstanceAttribute ec2:GetConsoleOutput ec2:GetConsoleScreenshot ec2:GetPasswordData
    ecr:GetDownloadUrlForLayer kinesis:GetRecords kinesis:SubscribeToShard
    logs:FilterLogEvents logs:GetLogEvents logs:GetLogRecord logs:GetQueryResults logs:StartLiveTail logs:StartQuery
    logs:Unmask secretsmanager:BatchGetSecretValue secretsmanager:GetSecretValue sqs:ReceiveMessage
    """.split()
)
_ALL = ("*",)  # a boundary bounds every resource; what it bounds says its actions and conditions


def workload_boundary_name(environment: str, jurisdiction: str) -> str:
    """The policy's name: regional stacks find it by name, without the account's state."""
    return physical_name(environment, jurisdiction, "workload", longest=128)


def workload_boundary_arn(*, environment: str, jurisdiction: str, region: str, account: str) -> str:
    """The ARN for `permissions_boundary` of a regional stack's roles."""
    name = workload_boundary_name(environment, jurisdiction)
    return iam_arn(f"policy{DELIVERY_PATH}{name}", region=region, account=account)


def workload_boundary(regions: tuple[str, ...]) -> str:
    """Calls in these regions only; in IAM nothing but the role by which load balancers work."""
    return document(
        Statement(
            sid="WithinTheJurisdiction",
            actions=tuple(f"{service}:*" for service in WORKLOAD_SERVICES),
            resources=_ALL,
            conditions={"StringEquals": {"aws:RequestedRegion": regions}},
        ),
        Statement(
            sid="LoadBalancersOwnRole",
            actions=("iam:CreateServiceLinkedRole",),
            resources=_ALL,
            conditions={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        ),
    )


def delivery_boundary(
    *,
    roles: tuple[str, ...],
    boundaries: tuple[str, ...],
    regions: tuple[str, ...],
    states: States,
    readable: tuple[str, ...],
) -> str:
    """What GitHub's roles never may.

    `roles`: ARN patterns of the roles that deploying may change; `boundaries`: ARNs, of which each such role carries
    one; `states` and `readable`: the only objects that may be read.
    """
    return document(
        Statement(sid="Ceiling", actions=tuple(f"{name}:*" for name in DELIVERY_SERVICES), resources=_ALL),
        _deny("OtherRegions", conditions={"StringNotEquals": {"aws:RequestedRegion": regions}}, not_actions=_GLOBAL),
        _deny("OtherIdentities", actions=_IAM_CHANGES, but=roles),
        _deny(
            "RolesWithoutBoundary",
            actions=_RAISING,
            conditions={"StringNotEquals": {"iam:PermissionsBoundary": boundaries}},
        ),
        _deny("TakingBoundariesOff", actions=("iam:DeleteRolePermissionsBoundary",)),
        _deny("OtherRoles", actions=("sts:AssumeRole",)),
        _deny("Data", actions=_DATA_READS),
        *states.refusals(readable),
    )


def _deny(
    sid: str,
    *,
    actions: tuple[str, ...] = (),
    not_actions: tuple[str, ...] = (),
    but: tuple[str, ...] = (),
    conditions: dict[str, dict[str, tuple[str, ...]]] | None = None,
) -> Statement:
    """A refusal of these actions on everything, but on `but`."""
    return Statement(
        sid=f"Never{sid}",
        effect="Deny",
        actions=actions,
        not_actions=not_actions,
        resources=() if but else _ALL,
        not_resources=but,
        conditions={**(conditions or {})},
    )
