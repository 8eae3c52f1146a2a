"""The rights by which an API calls on: a role for an endpoint, and the word of a function that this API may call it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.targets import EndpointTarget
from components.aws_policies import Statement, arn
from components.gateway.aws_role import SERVICE, AwsGatewayRole, AwsGatewayRoleArgs
from components.naming import physical_name


@dataclass(frozen=True, kw_only=True)
class CallerPlace:
    """Whose API calls, and where."""

    stack: str
    model: str
    account: str
    region: str
    permissions_boundary_arn: str


@dataclass(frozen=True, kw_only=True)
class CalledFunction:
    """`by`: which part of the API calls, such as `live/*`."""

    name: pulumi.Input[str]
    alias: str | None
    by: str


def endpoint_caller(
    name: str, place: CallerPlace, target: EndpointTarget, opts: pulumi.ResourceOptions
) -> AwsGatewayRole:
    """A role that may call this one endpoint in its own way, and nothing else."""
    endpoint = arn("sagemaker", f"endpoint/{target.name}", region=place.region, account=place.account)
    wanted = AwsGatewayRoleArgs(
        role_name=physical_name(place.stack, place.model, "api", longest=64),
        description=f"{place.stack}: the API of {place.model} calls its endpoint",
        account=place.account,
        permissions_boundary_arn=place.permissions_boundary_arn,
        statements=(Statement(sid="CallEndpoint", actions=(target.action,), resources=(endpoint,)),),
    )
    return AwsGatewayRole(name, wanted, opts)


def may_call(
    name: str, called: CalledFunction, api: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> aws.lambda_.Permission:
    """`api`: the execution ARN of the one API that may. The statement bears the resource's name."""
    return aws.lambda_.Permission(
        name,
        statement_id=name,
        action="lambda:InvokeFunction",
        function=called.name,
        qualifier=called.alias,
        principal=SERVICE,
        source_arn=pulumi.Output.concat(api, "/", called.by),
        opts=opts,
    )
