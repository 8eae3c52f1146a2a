"""Rows that leave out inputs: what the table adds, what the caller keeps, and what a table costs that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.model_images.serve.aws.aws_server import AwsServer, written
from tests.model_images.serve.features_asked import COMPLETE, ITEM, Asked, environ_of


@pytest.fixture
def table(aws: AwsServer) -> Any:
    client = aws.client("dynamodb")
    client.create_table(
        TableName="customers",
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName="customers", Item=ITEM)
    return client


@pytest.fixture
def asked(aws: AwsServer, table: Any, tmp_path: Path) -> Iterator[Asked]:
    started = Asked(tmp_path, environ_of(aws))
    yield started
    started.model.close()


@pytest.mark.parametrize("lines", [False, True])
def test_what_a_row_leaves_out_is_read_and_what_it_holds_counts(asked: Asked, lines: bool) -> None:
    status, found = asked.post(
        {"customer": "c-1"}, {"customer": "c-1", "amount": 6, "country": "É"}, COMPLETE, lines=lines
    )
    assert status == 200
    assert [(row["score"], row["label"], row["parts"], row["large"]) for row in found] == [
        (1.0, "FR!", [3.0, 20.5, None], True),
        (2.0, "É!", [6.0, 20.5, None], True),
        (0.5, "DE!", [1.5, 2.0, None], False),
    ]
    assert asked.counts() == (2, 0, 0)


def test_lists_and_complete_rows_are_looked_up_nowhere(asked: Asked) -> None:
    assert asked.post(list(COMPLETE.values()), COMPLETE, COMPLETE | {"customer": "nobody"})[0] == 200
    assert asked.counts() == (0, 0, 0)


def test_a_wrapped_row_may_leave_out_inputs_too(asked: Asked) -> None:
    status, found = asked.post({"features": {"customer": "c-1", "count": 1}})
    assert (status, found[0]["large"]) == (200, False)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"amount": 1},
            "instances[1].customer: missing; count, known, country, grid would be looked up by it in customers",
        ),
        (
            {"customer": "c-2"},
            "instances[1].customer: got 'c-2'; allowed: a key of customers, or a row with all inputs",
        ),
        ({"customer": True}, "instances[1].customer: got true; allowed: text of 1 to 2048 bytes, or a whole number"),
        (
            {"customer": 10**19},
            f"instances[1].customer: got {10**19}; allowed: text of 1 to 2048 bytes, or a whole number",
        ),
        ({"customer": ""}, 'instances[1].customer: got ""; allowed: text of 1 to 2048 bytes, or a whole number'),
        ({"customer": "c-1", "count": 10}, "instances[1].count: got 10; allowed: -1000 to 9"),
        (
            {"customer": "c-1", "other": 10},
            "instances[1].other: not an input; allowed: amount, count, known, country, grid",
        ),
        (
            "c-1",
            'instances[1]: got "c-1"; allowed: a list of 5 values, or an object (amount, count, known, country, grid)',
        ),
    ],
)
def test_a_row_that_cannot_be_completed_is_refused_by_name(asked: Asked, row: Any, line: str) -> None:
    assert asked.post(COMPLETE, row) == (422, line)


def test_a_key_that_the_table_refuses_is_told_and_keys_of_two_types_share_no_call(tmp_path: Path) -> None:
    refusal = {"__type": "com.amazon.coral.validate#ValidationException", "message": "no match"}
    with written((400, refusal)) as server:
        asked = Asked(tmp_path, environ_of(server))
        assert asked.post({"customer": 17}, {"customer": "c-1"}) == (
            422,
            "customer: got '17': customers refuses it: dynamodb: ValidationException: no match",
        )
        asked.model.close()
    keys = [json.loads(one.body)["RequestItems"]["customers"]["Keys"] for one in server.asked]
    assert sorted(keys, key=str) == [[{"customer": {"N": "17"}}], [{"customer": {"S": "c-1"}}]]


@pytest.mark.parametrize(
    ("name", "attribute", "line"),
    [
        ("count", {"N": "99"}, "instances[0].count: got 99; allowed: -1000 to 9 (read from customers)"),
        (
            "count",
            {"S": "9"},
            'instances[0].count: got "9"; allowed: a whole number (int64), -1000 to 9 (read from customers)',
        ),
        ("known", None, "instances[0].customer: got 'c-1'; its item in customers has no known that a row may hold"),
        (
            "known",
            {"NULL": True},
            "instances[0].customer: got 'c-1'; its item in customers has no known that a row may hold",
        ),
        (
            "known",
            {"SS": ["x"]},
            "instances[0].customer: got 'c-1'; its item in customers has no known that a row may hold",
        ),
        (
            "grid",
            {"L": []},
            "instances[0].grid: got []; allowed: 2 x 2 values, each a number (float64) (read from customers)",
        ),
    ],
)
def test_an_item_that_does_not_fit_is_refused_by_name(
    asked: Asked, table: Any, name: str, attribute: Any, line: str
) -> None:
    item = {key: value for key, value in ITEM.items() if key != name} | ({name: attribute} if attribute else {})
    table.put_item(TableName="customers", Item=item)
    assert asked.post({"customer": "c-1"}) == (422, line)


def test_an_input_may_itself_be_the_key(aws: AwsServer, tmp_path: Path) -> None:
    client = aws.client("dynamodb")
    client.create_table(
        TableName="countries",
        KeySchema=[{"AttributeName": "country", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "country", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName="countries", Item={**ITEM, "country": {"S": "DE"}})
    asked = Asked(tmp_path, environ_of(aws, FEATURES_TABLE="countries", FEATURES_KEY="country"))
    status, found = asked.post({"country": "DE", "amount": 9})
    assert (status, found[0]["score"], found[0]["label"]) == (200, 3.0, "DE!")
    without = {name: value for name, value in COMPLETE.items() if name != "country"}
    assert asked.post(without) == (
        422,
        "instances[0].country: missing; allowed: amount, count, known, country, grid, each once",
    )
    asked.model.close()
