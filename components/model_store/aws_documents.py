"""Bucket policies of the model store and of its access logs, as documents. Pure.

Refusals hold for everybody, whatever IAM allows; nobody of another account is allowed anything.
"""

from __future__ import annotations

from components.aws_policies import Statement, document

PREFIX = "sha256/"
_HEX = "?" * 64  # IAM knows no classes of characters: whoever reads weights checks their digest
_ANYONE = {"AWS": "*"}  # in a refusal
_WRITES = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject")
_PUT = ("s3:PutObject",)
_SSE = "s3:x-amz-server-side-encryption"


def store_policy(bucket_arn: str, *, writers: tuple[str, ...], keep_versions: bool) -> str:
    """Writing by `writers` (ARNs of roles) only, under a digest, once, and with the store's own key.

    A request that says nothing of encryption gets the bucket's key; one that says anything is refused, be it the right
    key: so the policy needs no ARN, and a preview can judge it whole. Once: S3 takes an
    object only if none has its name (`If-None-Match: *`), which parts of a large upload cannot ask for and its last
    call must. `keep_versions`: nobody deletes a version for good; lifecycle rules still do.
    """
    objects = (f"{bucket_arn}/*",)
    never_lost = never("LoseVersions", ("s3:DeleteObjectVersion",), objects)
    return document(
        *encrypted_way(bucket_arn),
        never("WriteByOthers", _WRITES, objects, {"ArnNotEquals": {"aws:PrincipalArn": writers}}),
        Statement(
            sid="NeverWriteElsewhere",
            effect="Deny",
            actions=_PUT,
            not_resources=(f"{bucket_arn}/{PREFIX}{_HEX}",),
            principal=_ANYONE,
        ),
        never(
            "Overwrite",
            _PUT,
            objects,
            {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
        ),
        never("OtherKey", _PUT, objects, {"Null": {_SSE: "false"}}),
        never("KeyOfCaller", _PUT, objects, {"Null": {f"{_SSE}-customer-algorithm": "false"}}),
        *((never_lost,) if keep_versions else ()),
    )


def log_policy(bucket_arn: str, *, source_arn: str, account: str, prefix: str) -> str:
    """S3's log delivery writes here for one bucket of this account."""
    return document(
        *encrypted_way(bucket_arn),
        Statement(
            sid="WriteByLogDelivery",
            actions=_PUT,
            resources=(f"{bucket_arn}/{prefix}*",),
            principal={"Service": "logging.s3.amazonaws.com"},
            conditions={"ArnEquals": {"aws:SourceArn": source_arn}, "StringEquals": {"aws:SourceAccount": account}},
        ),
    )


def encrypted_way(bucket_arn: str) -> tuple[Statement, ...]:
    """Nothing without TLS, nor with one before 1.2."""
    everything = (bucket_arn, f"{bucket_arn}/*")
    return (
        never("Plain", ("s3:*",), everything, {"Bool": {"aws:SecureTransport": "false"}}),
        never("OldTls", ("s3:*",), everything, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    )


def never(
    sid: str,
    actions: tuple[str, ...],
    resources: tuple[str, ...],
    conditions: dict[str, dict[str, str | tuple[str, ...]]] | None = None,
) -> Statement:
    """A refusal to everybody, under these conditions."""
    return Statement(
        sid=f"Never{sid}",
        effect="Deny",
        actions=actions,
        resources=resources,
        principal=_ANYONE,
        conditions={**(conditions or {})},
    )
