"""What GitHub's two roles may do with APIs of models and with what stands before and behind them.

API Gateway's ARNs hold no names of ours: an account holds one environment, and no other APIs. All else bears the
environment's name. Neither role calls an API. Reading a set-up shows the keys of callers, which the state holds too.
"""

from __future__ import annotations

from components.aws_policies import Statement, bucket_arn
from components.naming import aws_partition

GATEWAY_SERVICES = ("apigateway", "wafv2")
GATEWAY_READS = (
    "apigateway:GET",
    *(
        f"elasticloadbalancing:Describe{what}"
        for what in """
        ListenerAttributes Listeners LoadBalancerAttributes TargetGroupAttributes TargetGroups
        """.split()
    ),
    "logs:DescribeResourcePolicies",
    *(f"wafv2:{name}" for name in "GetLoggingConfiguration GetWebACL GetWebACLForResource ListTagsForResource".split()),
)
_API_CHANGES = """
AddCertificateToDomain DELETE PATCH POST PUT RemoveCertificateFromDomain SetWebACL UpdateRestApiPolicy
"""
_API_PARTS = "account apikeys* domainnames* restapis* tags/* usageplans* vpclinks*"
_WEB_CHANGES = """
AssociateWebACL CreateWebACL DeleteLoggingConfiguration DeleteWebACL DisassociateWebACL PutLoggingConfiguration
TagResource UntagResource UpdateWebACL
"""
_BALANCER_CHANGES = """
AddTags CreateListener CreateLoadBalancer CreateTargetGroup DeleteListener DeleteLoadBalancer DeleteTargetGroup
ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyTargetGroup ModifyTargetGroupAttributes
RemoveTags SetSecurityGroups SetSubnets
"""
_FILE_READS = "GetObject GetObjectTagging GetObjectVersion"


def readable_files(environment: str, *, region: str, account: str) -> tuple[str, ...]:
    """The one kind of object that both roles read: public certificates of the authorities of callers. API Gateway reads
    them in the name of whoever sets a public name up.
    """
    return (f"{bucket_arn(f'{environment}-*-{account}-*', region=region)}/authorities.pem",)


def gateway_reads(environment: str, *, region: str, account: str) -> Statement:
    """`region`: any of the account's partition."""
    files = readable_files(environment, region=region, account=account)
    return Statement(sid="Authorities", actions=_calls("s3", _FILE_READS), resources=files)


def gateway_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up and taking down. `region`: any of the account's partition."""
    arns = f"arn:{aws_partition(region).name}"
    apis = f"{arns}:apigateway:*::/"
    balancing = f"{arns}:elasticloadbalancing:*:{account}:"
    return (
        Statement(
            sid="Apis",
            actions=_calls("apigateway", _API_CHANGES),
            resources=tuple(f"{apis}{part}" for part in _API_PARTS.split()),
        ),
        Statement(
            sid="WebLists",
            actions=_calls("wafv2", _WEB_CHANGES),
            resources=(
                f"{arns}:wafv2:*:{account}:regional/webacl/{environment}-*/*",
                f"{arns}:wafv2:*:*:regional/managedruleset/*/*",  # AWS's own, which our lists name
                f"{apis}restapis/*/stages/*",
            ),
        ),
        # WAF lets itself write to the log group in the name of whoever asks; IAM takes no narrower resource.
        Statement(sid="WebLogs", actions=("logs:PutResourcePolicy",), resources=("*",)),
        Statement(
            sid="Balancers",
            actions=_calls("elasticloadbalancing", _BALANCER_CHANGES),
            resources=(
                f"{balancing}listener/net/{environment}-*/*",
                f"{balancing}loadbalancer/net/{environment}-*/*",
                f"{balancing}targetgroup/{environment}-*/*",
            ),
        ),
        Statement(
            sid="NodesBehindBalancers",
            actions=_calls("autoscaling", "AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups"),
            resources=(f"{arns}:autoscaling:*:{account}:autoScalingGroup:*:autoScalingGroupName/eks-*",),
        ),
        Statement(
            sid="TagsOfAuthorities",
            actions=("s3:PutObjectTagging",),
            resources=readable_files(environment, region=region, account=account),
        ),
    )


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())
