"""A public access block of S3 blocks all four ways: a field left out is off.

A bucket that has no such block is not judged: since April 2023 S3 makes every new bucket with all four on.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown
from policies.rule import Rule

_TYPES = frozenset(
    {
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    }
)
_FIELDS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_FIX = "set all four to true"


def _judge(resource: Resource) -> Iterator[Finding]:
    for field in _FIELDS:
        value = resource.inputs.get(field)
        if isinstance(value, Unknown):
            yield Finding(path=field, got=NOT_KNOWN_YET, allowed="true", fix=_FIX, undecided=True)
        elif value not in (True, "true"):
            yield Finding(path=field, got="nothing (off)" if value is None else "false", allowed="true", fix=_FIX)


RULE = Rule(
    name="aws-s3-public-access-block-complete",
    description="Public access blocks of S3 block every kind of public access.",
    severity=Severity.CRITICAL,
    tags=("aws", "public access"),
    fix="Set blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets to true.",
    concerns=_TYPES.__contains__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
