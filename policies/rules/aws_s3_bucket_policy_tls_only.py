"""A policy of S3 refuses whatever comes without TLS. A bucket without a policy is not judged: another may set it."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, Value, items, mapping_at, value_at
from policies.rule import Rule

_TYPES = frozenset({"aws:s3/bucketPolicy:BucketPolicy"})
_ALLOWED = "a statement that denies everyone s3:* where aws:SecureTransport is false"
_FIX = "add it, for the bucket and its objects"


def _judge(resource: Resource) -> Iterator[Finding]:
    text = resource.inputs.get("policy")
    if isinstance(text, Unknown):
        yield Finding(path="policy", got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
        return
    statements = value_at(parsed(text), "Statement")
    listed = items([statements] if isinstance(statements, dict) else statements, "policy.Statement")
    if not any(_refuses_plain(mapping_at(statement)) for _, statement in listed):
        yield Finding(path="policy.Statement", got="none that refuses plain HTTP", allowed=_ALLOWED, fix=_FIX)


def _refuses_plain(statement: dict[str, Value]) -> bool:
    """Everything, to everyone, on bucket and objects, on no further condition."""
    resources = _several(statement.get("Resource"))
    bucket_and_objects = any(name.endswith("/*") for name in resources) and any("/" not in name for name in resources)
    principal = statement.get("Principal")
    everyone = "*" in _several(principal.get("AWS") if isinstance(principal, dict) else principal)
    condition = mapping_at(statement.get("Condition"))
    return (
        statement.get("Effect") == "Deny"
        and everyone
        and bool({"s3:*", "*"} & set(_several(statement.get("Action"))))
        and (bucket_and_objects or "*" in resources)
        and list(condition) == ["Bool"]
        and list(mapping_at(condition["Bool"])) == ["aws:SecureTransport"]
        and mapping_at(condition["Bool"])["aws:SecureTransport"] in ("false", ["false"], False)
    )


def _several(value: Value) -> list[str]:
    """The texts of a field that holds one or a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


RULE = Rule(
    name="aws-s3-bucket-policy-tls-only",
    description="Policies of S3 buckets refuse plain HTTP.",
    severity=Severity.HIGH,
    tags=("aws", "encryption"),
    fix="Deny s3:* to everyone on the bucket and its objects where aws:SecureTransport is false.",
    concerns=_TYPES.__contains__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
)
