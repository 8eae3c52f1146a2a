"""Who read and wrote which object of a bucket: S3's access logs, in a bucket of their own in the same place.

Best effort of S3: records come within hours, and one may be missing. Owns the bucket of the logs, which has no key of
ours (log delivery cannot use one) and no log of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import bucket_arn
from components.model_store.aws_bucket import ABORT_UPLOAD_DAYS, ClosedBucket, closed_bucket
from components.model_store.aws_documents import log_policy


@dataclass(frozen=True, kw_only=True)
class AwsAccessLogsArgs:
    account: str
    region: str
    bucket: str  # name of the bucket of the logs
    source: pulumi.Input[str]  # name of the bucket whose use is logged
    source_name: str  # the same, known before it stands
    prefix: str  # ends with a slash
    keep_days: int
    protect: bool = False


class AwsAccessLogs(pulumi.ComponentResource):
    """Logs under `PREFIX/ACCOUNT/REGION/BUCKET/YYYY/MM/DD/`, by the day of the call."""

    def __init__(self, name: str, args: AwsAccessLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:model_store:AwsAccessLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        policy = log_policy(
            bucket_arn(args.bucket, region=args.region),
            source_arn=bucket_arn(args.source_name, region=args.region),
            account=args.account,
            prefix=args.prefix,
        )
        asked = ClosedBucket(bucket=args.bucket, key_arn=None, policy=policy, protect=args.protect)
        bucket, access = closed_bucket(name, asked, self)
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="old-logs",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.keep_days),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=ABORT_UPLOAD_DAYS
                    ),
                )
            ],
            opts=child,
        )
        aws.s3.BucketLogging(
            name,
            bucket=args.source,
            target_bucket=bucket.bucket,
            target_prefix=args.prefix,
            target_object_key_format=aws.s3.BucketLoggingTargetObjectKeyFormatArgs(
                partitioned_prefix=aws.s3.BucketLoggingTargetObjectKeyFormatPartitionedPrefixArgs(
                    partition_date_source="EventTime"
                )
            ),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[access])),
        )
        self.register_outputs({"bucket": bucket.bucket})
