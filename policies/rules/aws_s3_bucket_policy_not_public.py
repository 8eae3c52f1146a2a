"""No S3 policy allows everyone without a condition. What a condition is worth is not judged here."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, Value, items, mapping_at, value_at
from policies.rule import Rule

_TYPES = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketV2:BucketV2",
        "aws:s3control/accessPointPolicy:AccessPointPolicy",
    }
)
_ALLOWED = "named principals, or a condition"
_FIX = "name who may, or add a condition such as aws:PrincipalOrgID"


def _judge(resource: Resource) -> Iterator[Finding]:
    text = resource.inputs.get("policy")
    if isinstance(text, Unknown):
        yield Finding(path="policy", got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
        return
    document = parsed(text)
    if isinstance(text, str) and not isinstance(document, dict):
        yield Finding(path="policy", got="a text that is no policy", allowed="a JSON object", fix=_FIX)
    statements = value_at(document, "Statement")
    for path, statement in items([statements] if isinstance(statements, dict) else statements, "policy.Statement"):
        fields = mapping_at(statement)
        if fields.get("Effect") == "Allow" and not fields.get("Condition") and _is_everyone(fields):
            yield Finding(path=f"{path}.Principal", got="everyone", allowed=_ALLOWED, fix=_FIX)


def _is_everyone(statement: dict[str, Value]) -> bool:
    """`*`, `{"AWS": "*"}`, `{"AWS": ["*"]}`, and everyone but somebody."""
    principal = statement.get("Principal")
    names = principal.get("AWS") if isinstance(principal, dict) else principal
    return "NotPrincipal" in statement or "*" in (names if isinstance(names, list) else [names])


RULE = Rule(
    name="aws-s3-bucket-policy-not-public",
    description="No policy of S3 lets everyone in.",
    severity=Severity.CRITICAL,
    tags=("aws", "public access"),
    fix="Name the principals that may, or bind everyone to a condition.",
    concerns=_TYPES.__contains__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
