"""The authorities whose certificates a model's callers show: a file in a small bucket of its own, each version kept.

It holds public certificates, no secret and no data of a model. API Gateway reads it in the name of whoever sets the
public name up. Encrypted with S3's own key: API Gateway says of no other that it can read with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, bucket_arn, document
from components.model_store.aws_bucket import ClosedBucket, closed_bucket
from components.naming import physical_name

_OBJECT = "authorities.pem"
_BEGIN, _SECRET = "-----BEGIN CERTIFICATE-----", "PRIVATE KEY-----"
# "Configuring mutual TLS authentication for a REST API", API Gateway developer guide, from knowledge, 2026-11.
_MOST, _LARGEST_BYTES = 1000, 1024 * 1024
BUCKET_NAME_LONGEST = 63


@dataclass(frozen=True, kw_only=True)
class AwsTrustStoreArgs:
    """`authorities`: certificates in PEM, roots and what stands between them and the callers'."""

    stack: str
    model: str
    account: str
    region: str
    authorities: str

    def __post_init__(self) -> None:
        check_authorities(self.authorities)


class AwsTrustStore(pulumi.ComponentResource):
    """`uri` and `version` of the file. Nothing is lost with it: it goes with the model, whatever else is protected."""

    uri: str
    version: pulumi.Output[str]

    def __init__(self, name: str, args: AwsTrustStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsTrustStore", name, None, opts)
        bucket_name = trust_bucket(stack=args.stack, model=args.model, account=args.account)
        own = bucket_arn(bucket_name, region=args.region)
        asked = ClosedBucket(bucket=bucket_name, key_arn=None, policy=_tls_only(own), protect=False)
        bucket, policy = closed_bucket(name, asked, self)
        versions = aws.s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        file = aws.s3.BucketObjectv2(
            name,
            bucket=bucket.bucket,
            key=_OBJECT,
            content=args.authorities,
            content_type="application/x-pem-file",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versions, policy]),
        )
        self.uri, self.version = f"s3://{bucket_name}/{_OBJECT}", file.version_id
        self.register_outputs({"uri": self.uri, "version": self.version})


def trust_bucket(*, stack: str, model: str, account: str) -> str:
    """The bucket's name; the account is in it, since all of AWS shares one set of names."""
    return physical_name(stack, account, model, "callers", longest=BUCKET_NAME_LONGEST)


def check_authorities(authorities: str) -> None:
    """Raises ValueError unless these are certificates that API Gateway takes, and no secret among them."""
    found = authorities.count(_BEGIN)
    if _SECRET in authorities:
        raise ValueError("authorities: got a private key; allowed: certificates only. Change that key: it was shown")
    if not 1 <= found <= _MOST:
        raise ValueError(f"authorities: got {found} certificates in PEM; allowed: 1 to {_MOST}")
    if len(authorities.encode()) > _LARGEST_BYTES:
        raise ValueError(f"authorities: got {len(authorities.encode())} bytes; allowed: {_LARGEST_BYTES}")


def _tls_only(own: str) -> str:
    return document(
        Statement(
            sid="NeverPlain",
            effect="Deny",
            actions=("s3:*",),
            resources=(own, f"{own}/*"),
            principal={"AWS": "*"},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
    )
