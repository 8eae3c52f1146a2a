"""A bucket of S3 as all of ours are: closed to the public, without access lists, encrypted, and its place alone."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

ABORT_UPLOAD_DAYS = 7  # parts of an upload that nobody finished are paid for and seen by nobody


@dataclass(frozen=True, kw_only=True)
class ClosedBucket:
    """What is to be known of one bucket. `key_arn` None: S3's own key, the only one that its log delivery can use."""

    bucket: str
    key_arn: pulumi.Input[str] | None
    policy: str
    protect: bool


def closed_bucket(name: str, asked: ClosedBucket, parent: pulumi.Resource) -> tuple[aws.s3.Bucket, aws.s3.BucketPolicy]:
    """Declares the bucket and what closes it. Its policy stands last: what comes after depends on it.

    Protected, what closes it stays with it. Not protected, it is emptied of all versions when it is destroyed.
    """
    child = pulumi.ResourceOptions(parent=parent, protect=asked.protect)
    bucket = aws.s3.Bucket(
        name,
        bucket=asked.bucket,
        force_destroy=not asked.protect,
        opts=child,
    )
    block = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    owner = aws.s3.BucketOwnershipControls(
        name,
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=_encryption(asked.key_arn),
                bucket_key_enabled=asked.key_arn is not None,  # one call of KMS for many objects
            )
        ],
        opts=child,
    )
    # One after another: S3 refuses two changes of a bucket at a time.
    opts = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[block, owner]))
    return bucket, aws.s3.BucketPolicy(name, bucket=bucket.bucket, policy=asked.policy, opts=opts)


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs:
    algorithm = "AES256" if key_arn is None else "aws:kms"
    return aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm=algorithm, kms_master_key_id=key_arn
    )
