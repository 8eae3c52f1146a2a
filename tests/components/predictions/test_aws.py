"""The bucket of predictions: closed, sealed with one key, and emptied of what is as old as its model says."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.predictions import folders
from components.predictions.aws import AwsPredictions, AwsPredictionsArgs, predictions_bucket
from components.predictions.aws_documents import reading, writing
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/predictions"
NAME = "demo-aws-eu-west-1-123456789012-predictions"
LOGS = f"{NAME}-logs"
ARN = f"arn:aws:s3:::{NAME}"
ARGS = AwsPredictionsArgs(
    stack="demo-aws-eu-west-1",
    account="123456789012",
    region="eu-west-1",
    key_arn=KEY,
    kept_days={"fraud": 30, "churn": 7},
    access_log_days=365,
)
BUCKET = "predictions-bucket"


@cache
def graph(*, protect: bool = False, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsPredictions("predictions", replace(ARGS, protect=protect), pulumi.ResourceOptions(provider=provider))
        pulumi.export("bucket", made.outputs.bucket)
        pulumi.export("key", made.outputs.key)

    return record(program, preview=preview)


def statements() -> dict[str, dict[str, Any]]:
    return {s["Sid"]: s for s in json.loads(graph().one("BucketPolicy", BUCKET)["policy"])["Statement"]}


def rules() -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in graph().one("BucketLifecycleConfiguration", BUCKET)["rules"]}


def test_the_bucket_is_named_before_it_stands_and_logged_beside_it() -> None:
    assert predictions_bucket(stack=ARGS.stack, account=ARGS.account) == NAME
    assert {bucket["bucket"] for bucket in graph().all("Bucket")} == {NAME, LOGS}
    logging = graph().one("BucketLogging")
    assert (logging["bucket"], logging["targetBucket"]) == (NAME, LOGS)
    assert graph().outputs == {"bucket": NAME, "key": KEY}


def test_what_lies_there_is_sealed_with_the_key_of_the_place() -> None:
    [rule] = graph().one("BucketServerSideEncryptionConfiguration", BUCKET)["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}


def test_what_a_model_got_and_answered_goes_after_its_own_days_and_that_of_models_gone_after_the_longest() -> None:
    found = {rule["filter"]["prefix"]: rule["expiration"]["days"] for rule in rules().values() if "expiration" in rule}
    assert found == {
        "async/churn/": 7,
        "batch/churn/": 7,
        "capture/churn/": 7,
        "async/fraud/": 30,
        "batch/fraud/": 30,
        "capture/fraud/": 30,
        "async/": 30,
        "batch/": 30,
        "capture/": 30,
    }


def test_baselines_stay() -> None:
    prefixes = [rule["filter"]["prefix"] for rule in rules().values() if "expiration" in rule]
    assert not [prefix for prefix in prefixes if folders.baselines_folder("fraud").startswith(prefix)]


def test_no_version_outlives_its_object() -> None:
    assert graph().all("BucketVersioning") == ()


def test_uploads_that_nobody_finished_go() -> None:
    assert rules()["unfinished-uploads"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_nothing_comes_without_tls() -> None:
    plain = statements()["NeverPlain"]
    assert (plain["Effect"], plain["Principal"], plain["Action"]) == ("Deny", {"AWS": "*"}, ["s3:*"])
    assert plain["Resource"] == [ARN, f"{ARN}/*"]


def test_whoever_names_a_key_must_name_one_of_the_account_and_region() -> None:
    assert statements()["NeverOtherKey"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "StringNotLike": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:123456789012:key/*"},
    }
    assert {s["Effect"] for s in statements().values()} == {"Deny"}


def test_a_protected_bucket_stays_and_another_goes_with_its_content() -> None:
    protected = graph(protect=True).all("Bucket")
    assert {(b["forceDestroy"], bool(b.options.get("protect"))) for b in protected} == {(False, True)}
    assert {(b["forceDestroy"], bool(b.options.get("protect"))) for b in graph().all("Bucket")} == {(True, False)}


def test_a_preview_tells_the_name() -> None:
    assert graph(preview=True).one("Bucket", BUCKET)["bucket"] == NAME


def test_who_reads_a_folder_lists_and_opens_nothing_else() -> None:
    read, listed, opened = reading(
        "Input", bucket=NAME, region="eu-west-1", folder=folders.batch_input_folder("fraud"), key=KEY
    )
    assert read.resources == (f"{ARN}/batch/fraud/input/*",)
    assert listed.resources == (ARN,)
    assert listed.conditions == {"StringLike": {"s3:prefix": ("batch/fraud/input/*", "batch/fraud/input")}}
    assert (opened.actions, opened.resources) == (("kms:Decrypt",), (KEY,))


def test_who_writes_a_folder_reads_and_deletes_nothing() -> None:
    made = writing("Output", bucket=NAME, region="eu-west-1", folder=folders.batch_output_folder("fraud"), key=KEY)
    assert made[0].resources == (f"{ARN}/batch/fraud/output/*",)
    calls = {action for statement in made for action in statement.actions}
    assert calls == {"s3:AbortMultipartUpload", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kept_days": {"fraud": 0}}, "kept_days: got {'fraud': 0}"),
        ({"kept_days": {}}, "kept_days: got 0 models"),
        ({"kept_days": {f"m{number}": 1 for number in range(333)}}, "kept_days: got 333 models; allowed: 1 to 332"),
        ({"access_log_days": 0}, "access_log_days: got 0"),
    ],
)
def test_what_would_keep_nothing_or_more_than_s3_takes_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)
