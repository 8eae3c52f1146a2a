"""Delivery from GitHub: what the two roles may do, and what they never may, whatever is attached to them."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.account.aws_delivery import AwsDelivery, AwsDeliveryArgs, delivery_role_arn
from components.account.aws_github import GitHubRepository
from components.account.aws_state import StateStore
from tests.recorder import Graph, record

ALIAS = "alias/homeport-state-eu"
READING = ("ecr:Describe", "ecr:Get", "ecr:List")
BUCKET = "arn:aws:s3:::prod-state"
ZONE = "arn:aws:route53:::hostedzone/Z1"
BOUNDARIES = tuple(f"arn:aws:iam::123456789012:policy/homeport-delivery/prod-{j}-workload" for j in ("eu", "us"))
ARGS = AwsDeliveryArgs(
    environment="prod",
    account="123456789012",
    region="eu-west-1",
    regions=("eu-west-1", "us-east-1"),
    source=GitHubRepository(repository="octo/homeport", branch="main", environment="prod"),
    zone_arn=ZONE,
    names=("*.eu.example.com",),
    boundary_arns=BOUNDARIES,
    state=(StateStore(bucket="prod-state", key_alias=ALIAS, region="eu-central-1"),),
)
ALL_REGIONS_BUT_ONE = replace(
    ARGS, regions=tuple(f"ap-southeast-{n}" for n in range(1, 20)), state=ARGS.state * 6, boundary_arns=BOUNDARIES * 4
)


@cache
def delivery(args: AwsDeliveryArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsDelivery("delivery", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("apply", made.apply_role_arn)

    return record(program)


def policy(role: str) -> dict[str, dict[str, Any]]:
    """All that the role may do: within it, and attached to it."""
    attached = delivery().all("Policy") if role == "apply" else ()
    texts = [
        delivery().one("RolePolicy", f"delivery-{role}")["policy"],
        *(one["policy"] for one in attached if one.name != "delivery-boundary"),
    ]
    return {s["Sid"]: s for text in texts for s in json.loads(text)["Statement"]}


def never(what: str) -> dict[str, Any]:
    return {s["Sid"]: s for s in json.loads(delivery().one("Policy", "delivery-boundary")["policy"])["Statement"]}[
        f"Never{what}"
    ]


def matches(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Whether a statement without condition speaks of this call."""
    acts = any(fnmatchcase(action, pattern) for pattern in statement["Action"])
    but = any(fnmatchcase(resource, pattern) for pattern in statement.get("NotResource", []))
    on = any(fnmatchcase(resource, pattern) for pattern in statement.get("Resource", ["*"]))
    return acts and on and not but


def test_both_roles_have_sessions_of_an_hour_and_the_delivery_boundary() -> None:
    graph = delivery()
    boundary = graph.one("Policy", "delivery-boundary").outputs["arn"]
    roles = {r["name"]: (r["maxSessionDuration"], r["permissionsBoundary"], r["path"]) for r in graph.all("Role")}
    assert roles == {f"prod-{role}": (3600, boundary, "/homeport-delivery/") for role in ("preview", "apply")}


def test_github_is_trusted_for_the_audience_of_sts_only() -> None:
    provider = delivery().one("OpenIdConnectProvider")
    assert (provider["url"], provider["clientIdLists"]) == (
        "https://token.actions.githubusercontent.com",
        ["sts.amazonaws.com"],
    )


def test_clusters_can_name_the_apply_role_before_it_exists() -> None:
    foreseen = delivery_role_arn("apply", environment="prod", region="eu-west-1", account="123456789012")
    assert foreseen == "arn:aws:iam::123456789012:role/homeport-delivery/prod-apply"


def test_a_preview_reads_and_changes_nothing() -> None:
    reading = ("Describe", "GET", "Get", "List", "View", "Decrypt")
    actions = [action for s in policy("preview").values() for action in s["Action"]]
    assert [a for a in actions if not a.split(":")[1].startswith(reading)] == []


def test_a_preview_reads_objects_and_decrypts_in_the_state_only() -> None:
    assert policy("preview")["State"]["Resource"] == [BUCKET, f"{BUCKET}/*"]
    assert policy("preview")["StateSecrets"]["Resource"] == ["arn:aws:kms:*:123456789012:key/*"]
    assert policy("preview")["StateSecrets"]["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": [ALIAS]}
    }
    others = [s for sid, s in policy("preview").items() if not sid.startswith(("State", "Authorities"))]
    assert not {"s3:GetObject", "kms:Decrypt"} & {a for s in others for a in s["Action"]}


