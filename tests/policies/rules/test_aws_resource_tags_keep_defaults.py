"""Rule: own tags of AWS resources do not contradict the tags of their stack."""

from __future__ import annotations

import json

from policies.rules.aws_resource_tags_keep_defaults import RULE
from tests.policies.asking import UNKNOWN, ask

BUCKET = "aws:s3/bucket:Bucket"
HOME = ("euw1", "pulumi:providers:aws", {"defaultTags": json.dumps({"tags": {"homeport:jurisdiction": "eu"}})})


def test_another_cloud_is_not_concerned() -> None:
    assert ask(RULE, "gcp:storage/bucket:Bucket", {"tags": {"homeport:jurisdiction": "us"}}, provider=HOME) == []


def test_own_tags_beside_the_defaults_pass() -> None:
    assert ask(RULE, BUCKET, {"tags": {"team": UNKNOWN, "homeport:jurisdiction": "eu"}}, provider=HOME) == []
    assert ask(RULE, BUCKET, {"tags": UNKNOWN}, provider=HOME) == []


def test_another_value_than_the_providers_fails() -> None:
    assert ask(RULE, BUCKET, {"tags": {"homeport:jurisdiction": "us"}}, provider=HOME) == [
        (
            f"it ({BUCKET}): tags.homeport:jurisdiction: got another value than the provider's; allowed: 'eu'; "
            "leave the tag to the provider's default tags"
        )
    ]
