"""The account stack: one zone, one validation record a jurisdiction, ceilings, and only types that hold no data."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pulumi
import pulumi_aws as aws
import pytest

from components.account.aws import AwsAccount, AwsAccountArgs
from components.account.aws_boundaries import WORKLOAD_SERVICES, workload_boundary_arn
from components.account.aws_github import GitHubRepository
from tests.recorder import Graph, record

SOURCE = GitHubRepository(repository="octo/homeport", branch="main", environment="demo")
ARGS = AwsAccountArgs(
    environment="demo",
    account="123456789012",
    home_region="eu-west-1",
    domain="demo.example.com",
    jurisdictions={"eu": ("eu-west-1", "eu-central-1"), "us": ("us-east-1",)},
    source=SOURCE,
)
DATA_FREE = {
    "aws:acm/certificate:Certificate",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:route53/record:Record",
    "aws:route53/zone:Zone",
}


def account(args: AwsAccountArgs = ARGS, *, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        outputs = AwsAccount("account", args, pulumi.ResourceOptions(provider=provider)).outputs
        pulumi.export("roles", [outputs.preview_role_arn, outputs.apply_role_arn])
        pulumi.export("boundaries", dict(outputs.workload_boundary_arns))

    return record(program, preview=preview)


@cache
def whole() -> Graph:
    return account()


def test_only_types_that_hold_no_data_are_declared() -> None:
    assert {r.type for r in whole().resources if r.custom and not r.type.startswith("pulumi:")} == DATA_FREE


def test_the_zone_is_the_domains_and_is_never_emptied_to_be_deleted() -> None:
    zone = whole().one("Zone")
    assert (zone["name"], zone["forceDestroy"]) == ("demo.example.com", False)


def test_a_protected_zone_is_kept_from_destroy() -> None:
    assert account(replace(ARGS, protect=True)).one("Zone").options["protect"]


def test_each_jurisdiction_has_one_certificate_for_all_names_below_it() -> None:
    names = {c["domainName"]: c["validationMethod"] for c in whole().all("Certificate")}
    assert names == {"*.eu.demo.example.com": "DNS", "*.us.demo.example.com": "DNS"}


def test_each_validation_record_is_the_one_its_certificate_asks_for() -> None:
    graph = whole()
    for certificate in graph.all("Certificate"):
        asked = certificate.outputs["domainValidationOptions"][0]
        record_ = graph.one("Record", certificate.name)
        assert (record_["name"], record_["type"]) == (asked["resourceRecordName"], "CNAME")
        assert record_["records"] == [asked["resourceRecordValue"]]
        assert (record_["zoneId"], record_["allowOverwrite"]) == (graph.one("Zone").outputs["zoneId"], False)


def test_nobody_waits_here_for_a_certificate() -> None:
    assert whole().all("CertificateValidation") == ()


def test_a_jurisdictions_workloads_call_its_own_regions_only() -> None:
    policy = json.loads(whole().one("Policy", "account-eu-workload")["policy"])
    within, own_role = policy["Statement"]
    assert within["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
    assert within["Action"] == [f"{service}:*" for service in WORKLOAD_SERVICES]
    assert own_role["Action"] == ["iam:CreateServiceLinkedRole"]
    assert "iam" not in WORKLOAD_SERVICES


def test_regional_stacks_find_the_boundary_by_name() -> None:
    graph = whole()
    made = graph.one("Policy", "account-us-workload")
    foreseen = workload_boundary_arn(environment="demo", jurisdiction="us", region="us-east-1", account="123456789012")
    assert foreseen == f"arn:aws:iam::123456789012:policy{made['path']}{made['name']}"
    assert graph.outputs["boundaries"]["us"] == made.outputs["arn"]


def test_without_a_repository_nobody_deploys_from_github() -> None:
    graph = account(replace(ARGS, source=None))
    assert graph.all("OpenIdConnectProvider") == graph.all("Role") == ()
    assert graph.outputs["roles"] == [None, None]


def test_a_preview_declares_the_same() -> None:
    assert {r.urn for r in account(preview=True).resources} == {r.urn for r in whole().resources}


@pytest.mark.parametrize("jurisdictions", [{}, {"eu": ()}])
def test_a_jurisdiction_without_a_region_is_refused(jurisdictions: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match="one or more regions in each"):
        replace(ARGS, jurisdictions=jurisdictions)


def test_costs_are_told_apart_only_where_it_is_asked_for() -> None:
    assert whole().all("CostAllocationTag") == ()
    made = {t["tagKey"]: t["status"] for t in account(replace(ARGS, cost_tags=True)).all("CostAllocationTag")}
    labels = ("environment", "stack", "jurisdiction", "model")
    assert made == {f"homeport:{label}": "Active" for label in labels}