def test_without_state_in_the_account_no_object_may_be_read_but_public_certificates() -> None:
    graph = delivery(replace(ARGS, state=()))
    allowed = json.loads(graph.one("RolePolicy", "delivery-preview")["policy"])["Statement"]
    denied = {s["Sid"]: s for s in json.loads(graph.one("Policy", "delivery-boundary")["policy"])["Statement"]}
    files = ["arn:aws:s3:::prod-*-123456789012-*/authorities.pem"]
    assert [s["Resource"] for s in allowed if "s3:GetObject" in s["Action"]] == [files]
    assert denied["NeverObjects"]["NotResource"] == files
    assert denied["NeverDecrypting"]["Resource"] == ["*"]


@pytest.mark.parametrize(
    ("what", "action", "resource"),
    [
        ("OtherIdentities", "iam:CreateUser", "arn:aws:iam::123456789012:user/eve"),
        ("OtherIdentities", "iam:PutRolePolicy", "arn:aws:iam::123456789012:role/homeport-delivery/prod-apply"),
        ("OtherIdentities", "iam:CreatePolicyVersion", BOUNDARIES[0]),
        ("OtherIdentities", "iam:PassRole", "arn:aws:iam::123456789012:role/Admin"),
        ("OtherIdentities", "iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/homeport/other-cluster"),
        ("OtherIdentities", "iam:CreateAccessKey", "arn:aws:iam::123456789012:user/eve"),
        ("TakingBoundariesOff", "iam:DeleteRolePermissionsBoundary", "arn:aws:iam::123456789012:role/homeport/prod-x"),
        ("OtherRoles", "sts:AssumeRole", "arn:aws:iam::123456789012:role/Admin"),
        ("Data", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x"),
        ("Data", "dynamodb:Scan", "arn:aws:dynamodb:eu-west-1:123456789012:table/x"),
        ("Objects", "s3:GetObject", "arn:aws:s3:::customers/x"),
        ("RuiningState", "kms:UpdateAlias", f"arn:aws:kms:eu-central-1:123456789012:{ALIAS}"),
        ("RuiningState", "s3:PutBucketPolicy", BUCKET),
        ("RuiningState", "s3:DeleteObjectVersion", f"{BUCKET}/.pulumi/stacks/x.json"),
    ],
)
def test_never(what: str, action: str, resource: str) -> None:
    assert matches(never(what), action, resource)


@pytest.mark.parametrize(
    ("what", "action", "resource"),
    [
        ("OtherIdentities", "iam:CreateRole", "arn:aws:iam::123456789012:role/homeport/prod-aws-eu-west-1-node"),
        ("OtherIdentities", "iam:GetRole", "arn:aws:iam::123456789012:role/Admin"),
        ("Objects", "s3:GetObject", f"{BUCKET}/.pulumi/stacks/x.json"),
        ("RuiningState", "s3:PutObject", f"{BUCKET}/.pulumi/locks/x.json"),
        ("RuiningState", "kms:UpdateAlias", "arn:aws:kms:eu-central-1:123456789012:alias/prod-aws-eu-west-1-logs"),
    ],
)
def test_what_a_deployment_needs_is_not_forbidden(what: str, action: str, resource: str) -> None:
    assert not matches(never(what), action, resource)


def test_what_other_keys_sealed_is_never_decrypted_but_environments_of_functions_by_lambda() -> None:
    assert never("Decrypting")["Condition"] == {
        "ForAllValues:StringNotEquals": {"kms:ResourceAliases": [ALIAS]},
        "StringNotLike": {"kms:ViaService": "lambda.*"},
    }
    assert "kms:Decrypt" in never("Decrypting")["Action"]


def test_the_states_key_is_never_deleted_or_opened_to_others() -> None:
    assert never("RuiningKeys")["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": [ALIAS]}}
    assert {"kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant"} <= set(never("RuiningKeys")["Action"])


def test_no_role_is_made_or_widened_without_a_workload_boundary() -> None:
    statement = never("RolesWithoutBoundary")
    assert {"iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"} <= set(statement["Action"])
    assert statement["Condition"] == {"StringNotEquals": {"iam:PermissionsBoundary": list(BOUNDARIES)}}


def test_nothing_is_called_outside_the_regions_of_stacks_and_state_but_global_services() -> None:
    statement = never("OtherRegions")
    assert statement["NotAction"] == ["iam:*", "route53:*", "budgets:*", "ce:*"]
    assert statement["Condition"] == {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]}
    }


def test_applying_changes_the_environments_own_roles_only() -> None:
    roles = [s for s in policy("apply").values() if any(a in ("iam:CreateRole", "iam:PassRole") for a in s["Action"])]
    assert {tuple(s["Resource"]) for s in roles} == {("arn:aws:iam::123456789012:role/homeport/prod-*",)}


