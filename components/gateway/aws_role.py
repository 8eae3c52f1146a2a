"""A role that API Gateway takes: to write access logs, or to call a service of AWS for an API.

Not an `AwsWorkloadRole`: API Gateway does not say for which account it takes a role, and a trust that asks for it
answers every call with 500 (aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#479, read
2026-11-24). So ours is asked for only where one is named. What the role may do is named in full, below the account's
permissions boundary, like any workload's.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import WORKLOAD_PATH, Statement, document, service_trust
from components.identity.aws_workload import check_statements

SERVICE = "apigateway.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class AwsGatewayRoleArgs:
    role_name: str  # at most 64 characters
    description: str
    account: str
    permissions_boundary_arn: str
    statements: tuple[Statement, ...]

    def __post_init__(self) -> None:
        check_statements(self.role_name, self.statements)


class AwsGatewayRole(pulumi.ComponentResource):
    """`arn` of the role; `rights` is its policy: give it to `depends_on` of whatever takes the role."""

    arn: pulumi.Output[str]
    rights: pulumi.Resource

    def __init__(self, name: str, args: AwsGatewayRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:gateway:AwsGatewayRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            path=WORKLOAD_PATH,
            description=args.description,
            assume_role_policy=service_trust(SERVICE, {"StringEqualsIfExists": {"aws:SourceAccount": args.account}}),
            permissions_boundary=args.permissions_boundary_arn,
            opts=child,
        )
        self.rights = aws.iam.RolePolicy(
            f"{name}-policy", name="work", role=role.name, policy=document(*args.statements), opts=child
        )
        self.arn = role.arn
        self.register_outputs({"arn": role.arn})
