"""Rule: policies of S3 buckets refuse plain HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.rules.aws_s3_bucket_policy_tls_only import RULE
from tests.policies.asking import UNKNOWN, ask

POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ARN = "arn:aws:s3:::models"
DENY: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": ["s3:*"],
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
REST = "allowed: a statement that denies everyone s3:* where aws:SecureTransport is false; add it, for the bucket and its objects"  # noqa: E501


def policy(*statements: object) -> dict[str, object]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:sqs/queuePolicy:QueuePolicy", policy()) == []


@pytest.mark.parametrize("change", [{}, {"Principal": "*", "Action": "s3:*"}, {"Resource": "*"}])
def test_a_policy_that_refuses_plain_http_passes(change: dict[str, object]) -> None:
    assert ask(RULE, POLICY, policy({"Effect": "Allow"}, {**DENY, **change})) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "s3:GetObject"},
        {"Resource": f"{ARN}/*"},
        {"Resource": ARN},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {**DENY["Condition"], "StringEquals": {"aws:PrincipalAccount": "123456789012"}}},
    ],
)
def test_one_that_refuses_less_fails(change: dict[str, object]) -> None:
    assert ask(RULE, POLICY, policy({**DENY, **change})) == [
        f"it ({POLICY}): policy.Statement: got none that refuses plain HTTP; {REST}"
    ]


def test_a_text_that_is_no_policy_fails() -> None:
    assert len(ask(RULE, POLICY, {"policy": "open"})) == 1


def test_a_policy_not_known_yet_is_a_note_in_a_preview_and_fails_in_an_update() -> None:
    with pytest.raises(UnknownValueError):
        ask(RULE, POLICY, {"policy": UNKNOWN}, preview=True)
    assert len(ask(RULE, POLICY, {"policy": UNKNOWN})) == 1
