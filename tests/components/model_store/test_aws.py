"""The model store: closed, encrypted and logged buckets; weights under their digest, written once."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.model_store.aws import AwsModelStore, AwsModelStoreArgs, store_bucket
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/weights"
APPLY = "arn:aws:iam::123456789012:role/homeport-delivery/demo-apply"
NAME = "demo-aws-eu-west-1-123456789012-weights"
ARN = f"arn:aws:s3:::{NAME}"
LOGS = "demo-aws-eu-west-1-123456789012-access-logs"
ARGS = AwsModelStoreArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    key_arn=KEY,
    writers=(APPLY,),
    deleted_days=90,
    access_log_days=365,
)
PROTECTED = replace(ARGS, protect=True)
WEIGHTS, ACCESS_LOGS = "store-weights", "store-access-logs"


@cache
def store(args: AwsModelStoreArgs = ARGS) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsModelStore("store", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("bucket", made.outputs.bucket)
        pulumi.export("key", made.outputs.key)

    return record(program)


def statements(bucket: str = WEIGHTS, args: AwsModelStoreArgs = ARGS) -> dict[str, dict[str, Any]]:
    document = json.loads(store(args).one("BucketPolicy", bucket)["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_the_buckets_are_named_before_they_stand() -> None:
    assert store_bucket(stack=ARGS.stack, account=ARGS.account) == NAME
    assert {bucket["bucket"] for bucket in store().all("Bucket")} == {NAME, LOGS}
    assert store().outputs == {"bucket": NAME, "key": KEY}


@pytest.mark.parametrize("bucket", [WEIGHTS, ACCESS_LOGS])
def test_a_bucket_is_closed_to_the_public_and_has_no_access_lists(bucket: str) -> None:
    block = store().one("BucketPublicAccessBlock", bucket)
    closed = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[field] for field in closed] == [True] * 4
    assert store().one("BucketOwnershipControls", bucket)["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize("bucket", [WEIGHTS, ACCESS_LOGS])
def test_nothing_comes_without_tls(bucket: str) -> None:
    name = NAME if bucket == WEIGHTS else LOGS
    plain = statements(bucket)["NeverPlain"]
    assert (plain["Effect"], plain["Principal"], plain["Action"]) == ("Deny", {"AWS": "*"}, ["s3:*"])
    assert plain["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statements(bucket)["NeverOldTls"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}


def test_weights_are_encrypted_with_the_key_of_the_place_one_call_for_many() -> None:
    [rule] = store().one("BucketServerSideEncryptionConfiguration", WEIGHTS)["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
        "bucketKeyEnabled": True,
    }


def test_logs_are_encrypted_with_the_key_of_s3_since_its_delivery_can_use_no_other() -> None:
    [rule] = store().one("BucketServerSideEncryptionConfiguration", ACCESS_LOGS)["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_a_request_that_chooses_an_encryption_is_refused_since_one_that_does_not_gets_the_buckets() -> None:
    refusal = statements()["NeverOtherKey"]
    assert (refusal["Action"], refusal["Resource"]) == (["s3:PutObject"], [f"{ARN}/*"])
    assert refusal["Condition"] == {"Null": {"s3:x-amz-server-side-encryption": "false"}}
    callers = statements()["NeverKeyOfCaller"]["Condition"]
    assert callers == {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}


def test_weights_lie_under_a_digest_only() -> None:
    refusal = statements()["NeverWriteElsewhere"]
    assert refusal["NotResource"] == [f"{ARN}/sha256/{'?' * 64}"]
    assert (refusal["Effect"], refusal["Action"]) == ("Deny", ["s3:PutObject"])


def test_weights_are_written_once_also_in_parts() -> None:
    assert statements()["NeverOverwrite"]["Condition"] == {
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},  # parts of an upload cannot ask; its last call must
    }


def test_none_but_the_writers_write_or_delete() -> None:
    refusal = statements()["NeverWriteByOthers"]
    assert set(refusal["Action"]) == {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"}
    assert refusal["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": [APPLY]}}


def test_nobody_is_granted_anything_by_the_bucket() -> None:
    assert {statement["Effect"] for statement in statements().values()} == {"Deny"}


def test_versions_are_kept_and_what_was_deleted_goes_after_a_while() -> None:
    assert store().one("BucketVersioning")["versioningConfiguration"] == {"status": "Enabled"}
    deleted, unfinished = store().one("BucketLifecycleConfiguration", WEIGHTS)["rules"]
    assert deleted["noncurrentVersionExpiration"] == {"noncurrentDays": 90}
    assert deleted["expiration"] == {"expiredObjectDeleteMarker": True}
    assert unfinished["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert {rule["status"] for rule in (deleted, unfinished)} == {"Enabled"}


def test_every_access_is_logged_in_the_other_bucket() -> None:
    logging = store().one("BucketLogging")
    assert (logging["bucket"], logging["targetBucket"], logging["targetPrefix"]) == (NAME, LOGS, "weights/")


def test_log_delivery_alone_writes_for_this_bucket_alone() -> None:
    allowed = [s for s in statements(ACCESS_LOGS).values() if s["Effect"] == "Allow"]
    assert allowed == [
        {
            "Sid": "WriteByLogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{LOGS}/weights/*"],
            "Condition": {
                "ArnEquals": {"aws:SourceArn": ARN},
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            },
        }
    ]


def test_logs_go_after_a_year() -> None:
    [rule] = store().one("BucketLifecycleConfiguration", ACCESS_LOGS)["rules"]
    assert rule["expiration"] == {"days": 365}


def test_where_data_is_protected_no_version_is_lost_and_no_destroy_takes_a_bucket() -> None:
    lost = statements(args=PROTECTED)["NeverLoseVersions"]
    assert (lost["Action"], lost.get("Condition")) == (["s3:DeleteObjectVersion"], None)
    buckets = store(PROTECTED).all("Bucket")
    assert {(b["forceDestroy"], bool(b.options.get("protect"))) for b in buckets} == {(False, True)}


def test_what_closes_a_bucket_stays_with_it() -> None:
    settings = [r for r in store(PROTECTED).resources if r.type.startswith("aws:s3/")]
    assert len(settings) == 14
    assert {bool(r.options.get("protect")) for r in settings} == {True}


def test_where_it_is_not_a_destroy_empties_the_buckets() -> None:
    assert "NeverLoseVersions" not in statements()
    buckets = store().all("Bucket")
    assert {(b["forceDestroy"], bool(b.options.get("protect"))) for b in buckets} == {(True, False)}


def test_nothing_is_replicated_and_nothing_locked() -> None:
    assert store().all("BucketReplicationConfig") == store().all("BucketObjectLockConfiguration") == ()


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_arns_carry_the_partition(region: str) -> None:
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}[region]
    assert statements(args=replace(ARGS, region=region))["NeverOverwrite"]["Resource"][0].split(":")[1] == partition


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"writers": ()}, "writers: got"),
        ({"writers": ("arn:aws:iam::123456789012:role/*",)}, "writers: got"),
        ({"deleted_days": 0}, "deleted_days: got 0"),
        ({"access_log_days": 0}, "access_log_days: got 0"),
    ],
)
def test_what_would_let_everyone_in_or_keep_nothing_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
