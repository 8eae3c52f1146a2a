"""Physical names: each cloud's rules, and how ours are built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import (
    RULES,
    aws_partition,
    aws_registry_host,
    check_name,
    model_host,
    physical_name,
    rule_of,
)

ROLE = ("aws:iam/role:Role", "name")
PART = st.from_regex(r"[a-z]([a-z0-9-]{0,40}[a-z0-9])?", fullmatch=True)


@given(st.lists(PART, min_size=1, max_size=4), st.integers(16, 64))
def test_a_physical_name_is_never_too_long_and_never_ends_in_a_dash(parts: list[str], longest: int) -> None:
    name = physical_name(*parts, longest=longest)
    assert 1 <= len(name) <= longest
    assert not name.endswith("-")


@given(PART, PART)
def test_two_different_long_names_stay_different(one: str, other: str) -> None:
    stem = "x" * 60
    same = physical_name(stem, one, longest=64) == physical_name(stem, other, longest=64)
    assert same == (one == other)


def test_a_short_name_is_left_as_it_is() -> None:
    assert physical_name("demo-aws-eu-west-1", "nodes", longest=64) == "demo-aws-eu-west-1-nodes"


def test_a_cut_name_ends_with_its_hash() -> None:
    assert physical_name("a" * 40, "b" * 40, longest=32) == "aaaaaaaaaaaaaaaaaaaaaaa-f5e4207a"


@pytest.mark.parametrize(
    ("token", "name_property", "value", "problem"),
    [
        (*ROLE, "a" * 64, None),
        (*ROLE, "a" * 65, "is 65 characters long; allowed: 1 to 64"),
        (*ROLE, "a b", "has characters that are not allowed; allowed: letters, digits and any of + = , . @ - _"),
        (*ROLE, "é", "has characters that are not allowed; allowed: letters, digits and any of + = , . @ - _"),
        (*ROLE, "", "is 0 characters long; allowed: 1 to 64"),
        (*ROLE, "a\n", "has characters that are not allowed; allowed: letters, digits and any of + = , . @ - _"),
        ("aws:kms/alias:Alias", "name", "alias/demo", None),
        ("aws:cloudwatch/eventRule:EventRule", "name", "a" * 65, "is 65 characters long; allowed: 1 to 64"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "name", "demo-aws-eu-west-1-api-errors", None),
        (
            "aws:budgets/budget:Budget",
            "name",
            "a:b",
            "has characters that are not allowed; allowed: any characters but : and a backslash",
        ),
        ("aws:s3/bucket:Bucket", "bucket", "ab", "is 2 characters long; allowed: 3 to 63"),
        ("kubernetes:core/v1:Service", "metadata.name", "a" * 64, "is 64 characters long; allowed: 1 to 63"),
        ("kubernetes:apps/v1:Deployment", "metadata.name", "a" * 253, None),
        ("aws:iam/role:Role", "description", "anything at all", None),
    ],
)
def test_a_name_is_judged_by_its_own_rule(token: str, name_property: str, value: str, problem: str | None) -> None:
    assert check_name(token, name_property, value) == problem


@pytest.mark.parametrize(
    ("token", "name_property", "value"),
    [
        ("aws:kms/alias:Alias", "name", "alias/aws/mine"),
        ("aws:kms/alias:Alias", "name", "demo"),
        ("aws:ec2/securityGroup:SecurityGroup", "name", "sg-mine"),
        ("aws:s3/bucket:Bucket", "bucket", "Demo-bucket"),
        ("aws:s3/bucket:Bucket", "bucket", "demo_bucket"),
        ("aws:s3/bucket:Bucket", "bucket", "xn--demo"),
        ("aws:ecr/repository:Repository", "name", "homeport//fraud"),
        ("aws:ecr/repository:Repository", "name", "homeport/Fraud"),
        ("aws:lb/loadBalancer:LoadBalancer", "name", "internal-mine"),
        ("aws:lb/loadBalancer:LoadBalancer", "name", "mine-"),
        ("kubernetes:core/v1:Service", "metadata.name", "1st"),
        ("kubernetes:core/v1:Namespace", "metadata.name", "a.b"),
        ("kubernetes:apps/v1:Deployment", "metadata.name", "a..b"),
    ],
)
def test_names_that_a_cloud_refuses_are_refused(token: str, name_property: str, value: str) -> None:
    problem = check_name(token, name_property, value)
    assert problem is not None
    assert problem.startswith("has characters")


@pytest.mark.parametrize(("token", "name_property"), sorted(RULES))
def test_every_rule_takes_some_name_and_refuses_an_endless_one(token: str, name_property: str) -> None:
    rule = RULES[token, name_property]
    name = "alias/demo" if token.startswith("aws:kms") else "demo"
    assert check_name(token, name_property, name) is None
    assert check_name(token, name_property, "d" * (rule.longest + 1)) is not None


def test_a_custom_kubernetes_object_has_a_rule_too() -> None:
    assert rule_of("kubernetes:karpenter.sh/v1:NodePool", "metadata.name") is not None


@pytest.mark.parametrize(
    ("place", "name", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_a_region_belongs_to_its_partition(place: str, name: str, suffix: str) -> None:
    partition = aws_partition(place)
    assert (partition.name, partition.dns_suffix) == (name, suffix)


def test_every_region_has_a_registry_of_its_own() -> None:
    hosts = [aws_registry_host(account="123456789012", place=place) for place in ("eu-west-1", "cn-north-1")]
    assert hosts == [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    ]


def test_a_model_stands_below_its_jurisdiction() -> None:
    assert model_host("fraud", "eu", "demo.example.com") == "fraud.eu.demo.example.com"
