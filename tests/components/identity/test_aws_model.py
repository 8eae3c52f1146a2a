"""The identity of one model's pods: taken by its service account alone, with no right that nobody asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import pulumi
import pulumi_aws as aws
import pytest

from components.aws_policies import Statement
from components.identity.aws_model import AwsModelIdentity, AwsModelIdentityArgs
from tests.recorder import Graph, record

ARGS = AwsModelIdentityArgs(
    stack="demo-aws-eu-west-1-models",
    model="fraud",
    account="123456789012",
    cluster_name="demo-aws-eu-west-1",
    cluster_arn="arn:aws:eks:eu-west-1:123456789012:cluster/demo-aws-eu-west-1",
    namespace="fraud",
    service_account="model",
    permissions_boundary_arn="arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload",
)
READ = Statement(sid="Weights", actions=("s3:GetObject",), resources=("arn:aws:s3:::weights/fraud/*",))


def model(statements: tuple[Statement, ...] = ()) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsModelIdentity(
            "fraud", replace(ARGS, statements=statements), pulumi.ResourceOptions(provider=provider)
        )
        pulumi.export("role", made.outputs.role_arn)

    return record(program)


def test_the_models_service_account_alone_takes_the_role() -> None:
    [statement] = json.loads(model().one("Role")["assumeRolePolicy"])["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": ARGS.cluster_arn},
        "StringEquals": {
            "aws:SourceAccount": "123456789012",
            "aws:RequestTag/kubernetes-namespace": "fraud",
            "aws:RequestTag/kubernetes-service-account": "model",
        },
    }


def test_the_association_gives_the_role_to_that_service_account() -> None:
    association = model().one("PodIdentityAssociation")
    given = (association["clusterName"], association["namespace"], association["serviceAccount"])
    assert given == ("demo-aws-eu-west-1", "fraud", "model")
    assert association["roleArn"] == model().one("Role").outputs["arn"] == model().outputs["role"]


def test_the_role_is_named_after_stack_and_model_under_the_boundary() -> None:
    role = model().one("Role")
    assert (role["name"], role["path"]) == ("demo-aws-eu-west-1-models-fraud", "/homeport/")
    assert role["permissionsBoundary"] == ARGS.permissions_boundary_arn


def test_without_statements_a_model_may_do_nothing() -> None:
    assert model().all("RolePolicy") == model().all("RolePolicyAttachment") == ()


def test_statements_become_the_only_policy() -> None:
    [statement] = json.loads(model((READ,)).one("RolePolicy")["policy"])["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["s3:GetObject"], ["arn:aws:s3:::weights/fraud/*"])


@pytest.mark.parametrize(
    "wide",
    [
        replace(READ, actions=("s3:*",)),
        replace(READ, resources=("*",)),
        replace(READ, resources=(), not_resources=("arn:aws:s3:::other",)),
        replace(READ, actions=(), not_actions=("iam:CreateUser",)),
    ],
)
def test_a_statement_without_bounds_is_refused(wide: Statement) -> None:
    with pytest.raises(ValueError, match="statement Weights of model fraud"):
        replace(ARGS, statements=(wide,))


def test_statements_that_are_known_later_are_checked_then() -> None:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        later = pulumi.Output.from_input((replace(READ, resources=("*",)),))
        AwsModelIdentity("fraud", replace(ARGS, statements=later), pulumi.ResourceOptions(provider=provider))

    with pytest.raises(ValueError, match="statement Weights of model fraud"):
        record(program)
