"""AWS storage: S3 buckets and the resources that each set one thing of a bucket."""

from __future__ import annotations

from tools.offline.cloud.kind import Kind


def _setting(file: str, *others: str) -> Kind:
    """A resource that sets one thing of a bucket: its id is the bucket, and another bucket means another one."""
    return Kind(source=f"s3/{file}", replaces=("bucket", *others), id="{input[bucket]}", identity=("bucket",))


_OWNER = "expectedBucketOwner"

KINDS: dict[str, Kind] = {
    "aws:s3/bucket:Bucket": Kind(
        source="s3/bucket.go",
        replaces=("bucket", "bucketPrefix", "objectLockEnabled"),
        id="{input[bucket]}",
        arn="arn:{partition}:s3:::{input[bucket]}",
        outputs={
            "bucketDomainName": "{input[bucket]}.s3.{dns}",
            "bucketRegionalDomainName": "{input[bucket]}.s3.{place}.{dns}",
            "hostedZoneId": "Z{capitals_s3}",
        },
        identity=("bucket",),
        named="bucket",
        worldwide=True,
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting("bucket_policy.go"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting("bucket_public_access_block.go"),
    "aws:s3/bucketVersioning:BucketVersioning": _setting("bucket_versioning.go", _OWNER),
    "aws:s3/bucketLogging:BucketLogging": _setting("bucket_logging.go", _OWNER),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting("bucket_ownership_controls.go"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        "bucket_lifecycle_configuration.go", _OWNER
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _setting(
        "bucket_server_side_encryption_configuration.go", _OWNER
    ),
}
