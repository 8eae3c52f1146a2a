"""A replication of S3 says where its copies go: a bucket's ARN names no region, the key of the copies does.

That the key lies in the jurisdiction is judged by residency, which reads every ARN.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, Value, items, value_at, walk
from policies.rule import Rule

_REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
_BUCKETS = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})  # which may hold a replication too
_ALLOWED = "the ARN of the key of the copies, or no replication"
_FIX = "encrypt the copies with a key of their place, or remove the rule"


def _judge(resource: Resource) -> Iterator[Finding]:
    for path, rule in _rules(resource):
        keys = [leaf for _, key, leaf in walk({"rule": rule}) if key == "replicaKmsKeyId"]
        if isinstance(rule, Unknown) or any(isinstance(key, Unknown) for key in keys):
            yield Finding(path=path, got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
        elif not any(isinstance(key, str) and key.startswith("arn:") for key in keys):
            yield Finding(path=path, got="copies whose place nothing tells", allowed=_ALLOWED, fix=_FIX)


def _rules(resource: Resource) -> Iterator[tuple[str, Value]]:
    """Each rule with its path; what is unknown above one is one unknown rule."""
    if resource.type == _REPLICATION:
        yield from items(resource.inputs.get("rules"), "rules")
        return
    one = resource.inputs.get("replicationConfiguration")
    yield from items(value_at(one, "rules"), "replicationConfiguration.rules")
    for path, each in items(resource.inputs.get("replicationConfigurations"), "replicationConfigurations"):
        yield from items(value_at(each, "rules"), f"{path}.rules")


RULE = Rule(
    name="aws-s3-replication-names-its-place",
    description="Replications of S3 say where their copies lie.",
    severity=Severity.CRITICAL,
    tags=("aws", "residency"),
    fix="Give each rule's destination a replica key of the place of the copies, or remove the replication.",
    concerns=(_BUCKETS | {_REPLICATION}).__contains__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
