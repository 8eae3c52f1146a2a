"""Rule: no policy of S3 lets everyone in."""

from __future__ import annotations

import json

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.rules.aws_s3_bucket_policy_not_public import RULE
from tests.policies.asking import UNKNOWN, ask

POLICY = "aws:s3/bucketPolicy:BucketPolicy"
REST = "allowed: named principals, or a condition; name who may, or add a condition such as aws:PrincipalOrgID"
DENY_PLAIN_HTTP = {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def policy(*statements: object) -> dict[str, object]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:iam/policy:Policy", policy({"Effect": "Allow", "Principal": "*"})) == []


@pytest.mark.parametrize(
    "statement",
    [
        DENY_PLAIN_HTTP,
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}},
        {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
    ],
)
def test_named_principals_conditions_and_denials_pass(statement: object) -> None:
    assert ask(RULE, POLICY, policy(statement)) == []


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Principal": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "*"}},
        {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}, "Condition": {}},
        {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}},
    ],
)
def test_everyone_without_condition_fails(statement: object) -> None:
    assert ask(RULE, POLICY, policy(DENY_PLAIN_HTTP, statement)) == [
        f"it ({POLICY}): policy.Statement[1].Principal: got everyone; {REST}"
    ]


def test_a_single_statement_outside_a_list_counts() -> None:
    assert len(ask(RULE, POLICY, {"policy": {"Statement": {"Effect": "Allow", "Principal": "*"}}})) == 1


def test_a_text_that_is_no_policy_fails() -> None:
    assert "got a text that is no policy" in ask(RULE, POLICY, {"policy": "open"})[0]


def test_a_policy_not_known_yet_is_a_note_in_a_preview_and_fails_in_an_update() -> None:
    with pytest.raises(UnknownValueError):
        ask(RULE, POLICY, {"policy": UNKNOWN}, preview=True)
    assert len(ask(RULE, POLICY, {"policy": UNKNOWN})) == 1
