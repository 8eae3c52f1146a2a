"""What GitHub's two roles may do: preview reads how things are set up, apply changes regional stacks and front doors
too.

Both are lists of our own: AWS widens its managed policies (`ReadOnlyAccess` reads data, too) without asking. A
component that declares a new type of resource adds its calls here; until then its preview or `up` in CI is refused,
by the call's name.
"""

from __future__ import annotations

from components.account.aws_delivery_data import DATA_READS, data_changes
from components.account.aws_delivery_endpoint import ENDPOINT_READS, endpoint_changes
from components.account.aws_delivery_functions import FUNCTION_READS, function_changes
from components.account.aws_delivery_gateway import GATEWAY_READS, gateway_changes, gateway_reads
from components.account.aws_delivery_monitoring import MONITORING_READS, monitoring_changes
from components.account.aws_delivery_stores import store_changes, store_reads
from components.account.aws_state import States
from components.aws_policies import WORKLOAD_PATH, Statement, document, iam_arn
from components.naming import aws_partition

_ALL = ("*",)  # for calls that list or create, which name no resource, and for reading: the boundary holds data back


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


_READS = (
    *_calls("acm", "DescribeCertificate ListCertificates ListTagsForCertificate"),
    *_calls("autoscaling", "DescribeAutoScalingGroups"),
    # Wildcards of two services whose Describe and List calls tell how things are set up, never what is in them.
    *_calls("ec2", "Describe* GetManagedPrefixListEntries"),
    *_calls("ecr", "DescribeRepositories GetLifecyclePolicy GetRepositoryPolicy ListTagsForResource"),
    *_calls("eks", "Describe* List*"),
    *_calls("elasticloadbalancing", "DescribeLoadBalancers DescribeTags"),
    *_calls("iam", "GetOpenIDConnectProvider GetPolicy GetPolicyVersion GetRole GetRolePolicy"),
    *_calls("iam", "ListAttachedRolePolicies ListInstanceProfilesForRole ListOpenIDConnectProviders ListPolicies"),
    *_calls("iam", "ListPolicyTags ListPolicyVersions ListRolePolicies ListRoleTags"),
    *_calls("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListAliases ListKeyPolicies ListResourceTags"),
    *_calls("logs", "DescribeLogGroups ListTagsForResource"),
    *_calls("route53", "GetChange GetHealthCheck GetHostedZone ListHostedZones ListHostedZonesByName"),
    *_calls("route53", "ListHealthChecks ListResourceRecordSets ListTagsForResource"),
    *DATA_READS,
    *ENDPOINT_READS,
    *FUNCTION_READS,
    *GATEWAY_READS,
    *MONITORING_READS,
)
_REGIONAL_CHANGES = (
    *_calls("acm", "AddTagsToCertificate DeleteCertificate RemoveTagsFromCertificate RequestCertificate"),
    # Network and cluster are what these two are for; regions and the kinds of reading are held by the boundary.
    "ec2:*",
    "eks:*",
    *_calls("logs", "AssociateKmsKey CreateLogDelivery CreateLogGroup DeleteLogDelivery DeleteLogGroup"),
    *_calls("logs", "DeleteRetentionPolicy DisassociateKmsKey PutLogGroupDeletionProtection PutRetentionPolicy"),
    *_calls("logs", "TagResource UntagResource"),
    *_calls("kms", "CreateKey"),
    # What an interface endpoint with private names needs beside ec2:CreateVpcEndpoint; the zone is of AWS.
    *_calls("route53", "AssociateVPCWithHostedZone"),
)
_KEY_CHANGES = (
    *_calls("kms", "CancelKeyDeletion CreateAlias DeleteAlias DisableKeyRotation EnableKey EnableKeyRotation"),
    *_calls("kms", "PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription"),
    *_calls("kms", "RetireGrant"),  # those of a repository that is deleted
)
_ROLE_CHANGES = (
    *_calls("iam", "AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy"),
    *_calls("iam", "PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole"),
    *_calls("iam", "UpdateRoleDescription"),
)
_HEALTH_CHECK_CHANGES = _calls("route53", "ChangeTagsForResource DeleteHealthCheck UpdateHealthCheck")
# Who may be handed a role of ours, and whose own roles AWS makes on first use.
_PASSED_TO = (
    "apigateway.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "eks.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
_SERVICES_WITH_ROLES = tuple(
    f"{service}.amazonaws.com"
    for service in (
        *("autoscaling", "batch", "eks", "eks-nodegroup", "elasticache", "elasticloadbalancing"),
        *("kafka", "lambda.application-autoscaling", "ops.apigateway"),
        *("sagemaker.application-autoscaling", "spot"),
    )
)


def preview_policy(*, environment: str, states: States) -> str:
    """Reading set-ups, and state with its secrets: whoever may open a pull request can decrypt the stacks' secrets."""
    return document(*_set_ups(environment, states), *states.access(writes=False))


def apply_policy(*, environment: str, zone_arn: str, names: tuple[str, ...], states: States) -> str:
    """Regional stacks and front doors. `names`: patterns of the DNS names that front doors may change.

    Not the account stack: its zone, identities and boundaries are changed by people, with rights of their own.
    """
    region, account = states.region, states.account
    partition = aws_partition(region).name
    keys = tuple(f"arn:{partition}:kms:*:{account}:{kind}" for kind in ("key/*", f"alias/{environment}-*"))
    checks = (f"arn:{partition}:route53:::healthcheck/*",)
    return document(
        *_set_ups(environment, states),
        *states.access(writes=True),
        Statement(sid="RegionalStacks", actions=_REGIONAL_CHANGES, resources=_ALL),
        Statement(sid="Keys", actions=_KEY_CHANGES, resources=keys),
        # EKS takes its grant on the secrets key in the caller's name, and CreateCluster fails where it must be "for a
        # service of AWS". Which grants may be made stands in each key's own policy; on the state's keys none.
        Statement(sid="KeysForServices", actions=("kms:CreateGrant",), resources=keys[:1]),
        *_on_roles(environment, region, account),
        *store_changes(environment, region=region, account=account),
        Statement(
            sid="FrontDoors",
            actions=("route53:ChangeResourceRecordSets",),
            resources=(zone_arn,),
            conditions={"ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": names}},
        ),
        Statement(sid="NewHealthChecks", actions=("route53:CreateHealthCheck",), resources=_ALL),
        Statement(sid="HealthChecks", actions=_HEALTH_CHECK_CHANGES, resources=checks),
    )


