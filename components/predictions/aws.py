"""What the models of one AWS region got and answered: captures, answers of asynchronous calls, batches, baselines.

One bucket, a folder a model below each use, so that a role reaches its own model's folders only. All but baselines
goes when it is as old as its model keeps data. No versions are kept: a version that outlives its object would be
data that was promised to be gone. Nothing here is written twice under one name.

Owns the bucket and its access logs; not the key, and nothing that writes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.model_store.aws_access_logs import AwsAccessLogs, AwsAccessLogsArgs
from components.model_store.aws_bucket import ABORT_UPLOAD_DAYS, ClosedBucket, closed_bucket
from components.naming import physical_name
from components.predictions.aws_documents import predictions_policy
from components.predictions.folders import EXPIRING
from components.predictions.types import PredictionsOutputs

BUCKET_NAME_LONGEST = 63
RULES_MOST = 1000  # of one bucket's lifecycle (S3's quota)


def predictions_bucket(*, stack: str, account: str) -> str:
    """The bucket's name; the account is in it, since all of AWS shares one set of names. The key's policy needs it."""
    return physical_name(stack, account, "predictions", longest=BUCKET_NAME_LONGEST)


@dataclass(frozen=True, kw_only=True)
class AwsPredictionsArgs:
    stack: str
    account: str
    region: str
    key_arn: pulumi.Input[str]  # its policy must let S3 use it for `predictions_bucket`
    kept_days: Mapping[str, int]  # by model
    access_log_days: int
    protect: bool = False  # true: no `destroy` deletes the buckets

    def __post_init__(self) -> None:
        wrong = {model: days for model, days in self.kept_days.items() if days < 1}
        if wrong:
            raise ValueError(f"kept_days: got {wrong}; allowed: 1 or more")
        most = (RULES_MOST - 1) // len(EXPIRING) - 1
        if not 1 <= len(self.kept_days) <= most:
            raise ValueError(f"kept_days: got {len(self.kept_days)} models; allowed: 1 to {most} in one bucket")
        if self.access_log_days < 1:
            raise ValueError(f"access_log_days: got {self.access_log_days}; allowed: 1 or more")


class AwsPredictions(pulumi.ComponentResource):
    """The bucket, and the bucket of its access logs."""

    outputs: PredictionsOutputs

    def __init__(self, name: str, args: AwsPredictionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:predictions:AwsPredictions", name, None, opts)
        key = pulumi.Output.from_input(args.key_arn)
        bucket_name = predictions_bucket(stack=args.stack, account=args.account)
        policy = predictions_policy(bucket_name, account=args.account, region=args.region)
        asked = ClosedBucket(bucket=bucket_name, key_arn=key, policy=policy, protect=args.protect)
        bucket, closed = closed_bucket(f"{name}-bucket", asked, self)
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-bucket",
            bucket=bucket.bucket,
            rules=_lifecycle(args.kept_days),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[closed]),
        )
        AwsAccessLogs(
            f"{name}-access-logs",
            AwsAccessLogsArgs(
                account=args.account,
                region=args.region,
                bucket=physical_name(args.stack, args.account, "predictions-logs", longest=BUCKET_NAME_LONGEST),
                source=bucket.bucket,
                source_name=bucket_name,
                prefix="predictions/",
                keep_days=args.access_log_days,
                protect=args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.outputs = PredictionsOutputs(bucket=bucket.bucket, key=key)
        self.register_outputs({"bucket": bucket.bucket})


def _lifecycle(kept_days: Mapping[str, int]) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """A rule a folder of each model, one for what was never finished, and those for models that are gone.

    The last hold for all: of two rules for one object S3 follows the one that ends it sooner, and these end nothing
    sooner than a model's own does.
    """
    days_by_folder = {f"{top}{model}/": days for model, days in kept_days.items() for top in EXPIRING}
    days_by_folder |= {top: max(kept_days.values()) for top in EXPIRING}
    old = [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id=f"old-{folder.removesuffix('/').replace('/', '-')}",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=folder),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        )
        for folder, days in sorted(days_by_folder.items())
    ]
    unfinished = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="unfinished-uploads",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABORT_UPLOAD_DAYS
        ),
    )
    return [*old, unfinished]
