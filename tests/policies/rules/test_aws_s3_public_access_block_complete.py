"""Rule: public access blocks of S3 block every kind of public access."""

from __future__ import annotations

import pytest

from policies.rules.aws_s3_public_access_block_complete import RULE
from tests.policies.asking import UNKNOWN, ask

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ALL = {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True, "restrictPublicBuckets": True}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:s3/bucket:Bucket", {}) == []


def test_all_four_on_pass() -> None:
    assert ask(RULE, BLOCK, ALL) == []


@pytest.mark.parametrize("field", sorted(ALL))
def test_one_off_fails(field: str) -> None:
    assert ask(RULE, BLOCK, {**ALL, field: False}) == [
        f"it ({BLOCK}): {field}: got false; allowed: true; set all four to true"
    ]


def test_one_left_out_is_off() -> None:
    inputs = {key: value for key, value in ALL.items() if key != "blockPublicAcls"}
    assert ask(RULE, BLOCK, inputs) == [
        f"it ({BLOCK}): blockPublicAcls: got nothing (off); allowed: true; set all four to true"
    ]


def test_one_not_known_in_an_update_fails() -> None:
    assert len(ask(RULE, BLOCK, {**ALL, "ignorePublicAcls": UNKNOWN})) == 1
