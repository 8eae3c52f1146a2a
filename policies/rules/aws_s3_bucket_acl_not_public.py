"""No bucket or object in S3 opens itself by an access control list, neither by a ready-made one nor by a grant."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown, walk
from policies.rule import Rule

_TYPES = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketAcl:BucketAcl",
        "aws:s3/bucketAclV2:BucketAclV2",
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/objectCopy:ObjectCopy",
    }
)
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_PUBLIC_GROUPS = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
_ALLOWED = "private, or grants to named accounts"
_FIX = "remove it; readers get a role, and the bucket's policy names them"


def _judge(resource: Resource) -> Iterator[Finding]:
    acl = resource.inputs.get("acl")
    if isinstance(acl, Unknown):
        yield Finding(path="acl", got=NOT_KNOWN_YET, allowed=_ALLOWED, fix=_FIX, undecided=True)
    elif isinstance(acl, str) and acl in _PUBLIC_ACLS:
        yield Finding(path="acl", got=acl, allowed=_ALLOWED, fix=_FIX)
    for path, key, leaf in walk(resource.inputs):
        if key == "uri" and isinstance(leaf, str) and leaf.endswith(_PUBLIC_GROUPS):
            yield Finding(path=path, got=leaf.rpartition("/")[2], allowed=_ALLOWED, fix=_FIX)


RULE = Rule(
    name="aws-s3-bucket-acl-not-public",
    description="No access control list of S3 opens a bucket or an object to everyone.",
    severity=Severity.CRITICAL,
    tags=("aws", "public access"),
    fix="Remove the public list or grant; name readers in the bucket's policy.",
    concerns=_TYPES.__contains__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
)
