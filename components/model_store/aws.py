"""Weights of one AWS region: a bucket whose objects are named by their digest, `sha256/HEX`, and written once.

So a release that names a digest gets the same bytes in every region, or none. S3 does not compare a name with its
content: whoever reads weights does. Every access is logged beside it.

No object lock: it wants a time for which an object must stay, which nobody knows of weights, and a destroy could not
finish. What it would give is given by refusals instead: overwriting always, deleting versions where data is protected.
Owns no replication: weights reach another region by being written there.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import bucket_arn
from components.model_store.aws_access_logs import AwsAccessLogs, AwsAccessLogsArgs
from components.model_store.aws_bucket import ABORT_UPLOAD_DAYS, ClosedBucket, closed_bucket
from components.model_store.aws_documents import store_policy
from components.model_store.types import ModelStoreOutputs
from components.naming import physical_name

BUCKET_NAME_LONGEST = 63


def store_bucket(*, stack: str, account: str) -> str:
    """The bucket's name; the account is in it, since all of AWS shares one set of names. The key's policy needs it."""
    return physical_name(stack, account, "weights", longest=BUCKET_NAME_LONGEST)


@dataclass(frozen=True, kw_only=True)
class AwsModelStoreArgs:
    stack: str
    account: str
    region: str
    key_arn: pulumi.Input[str]  # its policy must let S3 use it for `store_bucket`
    writers: tuple[str, ...]  # ARNs of roles
    deleted_days: int  # weights that were deleted can be brought back for so long
    access_log_days: int
    protect: bool = False  # true: no version is deleted but by age, and no `destroy` deletes the buckets

    def __post_init__(self) -> None:
        if not self.writers or "*" in "".join(self.writers):
            raise ValueError(f"writers: got {self.writers!r}; allowed: one or more full ARNs of roles")
        for field, value in (("deleted_days", self.deleted_days), ("access_log_days", self.access_log_days)):
            if value < 1:
                raise ValueError(f"{field}: got {value}; allowed: 1 or more")


class AwsModelStore(pulumi.ComponentResource):
    """The bucket, versioned, and the bucket of its access logs."""

    outputs: ModelStoreOutputs

    def __init__(self, name: str, args: AwsModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:model_store:AwsModelStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        key = pulumi.Output.from_input(args.key_arn)
        bucket_name = store_bucket(stack=args.stack, account=args.account)
        own = bucket_arn(bucket_name, region=args.region)
        policy = store_policy(own, writers=args.writers, keep_versions=args.protect)
        asked = ClosedBucket(bucket=bucket_name, key_arn=key, policy=policy, protect=args.protect)
        bucket, _ = closed_bucket(f"{name}-weights", asked, self)
        versioning = aws.s3.BucketVersioning(
            f"{name}-weights",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-weights",
            bucket=bucket.bucket,
            rules=_lifecycle(args.deleted_days),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[versioning])),
        )
        AwsAccessLogs(
            f"{name}-access-logs",
            AwsAccessLogsArgs(
                account=args.account,
                region=args.region,
                bucket=physical_name(args.stack, args.account, "access-logs", longest=BUCKET_NAME_LONGEST),
                source=bucket.bucket,
                source_name=bucket_name,
                prefix="weights/",
                keep_days=args.access_log_days,
                protect=args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.outputs = ModelStoreOutputs(bucket=bucket.bucket, key=key)
        self.register_outputs({"bucket": bucket.bucket})


def _lifecycle(deleted_days: int) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """What was deleted goes after a while, with the marker that is left of it; so does what was never finished."""
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    return [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="deleted-weights",
            status="Enabled",
            filter=everything,
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=deleted_days
            ),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        ),
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="unfinished-uploads",
            status="Enabled",
            filter=everything,
            abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=ABORT_UPLOAD_DAYS
            ),
        ),
    ]
