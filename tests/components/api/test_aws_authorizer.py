"""The function that judges tokens, as it is set up."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.api.aws_authorizer import AwsAuthorizer, AwsAuthorizerArgs, Tokens, authorizer_log_group
from tests.components.api.parts import ACCOUNT, ISSUER, STACK
from tests.recorder import Graph, record

CODE = Path(__file__).parents[3] / "components" / "api" / "authorizer" / "index.mjs"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/logs"
ARGS = AwsAuthorizerArgs(
    stack=STACK,
    model="fraud",
    account=ACCOUNT,
    region="eu-west-1",
    tokens=ISSUER,
    logs_key_arn=KEY,
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
)


@cache
def graph() -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        AwsAuthorizer("judge", ARGS, pulumi.ResourceOptions(provider=provider))

    return record(program)


def test_its_code_is_the_file_as_it_stands_and_names_no_place_of_this_machine() -> None:
    code = json.dumps(graph().one("Function")["code"])
    assert json.dumps(CODE.read_text(encoding="utf-8")) in code
    assert str(CODE.parents[3]) not in code


def test_it_knows_whose_tokens_it_takes_and_has_time_to_ask_the_issuer_twice() -> None:
    function = graph().one("Function")
    assert function["environment"]["variables"] == {"ISSUER": ISSUER.issuer, "AUDIENCE": ISSUER.audience}
    assert (function["runtime"], function["handler"]) == ("nodejs24.x", "index.handler")
    assert function["timeout"] * 1000 > 2 * 3000


def test_it_stands_outside_the_network_and_takes_no_part_of_the_accounts_concurrency() -> None:
    assert not {"vpcConfig", "reservedConcurrentExecutions"} & set(graph().one("Function").inputs)


def test_its_log_is_encrypted_and_ends_and_is_all_that_it_may_write() -> None:
    group, function = graph().one("LogGroup"), graph().one("Function")
    assert (group["name"], group["kmsKeyId"], group["retentionInDays"]) == (
        authorizer_log_group(STACK, "fraud"),
        KEY,
        30,
    )
    assert function["loggingConfig"]["logGroup"] == group["name"]
    statements = json.loads(graph().one("RolePolicy")["policy"])["Statement"]
    assert [(one["Action"], one["Resource"]) for one in statements] == [
        (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{group['name']}:*"],
        )
    ]


def test_it_waits_for_its_log_and_its_rights() -> None:
    needed = {graph().one("LogGroup").urn, graph().one("RolePolicy").urn}
    assert needed <= graph().one("Function").dependencies


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"issuer": "http://login.example.com/"}, "issuer: got 'http://login.example.com/'"),
        ({"issuer": "https://login.example.com/?tenant=1"}, "issuer: got"),
        ({"audience": ""}, "audience: got nothing"),
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(Tokens(issuer="https://login.example.com/", audience="fraud"), **change)
