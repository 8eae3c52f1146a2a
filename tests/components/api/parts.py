"""APIs of models in eu-west-1, recorded, in front of each kind of target."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_aws as aws

from components.api.aws import AwsApi, AwsApiArgs
from components.api.aws_authorizer import Tokens
from components.api.targets import EndpointTarget, FunctionTarget, LinkTarget, Target
from components.labels import Labels
from tests.recorder import Graph, record

ACCOUNT, STACK = "123456789012", "demo-aws-eu-west-1-models"
HOST = "fraud.eu.demo.example.com"
BALANCER = "demo-link-1.elb.eu-west-1.amazonaws.com"
LINK = LinkTarget(link_id="link12", host=BALANCER, stable_port=30001, candidate_port=30002, candidate_weight=10)
ENDPOINT = EndpointTarget(name=f"{STACK}-fraud")
ALIAS = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{STACK}-fraud:live"
FUNCTION = FunctionTarget(alias_arn=ALIAS, alias_name="live", function_name=f"{STACK}-fraud")
ISSUER = Tokens(issuer="https://login.example.com/", audience="fraud")
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "0123456789abcdef0123"
SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["instances"],
    "properties": {"instances": {"type": "array", "items": {"type": "object"}}},
}
ARGS = AwsApiArgs(
    stack=STACK,
    model="fraud",
    account=ACCOUNT,
    region="eu-west-1",
    host=HOST,
    target=LINK,
    certificate_arn=f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1",
    web_acl_arn=f"arn:aws:wafv2:eu-west-1:{ACCOUNT}:regional/webacl/demo/1",
    access_logs_arn=f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/apigateway/demo",
    logs_key_arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/logs",
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    labels=Labels(environment="demo", stack=STACK, jurisdiction="eu"),
    networks=(IPv4Network("198.51.100.0/24"),),
)


@cache
def _recorded(number: int, preview: bool) -> Graph:
    args = _ASKED[number]

    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        made = AwsApi("fraud-api", args, pulumi.ResourceOptions(provider=provider))
        for key, value in vars(made.outputs).items():
            pulumi.export(key, value)

    return record(program, preview=preview)


_ASKED: list[AwsApiArgs] = []


def api(target: Target = LINK, *, preview: bool = False, **change: Any) -> Graph:
    """The recorded graph of one API; the same one for equal wishes."""
    args = replace(ARGS, target=target, **change)
    if args not in _ASKED:
        _ASKED.append(args)
    return _recorded(_ASKED.index(args), preview)
