"""Who uses the keys of images, weights and predictions: ECR and S3 for callers of this account, nobody directly."""

from __future__ import annotations

from components.aws_policies import Statement, bucket_arn, iam_arn
from components.naming import aws_partition

_THIS_KEY = ("*",)  # in a key policy the resource is the key itself


def images_use(account: str, region: str) -> Statement:
    """ECR takes two grants in the name of whoever creates a repository, and encrypts and decrypts by these alone.

    So nodes and pushers need no right on the key ("Encryption at rest" in the ECR user guide, read 2026-11-24). That a
    grant is for a service is not asked for: ECR's page does not say that it tells KMS so.
    """
    return Statement(
        sid="GrantToEcr",
        actions=("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"),
        resources=_THIS_KEY,
        principal={"AWS": iam_arn("root", region=region, account=account)},
        conditions={"StringEquals": through("ecr", account, region)},
    )


def bucket_use(account: str, region: str, bucket: str) -> Statement:
    """S3 for one bucket: its bucket key puts the bucket's ARN into the encryption context, else an object's stands."""
    own = bucket_arn(bucket, region=region)
    return Statement(
        sid="UseThroughS3",
        actions=("kms:Decrypt", "kms:GenerateDataKey"),  # DescribeKey carries no encryption context
        resources=_THIS_KEY,
        principal={"AWS": iam_arn("root", region=region, account=account)},
        conditions={
            "StringEquals": through("s3", account, region),
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": (own, f"{own}/*")},
        },
    )


def through(service: str, account: str, region: str) -> dict[str, str]:
    """A caller of this account, through one service of this region."""
    return {
        "kms:CallerAccount": account,
        "kms:ViaService": f"{service}.{region}.{aws_partition(region).dns_suffix}",
    }