def test_applying_hands_roles_to_the_services_that_use_them_only() -> None:
    assert policy("apply")["HandingRolesOver"]["Condition"] == {
        "StringEquals": {
            "iam:PassedToService": [
                "apigateway.amazonaws.com",
                "ec2.amazonaws.com",
                "ecs-tasks.amazonaws.com",
                "eks.amazonaws.com",
                "lambda.amazonaws.com",
                "pods.eks.amazonaws.com",
                "sagemaker.amazonaws.com",
                "scheduler.amazonaws.com",
                "vpc-flow-logs.amazonaws.com",
            ]
        }
    }


def test_applying_makes_the_grant_that_eks_asks_for_when_a_cluster_is_created() -> None:
    statement = policy("apply")["KeysForServices"]
    assert statement["Action"] == ["kms:CreateGrant"]
    assert "Condition" not in statement  # CreateCluster fails with kms:GrantIsForAWSResource


def test_applying_changes_the_environments_own_buckets_and_model_repositories_only() -> None:
    applied = policy("apply")
    assert applied["BucketChanges"]["Resource"] == ["arn:aws:s3:::prod-*-123456789012-*"]
    assert applied["ObjectChanges"]["Resource"] == ["arn:aws:s3:::prod-*-123456789012-*/*"]
    assert applied["Repositories"]["Resource"] == ["arn:aws:ecr:*:123456789012:repository/homeport/*"]
    others = {a for sid, s in applied.items() if sid not in ("Repositories", "RegistryLogin") for a in s["Action"]}
    assert not {action for action in others if action.startswith("ecr:") and not action.startswith(READING)}


def test_applying_sends_images_and_weights_and_reads_neither() -> None:
    actions = {action for statement in policy("apply").values() for action in statement["Action"]}
    assert {"ecr:PutImage", "ecr:UploadLayerPart", "s3:PutObject"} <= actions
    assert "ecr:GetDownloadUrlForLayer" not in actions
    assert matches(never("Data"), "ecr:GetDownloadUrlForLayer", "arn:aws:ecr:eu-west-1:123456789012:repository/x")
    assert matches(never("Objects"), "s3:GetObject", "arn:aws:s3:::prod-aws-eu-west-1-123456789012-weights/x")


def test_buckets_are_told_from_the_states_by_their_names() -> None:
    assert not fnmatchcase(BUCKET, policy("apply")["BucketChanges"]["Resource"][0])


def test_applying_retires_the_grants_of_a_repository_that_is_deleted() -> None:
    assert "kms:RetireGrant" in policy("apply")["Keys"]["Action"]


def test_applying_gives_endpoints_their_private_names() -> None:
    assert "route53:AssociateVPCWithHostedZone" in policy("apply")["RegionalStacks"]["Action"]


def test_applying_changes_names_below_the_jurisdictions_in_our_zone_only() -> None:
    statement = policy("apply")["FrontDoors"]
    assert statement["Resource"] == [ZONE]
    assert statement["Condition"]["ForAllValues:StringLike"] == {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["*.eu.example.com"]
    }


def test_wildcards_in_what_is_granted_are_those_of_network_and_cluster() -> None:
    wide = {a for role in ("preview", "apply") for s in policy(role).values() for a in s["Action"] if "*" in a}
    assert wide == {"ec2:*", "eks:*", "ec2:Describe*", "eks:Describe*", "eks:List*"}


def test_documents_fit_the_limits_of_iam_for_a_large_environment() -> None:
    graph = delivery(ALL_REGIONS_BUT_ONE)
    assert all(len(attached["policy"]) <= 6144 for attached in graph.all("Policy"))
    assert all(len(inline["policy"]) <= 10240 for inline in graph.all("RolePolicy"))


@pytest.mark.parametrize("sid", ["Alarms", "Dashboards", "Topics", "Rules", "Budgets"])
def test_applying_changes_the_environments_own_monitoring_only(sid: str) -> None:
    assert all("prod-" in resource for resource in policy("apply")[sid]["Resource"])


def test_neither_role_speaks_to_a_topic_or_activates_cost_tags() -> None:
    for role in ("preview", "apply"):
        actions = {action for statement in policy(role).values() for action in statement["Action"]}
        assert not {"sns:Publish", "ce:UpdateCostAllocationTagsStatus"} & actions


def test_every_service_that_a_role_calls_lies_below_the_ceiling() -> None:
    below = {
        action.partition(":")[0]
        for action in json.loads(delivery().one("Policy", "delivery-boundary")["policy"])["Statement"][0]["Action"]
    }
    called = {action.partition(":")[0] for s in policy("apply").values() for action in s["Action"]}
    assert called <= below
