"""Rule: Cloud Storage buckets enforce public access prevention."""

from __future__ import annotations

from policies.rules.gcp_storage_bucket_prevents_public_access import RULE
from tests.policies.asking import UNKNOWN, ask

BUCKET = "gcp:storage/bucket:Bucket"
REST = "allowed: enforced; set public_access_prevention to enforced"


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "gcp:storage/bucketObject:BucketObject", {}) == []


def test_an_enforcing_bucket_passes() -> None:
    assert ask(RULE, BUCKET, {"publicAccessPrevention": "enforced"}) == []


def test_a_bucket_that_inherits_fails() -> None:
    assert ask(RULE, BUCKET, {}) == [f"it ({BUCKET}): publicAccessPrevention: got nothing (inherited); {REST}"]
    assert ask(RULE, BUCKET, {"publicAccessPrevention": "inherited"}) == [
        f"it ({BUCKET}): publicAccessPrevention: got inherited; {REST}"
    ]


def test_a_value_not_known_in_an_update_fails() -> None:
    assert len(ask(RULE, BUCKET, {"publicAccessPrevention": UNKNOWN})) == 1
