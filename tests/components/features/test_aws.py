"""Tables of features: one place, one key, rows that expire, and models that look up and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.features.aws import EXPIRY, AwsFeatures, AwsFeaturesArgs, lookup_statements, table_name
from tests.recorder import Graph, record

KEY = "arn:aws:kms:eu-west-1:123456789012:key/features"
ARGS = AwsFeaturesArgs(stack="demo-aws-eu-west-1", keys={"customers": "customer_id", "cards": "card"}, key_arn=KEY)


@cache
def graph(*, protect: bool = False, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsFeatures("features", replace(ARGS, protect=protect), pulumi.ResourceOptions(provider=provider))
        pulumi.export("tables", dict(made.outputs.tables))

    return record(program, preview=preview)


def customers() -> Any:
    return graph().one("Table", "features-customers")


def test_each_table_is_found_by_its_own_key() -> None:
    assert {t["name"]: (t["hashKey"], t["attributes"]) for t in graph().all("Table")} == {
        "demo-aws-eu-west-1-cards": ("card", [{"name": "card", "type": "S"}]),
        "demo-aws-eu-west-1-customers": ("customer_id", [{"name": "customer_id", "type": "S"}]),
    }


def test_rows_are_sealed_with_the_key_of_the_place() -> None:
    assert customers()["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}


def test_no_copy_and_no_stream_leaves_the_table() -> None:
    assert not {"replicas", "streamEnabled", "streamViewType"} & set(customers().inputs)


def test_rows_expire_and_a_lost_table_comes_back() -> None:
    assert customers()["ttl"] == {"enabled": True, "attributeName": EXPIRY}
    assert customers()["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}


def test_nobody_must_foresee_how_often_models_look_up() -> None:
    assert customers()["billingMode"] == "PAY_PER_REQUEST"


def test_a_protected_table_is_deleted_by_nobody_and_another_goes() -> None:
    facts = {(t["deletionProtectionEnabled"], bool(t.options.get("protect"))) for t in graph(protect=True).all("Table")}
    assert facts == {(True, True)}
    assert {(t["deletionProtectionEnabled"], bool(t.options.get("protect"))) for t in graph().all("Table")} == {
        (False, False)
    }


def test_tables_are_given_out_by_their_own_names() -> None:
    assert graph().outputs["tables"]["customers"] == customers().outputs["arn"]
    assert graph(preview=True).one("Table", "features-customers")["name"] == table_name(ARGS.stack, "customers")


def test_a_model_looks_up_in_its_table_and_does_nothing_else() -> None:
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/demo-aws-eu-west-1-customers"
    look, unseal = lookup_statements(table_arn=table, key_arn=KEY)
    assert (look.actions, look.resources) == (("dynamodb:BatchGetItem", "dynamodb:GetItem"), (table,))
    assert (unseal.actions, unseal.resources) == (("kms:Decrypt",), (KEY,))


@pytest.mark.parametrize("keys", [{}, {"customers": ""}, {"customers": EXPIRY}, {"customers": "k" * 256}])
def test_a_table_without_a_key_of_its_own_is_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="keys: got"):
        replace(ARGS, keys=keys)
