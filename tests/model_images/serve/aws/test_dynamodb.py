"""Items by their keys: as moto plays the table, and where a table is busy."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from model_images.serve.aws.dynamodb import MOST_NAMES, Table
from model_images.serve.aws.errors import AwsError, Unreachable
from tests.model_images.serve.aws.aws_server import AwsServer, Written, written

# Words of the query language, and a hyphen.
NAMES = ("size", "name", "foreign-card")


def made(aws: AwsServer, kind: str = "S") -> Any:
    client = aws.client("dynamodb")
    client.create_table(
        TableName="customers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": kind}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def soon() -> float:
    return time.monotonic() + 20


def test_items_are_found_by_their_keys_with_what_is_wanted_of_them(aws: AwsServer) -> None:
    client = made(aws)
    item = {"id": {"S": "a"}, "size": {"N": "1.5"}, "foreign-card": {"BOOL": True}, "other": {"S": "x"}}
    client.put_item(TableName="customers", Item=item)
    found = Table("customers", "id", NAMES, aws.environ).items([("S", "a"), ("S", "b")], soon())
    assert found == {("S", "a"): {name: item[name] for name in ("id", "size", "foreign-card")}}


def test_keys_may_be_numbers(aws: AwsServer) -> None:
    made(aws, "N").put_item(TableName="customers", Item={"id": {"N": "17"}, "size": {"N": "2"}})
    assert list(Table("customers", "id", NAMES, aws.environ).items([("N", "17")], soon())) == [("N", "17")]


def test_whole_items_are_read_where_names_are_too_many(aws: AwsServer) -> None:
    made(aws).put_item(TableName="customers", Item={"id": {"S": "a"}, "other": {"S": "x"}})
    names = [f"n{number}" for number in range(MOST_NAMES + 1)]
    found = Table("customers", "id", names, aws.environ).items([("S", "a")], soon())
    assert found["S", "a"]["other"] == {"S": "x"}


def test_a_key_that_is_refused_is_told_by_its_code() -> None:
    refusal = {"__type": "com.amazon.coral.validate#ValidationException", "message": "does not match the schema"}
    with written((400, refusal)) as server, pytest.raises(AwsError) as caught:
        Table("customers", "id", NAMES, server.environ).items([("N", "1")], soon())
    assert caught.value.code == "ValidationException"
    assert len(server.asked) == 1


def test_a_table_that_is_not_there_is_told(aws: AwsServer) -> None:
    with pytest.raises(AwsError, match=r"^dynamodb: ResourceNotFoundException: "):
        Table("nothing", "id", NAMES, aws.environ).items([("S", "1")], soon())


def answer(found: list[str], left: list[str]) -> tuple[int, Any]:
    unprocessed = {"customers": {"Keys": [{"id": {"S": key}} for key in left]}} if left else {}
    return 200, {"Responses": {"customers": [{"id": {"S": key}} for key in found]}, "UnprocessedKeys": unprocessed}


def asked(server: Written) -> list[list[str]]:
    bodies = [json.loads(one.body)["RequestItems"]["customers"] for one in server.asked]
    assert all(body["ConsistentRead"] is False for body in bodies)
    return [[key["id"]["S"] for key in body["Keys"]] for body in bodies]


def test_keys_that_were_left_are_asked_for_again() -> None:
    with written(answer(["a"], ["b", "c"]), answer([], ["b", "c"]), answer(["b"], [])) as server:
        table = Table("customers", "id", NAMES, server.environ)
        found = table.items([("S", "a"), ("S", "b"), ("S", "c")], soon())
    assert sorted(found) == [("S", "a"), ("S", "b")]
    assert asked(server) == [["a", "b", "c"], ["b", "c"], ["b", "c"]]


def test_keys_that_stay_left_are_an_error_and_no_missing_items() -> None:
    with written(answer([], ["a"])) as server, pytest.raises(Unreachable, match="1 keys were left"):
        Table("customers", "id", NAMES, server.environ).items([("S", "a")], time.monotonic() + 1)
