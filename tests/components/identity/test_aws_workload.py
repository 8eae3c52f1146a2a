"""The role of a piece of work that a service of AWS does for a model: who takes it, and how little it may do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.aws_policies import Statement
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from tests.recorder import Graph, record

ACCOUNT = "123456789012"
METRICS = Statement(sid="Metrics", actions=("cloudwatch:PutMetricData",), resources=("*",))
READ = Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::captures/fraud/*",))
ARGS = AwsWorkloadRoleArgs(
    role_name="demo-fraud",
    service="lambda.amazonaws.com",
    description="demo: fraud",
    account=ACCOUNT,
    permissions_boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/homeport-delivery/demo-eu-workload",
)


def role(**changes: Any) -> Graph:
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
        made = AwsWorkloadRole("fraud", replace(ARGS, **changes), opts)
        pulumi.export("attachments", len(made.attachments))

    return record(program)


def test_the_service_takes_the_role_for_its_own_thing_of_this_account_only() -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:demo-fraud"
    [trust] = json.loads(role(source_arn=function).one("Role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": function},
    }


def test_without_statements_it_may_do_nothing_and_there_is_nothing_to_wait_for() -> None:
    assert (role().all("RolePolicy"), role().outputs["attachments"]) == ((), 0)
    assert role(statements=(READ,)).outputs["attachments"] == 1


def test_only_calls_that_iam_ties_to_nothing_may_name_everything() -> None:
    [statement] = json.loads(role(statements=(METRICS,)).one("RolePolicy")["policy"])["Statement"]
    assert statement["Resource"] == ["*"]
    for wide in (
        replace(METRICS, actions=("cloudwatch:PutMetricData", "s3:GetObject")),  # one such call covers no other
        replace(READ, resources=("*",)),
        replace(READ, actions=("s3:Get*",)),
        replace(READ, actions=()),
        replace(READ, resources=()),
    ):
        with pytest.raises(ValueError, match=f"statement {wide.sid} of demo-fraud: got actions"):
            replace(ARGS, statements=(READ, wide))


def test_statements_that_are_known_later_are_checked_then() -> None:
    def program() -> None:
        opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
        later = pulumi.Output.from_input((replace(READ, resources=("*",)),))
        AwsWorkloadRole("fraud", replace(ARGS, statements=later), opts)

    with pytest.raises(ValueError, match="statement Read of demo-fraud: got actions"):
        record(program)
