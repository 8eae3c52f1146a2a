"""Documents of the bucket of predictions: its policy, and what a piece of work may do in one folder. Pure."""

from __future__ import annotations

from components.aws_policies import Statement, arn, bucket_arn, document
from components.model_store.aws_documents import encrypted_way, never

_SSE = "s3:x-amz-server-side-encryption"


def predictions_policy(bucket: str, *, account: str, region: str) -> str:
    """Nothing without TLS, and nothing sealed with a key of others.

    Who says nothing of encryption gets the bucket's key. SageMaker names a key always, so keys of this account and
    region may be named: of these only the bucket's own can be used for it, by their key policies. S3's own keys may
    not.
    """
    objects = (f"{bucket_arn(bucket, region=region)}/*",)
    ours = arn("kms", "key/*", region=region, account=account)
    return document(
        *encrypted_way(bucket_arn(bucket, region=region)),
        never(
            "OtherKey",
            ("s3:PutObject",),
            objects,
            {"Null": {_SSE: "false"}, "StringNotLike": {f"{_SSE}-aws-kms-key-id": ours}},
        ),
        never("KeyOfCaller", ("s3:PutObject",), objects, {"Null": {f"{_SSE}-customer-algorithm": "false"}}),
    )


def listing(what: str, *, bucket: str, region: str, folder: str) -> Statement:
    """Seeing what is in one folder, asked for with its slash or without. `what` begins the names of statements."""
    return Statement(
        sid=f"{what}List",
        actions=("s3:ListBucket",),
        resources=(bucket_arn(bucket, region=region),),
        conditions={"StringLike": {"s3:prefix": (f"{folder}*", folder.removesuffix("/"))}},
    )


def reading(what: str, *, bucket: str, region: str, folder: str, key: str) -> tuple[Statement, ...]:
    """Listing and reading one folder."""
    objects = (f"{bucket_arn(bucket, region=region)}/{folder}*",)
    return (
        Statement(sid=f"{what}Read", actions=("s3:GetObject",), resources=objects),
        listing(what, bucket=bucket, region=region, folder=folder),
        Statement(sid=f"{what}Open", actions=("kms:Decrypt",), resources=(key,)),
    )


def writing(what: str, *, bucket: str, region: str, folder: str, key: str) -> tuple[Statement, ...]:
    """Writing below one folder, large files in parts (S3 opens each part's key again for the next)."""
    objects = (f"{bucket_arn(bucket, region=region)}/{folder}*",)
    return (
        Statement(sid=f"{what}Write", actions=("s3:AbortMultipartUpload", "s3:PutObject"), resources=objects),
        Statement(sid=f"{what}Seal", actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(key,)),
    )
