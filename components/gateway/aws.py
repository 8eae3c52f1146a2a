"""What stands in front of every model's API in one AWS region, once for all of them.

Owns the web access list, the log group of who called, the private link to the cluster where a model on Kubernetes has
an API, and API Gateway's one setting of an account in a region: the role by which it writes logs. That setting belongs
here, since one account holds one environment, with one platform a region; where an account has APIs of others too,
their role is replaced by this one, and gone when the platform is destroyed. Owns no API: each model brings its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn
from components.gateway.aws_private_link import AwsPrivateLink, AwsPrivateLinkArgs, PrivateWay
from components.gateway.aws_role import AwsGatewayRole, AwsGatewayRoleArgs
from components.gateway.aws_web_acl import AwsWebAcl, AwsWebAclArgs, web_log_group
from components.gateway.types import GatewayOutputs
from components.naming import physical_name

RETENTION_DAYS = 90
# Those of AWS's own policy for this purpose, AmazonAPIGatewayPushToCloudWatchLogs, but on API Gateway's groups only.
# When the role is set, API Gateway tries it on a group of its own, /aws/apigateway/welcome.
_WRITE_LOGS = tuple(
    f"logs:{action}"
    for action in """
    CreateLogGroup CreateLogStream DescribeLogStreams FilterLogEvents GetLogEvents PutLogEvents
    """.split()
)


def access_log_group(stack: str) -> str:
    """Where it is written who called which API, and what came of it."""
    return f"/aws/apigateway/{stack}"


def gateway_log_groups(stack: str) -> tuple[str, ...]:
    """All of the gateway's log groups. The logs key names them."""
    return (access_log_group(stack), web_log_group(stack))


@dataclass(frozen=True, kw_only=True)
class AwsGatewayArgs:
    """`way` None: no model on Kubernetes has an API, and no link is made. `protect_logs`: log groups cannot be deleted
    until it is taken back.
    """

    stack: str
    account: str
    region: str
    logs_key_arn: pulumi.Input[str]  # its policy must let CloudWatch Logs use it for `gateway_log_groups`
    permissions_boundary_arn: str
    requests_per_5_minutes: int = 2000  # of one address, over all APIs
    way: PrivateWay | None = None
    protect_logs: bool = False


class AwsGateway(pulumi.ComponentResource):
    """`outputs` as any cloud's gateway gives them. The log group's ARN comes once API Gateway may write to it."""

    outputs: GatewayOutputs

    def __init__(self, name: str, args: AwsGatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:gateway:AwsGateway", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        web = AwsWebAcl(
            f"{name}-web",
            AwsWebAclArgs(
                stack=args.stack,
                logs_key_arn=args.logs_key_arn,
                requests_per_5_minutes=args.requests_per_5_minutes,
                protect_logs=args.protect_logs,
            ),
            child,
        )
        access_logs = self._access_logs(name, args)
        link = (
            AwsPrivateLink(f"{name}-link", AwsPrivateLinkArgs(stack=args.stack, way=args.way), child)
            if args.way
            else None
        )
        self.outputs = GatewayOutputs(
            web_acl=web.arn,
            access_logs=access_logs,
            link=link.link if link else None,
            balancer=link.balancer if link else None,
            balancer_host=link.host if link else None,
            balancer_security_group=link.security_group if link else None,
        )
        self.register_outputs({key: value for key, value in vars(self.outputs).items() if value is not None})

    def _access_logs(self, name: str, args: AwsGatewayArgs) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-access",
            name=access_log_group(args.stack),
            retention_in_days=RETENTION_DAYS,
            kms_key_id=args.logs_key_arn,
            deletion_protection_enabled=args.protect_logs,
            opts=child,
        )
        role = AwsGatewayRole(
            f"{name}-log-writer",
            AwsGatewayRoleArgs(
                role_name=physical_name(args.stack, "api-logs", longest=64),
                description=f"{args.stack}: writes access logs of APIs",
                account=args.account,
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=_log_rights(args.region, args.account),
            ),
            child,
        )
        setting = aws.apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.rights]),
        )
        # A stage with access logs is refused until the account has its role.
        return pulumi.Output.all(group.arn, setting.id).apply(lambda both: both[0])


def _log_rights(region: str, account: str) -> tuple[Statement, ...]:
    own = arn("logs", "log-group:/aws/apigateway/*", region=region, account=account)
    return (
        Statement(sid="WriteLogs", actions=_WRITE_LOGS, resources=(own,)),
        Statement(sid="FindLogs", actions=("logs:DescribeLogGroups",), resources=("*",)),
    )
