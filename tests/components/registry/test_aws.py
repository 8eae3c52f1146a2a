"""The registry: a repository a model, whose tags stay, which few may write and only workloads read."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.labels import Labels
from components.registry.aws import AwsRegistry, AwsRegistryArgs, lifecycle_policy
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/images"
APPLY = "arn:aws:iam::123456789012:role/homeport-delivery/demo-apply"
ARGS = AwsRegistryArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    models=("fraud", "churn"),
    key_arn=KEY,
    pushers=(APPLY,),
    untagged_days=90,
    keep_images=500,
    labels=Labels(environment="demo", stack="demo-aws-eu-west-1", jurisdiction="eu"),
)


@cache
def registry(args: AwsRegistryArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsRegistry("registry", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("host", made.outputs.host)
        pulumi.export("repositories", dict(made.outputs.repositories))

    return record(program)


def refusals(args: AwsRegistryArgs = ARGS) -> dict[str, dict[str, Any]]:
    document = json.loads(registry(args).one("RepositoryPolicy", "registry-fraud")["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_each_model_has_one_repository() -> None:
    names = {repository.name: repository["name"] for repository in registry().all("Repository")}
    assert names == {"registry-churn": "homeport/churn", "registry-fraud": "homeport/fraud"}


def test_tags_stay_and_pushes_are_scanned() -> None:
    facts = {
        (repository["imageTagMutability"], repository["imageScanningConfiguration"]["scanOnPush"])
        for repository in registry().all("Repository")
    }
    assert facts == {("IMMUTABLE", True)}


def test_images_are_encrypted_with_the_key_of_the_place() -> None:
    encryption = {json.dumps(r["encryptionConfigurations"], sort_keys=True) for r in registry().all("Repository")}
    assert encryption == {json.dumps([{"encryptionType": "KMS", "kmsKey": KEY}])}


def test_a_repository_is_labelled_with_its_model_only() -> None:
    assert registry().one("Repository", "registry-fraud")["tags"] == {"homeport:model": "fraud"}


def test_addresses_are_what_the_cloud_answers_not_what_was_guessed() -> None:
    graph = registry()
    answered = {r.name.removeprefix("registry-"): r.outputs["repositoryUrl"] for r in graph.all("Repository")}
    assert graph.outputs["repositories"] == answered
    assert {address.split("/")[0] for address in answered.values()} == {graph.outputs["host"]}


def test_none_but_the_pushers_write_or_delete() -> None:
    push = refusals()["NeverPushByOthers"]
    assert (push["Effect"], push["Principal"]) == ("Deny", {"AWS": "*"})
    assert {"ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:BatchDeleteImage"} <= set(push["Action"])
    assert push["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": [APPLY]}}


def test_none_but_workloads_pushers_and_services_pull() -> None:
    pull = refusals()["NeverPullByOthers"]
    assert pull["Condition"] == {
        "ArnNotLike": {
            "aws:PrincipalArn": [
                APPLY,
                "arn:aws:iam::123456789012:role/homeport/*",
                "arn:aws:iam::123456789012:role/aws-service-role/*",
            ]
        },
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }


def test_nobody_is_granted_anything_by_a_repository_that_lambda_does_not_serve() -> None:
    assert {statement["Effect"] for statement in refusals().values()} == {"Deny"}
    by_lambda = registry(replace(ARGS, served_by_lambda=("churn",)))
    assert "PullByLambda" not in by_lambda.one("RepositoryPolicy", "registry-fraud")["policy"]


def test_lambda_pulls_what_it_serves_for_functions_of_this_account_and_place_only() -> None:
    policy = registry(replace(ARGS, served_by_lambda=("churn",))).one("RepositoryPolicy", "registry-churn")["policy"]
    grant = next(s for s in json.loads(policy)["Statement"] if s["Effect"] == "Allow")
    assert grant["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert grant["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert grant["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:123456789012:function:*"},
    }


def test_nothing_is_replicated() -> None:
    assert {r.type for r in registry().resources if r.custom and not r.type.startswith("pulumi:")} == {
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repository:Repository",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
    }


def test_an_unprotected_repository_goes_with_its_images_and_a_protected_one_stays() -> None:
    protected = registry(replace(ARGS, protect=True)).all("Repository")
    assert {(r["forceDelete"], bool(r.options.get("protect"))) for r in protected} == {(False, True)}
    facts = {(r["forceDelete"], bool(r.options.get("protect"))) for r in registry().all("Repository")}
    assert facts == {(True, False)}


def test_a_repository_that_stays_stays_closed() -> None:
    policies = registry(replace(ARGS, protect=True)).all("RepositoryPolicy")
    assert [bool(policy.options.get("protect")) for policy in policies] == [True, True]


def test_a_region_that_may_hold_no_model_has_no_repository() -> None:
    assert registry(replace(ARGS, models=())).all("Repository") == ()


def test_a_changed_lifecycle_takes_the_place_of_the_old_one_and_does_not_go_with_it() -> None:
    options = [policy.options for policy in registry().all("LifecyclePolicy")]
    assert [option["delete_before_replace"] for option in options] == [True, True]


def test_the_rule_for_any_tag_comes_last_as_ecr_wants_it() -> None:
    rules = json.loads(lifecycle_policy(untagged_days=30, keep_images=20))["rules"]
    assert [rule["rulePriority"] for rule in rules] == [1, 2]
    assert [rule["selection"] for rule in rules] == [
        {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
        {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20},
    ]
    assert {rule["action"]["type"] for rule in rules} == {"expire"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pushers": ()}, "pushers: got"),
        ({"pushers": ("arn:aws:iam::123456789012:role/*",)}, "pushers: got"),
        ({"models": ("fraud", "fraud")}, "models: got"),
        ({"served_by_lambda": ("other",)}, "served_by_lambda: got"),
        ({"untagged_days": 0}, "untagged_days: got 0"),
        ({"keep_images": 0}, "keep_images: got 0"),
    ],
)
def test_what_would_let_everyone_in_or_keep_nothing_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