def part_policies(*, environment: str, region: str, account: str) -> dict[str, str]:
    """By a part of the region, what applying may change there: each a policy of its own, since IAM takes no more than
    10,240 characters within a role, and 6,144 in each policy attached to it. `region`: any of the account's partition.
    """
    return {
        "data": document(*data_changes(environment, region=region, account=account)),
        "endpoints": document(*endpoint_changes(environment, region=region, account=account)),
        "functions": document(*function_changes(environment, region=region, account=account)),
        "gateway": document(*gateway_changes(environment, region=region, account=account)),
        "monitoring": document(*monitoring_changes(environment, region=region, account=account)),
    }


def _on_roles(environment: str, region: str, account: str) -> tuple[Statement, ...]:
    """The environment's roles and no others; that each carries a boundary is the delivery boundary's part."""
    roles = (deployed_roles(environment, region=region, account=account),)
    return (
        Statement(sid="Roles", actions=_ROLE_CHANGES, resources=roles),
        Statement(
            sid="HandingRolesOver",
            actions=("iam:PassRole",),
            resources=roles,
            conditions={"StringEquals": {"iam:PassedToService": _PASSED_TO}},
        ),
        Statement(
            sid="RolesOfServices",
            actions=("iam:CreateServiceLinkedRole",),
            resources=(service_roles(region=region, account=account),),
            conditions={"StringEquals": {"iam:AWSServiceName": _SERVICES_WITH_ROLES}},
        ),
    )


def deployed_roles(environment: str, *, region: str, account: str) -> str:
    """The roles of the environment's regional stacks, as a pattern: their names start with the environment's."""
    return iam_arn(f"role{WORKLOAD_PATH}{environment}-*", region=region, account=account)


def service_roles(*, region: str, account: str) -> str:
    """The roles that AWS's services make for themselves, as a pattern."""
    return iam_arn("role/aws-service-role/*", region=region, account=account)


def _set_ups(environment: str, states: States) -> tuple[Statement, ...]:
    """How things are set up, and the parameters that AWS publishes (for example the newest machine image)."""
    public = f"arn:{aws_partition(states.region).name}:ssm:*::parameter/aws/service/*"
    return (
        store_reads(environment, region=states.region, account=states.account),
        gateway_reads(environment, region=states.region, account=states.account),
        Statement(sid="SetUps", actions=_READS, resources=_ALL),
        Statement(sid="PublicParameters", actions=("ssm:GetParameter",), resources=(public,)),
    )
