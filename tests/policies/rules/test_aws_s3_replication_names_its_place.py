"""Rule: replications of S3 say where their copies lie."""

from __future__ import annotations

import pytest

from policies.rules.aws_s3_replication_names_its_place import RULE
from tests.policies.asking import UNKNOWN, ask
from tests.policies.residency.verdicts import verdict

REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET = "aws:s3/bucket:Bucket"
COPY = "arn:aws:s3:::copy"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/a"
REST = "allowed: the ARN of the key of the copies, or no replication; encrypt the copies with a key of their place, or remove the rule"  # noqa: E501


def to(key: object = None) -> dict[str, object]:
    encryption = {"encryptionConfiguration": {"replicaKmsKeyId": key}} if key else {}
    return {"rules": [{"status": "Enabled", "destination": {"bucket": COPY, **encryption}}]}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:ecr/replicationConfiguration:ReplicationConfiguration", to()) == []


@pytest.mark.parametrize("inputs", [{}, {"replicationConfiguration": {"role": "r", **to(KEY)}}])
def test_a_bucket_without_replication_and_one_whose_copies_have_a_key_pass(inputs: dict[str, object]) -> None:
    assert ask(RULE, BUCKET, inputs) == []
    assert ask(RULE, REPLICATION, to(KEY)) == []


def test_a_copy_to_a_bucket_known_by_its_name_alone_fails() -> None:
    assert ask(RULE, REPLICATION, to()) == [
        f"it ({REPLICATION}): rules[0]: got copies whose place nothing tells; {REST}"
    ]


@pytest.mark.parametrize("field", ["replicationConfiguration", "replicationConfigurations"])
def test_a_bucket_with_a_replication_of_its_own_fails_alike(field: str) -> None:
    value = to() if field.endswith("n") else [to()]
    assert len(ask(RULE, BUCKET, {field: value})) == 1


@pytest.mark.parametrize("inputs", [{"rules": UNKNOWN}, to(UNKNOWN)])
def test_what_an_update_does_not_know_fails(inputs: dict[str, object]) -> None:
    assert len(ask(RULE, REPLICATION, inputs)) == 1


def test_a_key_abroad_is_refused_by_residency() -> None:
    rule = {"destination": {"encryptionConfiguration": {"replicaKmsKeyId": KEY.replace("eu-central", "us-east")}}}
    assert verdict(REPLICATION, {"rules": [rule]}) == [
        "rules[0].destination.encryptionConfiguration.replicaKmsKeyId: us-east-1 (US)"
    ]
