"""Rows that leave out inputs: what the table adds, what the caller keeps, and what a table costs that is not there."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from model_images.model_file import read_model_file
from model_images.serve import features
from model_images.serve.feature_rows import TURN_ROWS, FeatureRows
from model_images.serve.features import Features
from model_images.serve.messages import Refused
from model_images.serve.metrics import FEATURES_ERROR, FEATURES_FOUND, FEATURES_MISSING, Metrics
from model_images.serve.settings import ServerSettings
from tests.model_images.live import free_port
from tests.model_images.serve.aws.aws_server import KEYS, AwsServer, Written, written
from tests.model_images.served import InProcess, mixed_model

COMPLETE = {"amount": 1.5, "count": 2, "known": True, "country": "DE", "grid": [[1, 2], [3, 4]]}
ITEM: dict[str, Any] = {
    "customer": {"S": "c-1"},
    "amount": {"N": "3"},
    "count": {"N": "7"},
    "known": {"BOOL": True},
    "country": {"S": "FR"},
    "grid": {"L": [{"L": [{"N": "1"}, {"N": "20.5"}]}, {"L": [{"N": "3"}, {"N": "4"}]}]},
}


def environ_of(server: AwsServer | Written, **more: str) -> dict[str, str]:
    features = {"FEATURES_TABLE": "customers", "FEATURES_KEY": "customer", "FEATURES_TIMEOUT_S": "5"}
    return {**server.environ, **features, **more}


class Asked:
    """A model in this process whose features lie in `environ`'s table."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.model = InProcess(mixed_model(folder), environ)

    def post(self, *rows: Any, lines: bool = False) -> tuple[int, Any]:
        body = "\n".join(map(json.dumps, rows)) if lines else json.dumps({"instances": rows})
        kind = "application/jsonlines" if lines else "application/json"
        headers = {"content-type": kind, "accept": "application/json"}
        answer = self.model.ask("POST", "/invocations", body.encode(), headers)
        content = json.loads(answer.body)
        return answer.status, content["predictions"] if answer.status == 200 else content["error"]

    def counts(self) -> tuple[float, float, float]:
        total = self.model.served.metrics.total
        return total(FEATURES_FOUND), total(FEATURES_MISSING), total(FEATURES_ERROR)


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


def test_many_rows_are_asked_for_a_hundred_at_a_time_and_each_key_once(tmp_path: Path) -> None:
    items = [{**ITEM, "customer": {"S": f"c-{number}"}} for number in range(250)]
    with written((200, {"Responses": {"customers": items}})) as server:
        asked = Asked(tmp_path, environ_of(server))
        rows = [{"customer": f"c-{number}"} for number in range(250)]
        assert asked.post(*rows, *rows)[0] == 200
        asked.model.close()
    keys = [
        [key["customer"]["S"] for key in json.loads(one.body)["RequestItems"]["customers"]["Keys"]]
        for one in server.asked
    ]
    assert sorted(map(len, keys)) == [50, 100, 100]
    assert len({key for some in keys for key in some}) == 250


def test_a_table_that_is_not_there_is_told_quickly_and_others_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    features = {"FEATURES_TABLE": "customers", "FEATURES_KEY": "customer", "FEATURES_TIMEOUT_S": "0.1"}
    asked = Asked(tmp_path, {**nowhere, **features})
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            began = time.monotonic()
            assert asked.post({"customer": "c-1"}) == (
                503,
                "features: customers cannot be read now; ask again, or send all inputs",
            )
            assert time.monotonic() - began < 2
    assert asked.post(COMPLETE)[0] == 200
    told = [line for line in caplog.messages if line.startswith("features: ")]
    assert len(told) == 1
    assert "Connection refused" in told[0]
    assert asked.counts() == (0, 0, 5)
    asked.model.close()


def test_after_a_failure_the_table_is_left_alone_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "ALONE_S", 60.0)
    with written((403, {"__type": "AccessDeniedException", "message": "no"})) as server:
        asked = Asked(tmp_path, environ_of(server))
        assert [asked.post({"customer": "c-1"})[0] for _ in range(3)] == [503] * 3
        asked.model.close()
    assert len(server.asked) == 1


def test_a_table_that_says_nothing_holds_nobody_longer_than_told(tmp_path: Path) -> None:
    with written((200, {"Responses": {"customers": [ITEM]}})) as server:
        asked = Asked(tmp_path, environ_of(server, FEATURES_TIMEOUT_S="0.2"))
        server.silence_s = 3
        began = time.monotonic()
        assert asked.post({"customer": "c-1"})[0] == 503
        assert time.monotonic() - began < 2
        server.silence_s = 0
        until = time.monotonic() + 20
        while asked.post({"customer": "c-1"})[0] == 503:  # it is left alone for a moment
            assert time.monotonic() < until
            time.sleep(0.05)
        asked.model.close()


class Looking(Features):
    """A table that has every key, at once."""

    def __init__(self) -> None:
        self.key, self.table = "customer", "customers"

    async def of(self, keys: Sequence[Any], deadline: float) -> list[Any]:
        return [ITEM] * len(keys)


def test_keys_of_requests_that_have_gone_are_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "TRIPS", 1)
    monkeypatch.setattr(features, "ALONE_S", 0.0)
    with written((200, {"Responses": {"customers": [ITEM]}})) as server:
        asked = Asked(tmp_path, environ_of(server, FEATURES_TIMEOUT_S="0.3"))
        server.silence_s = 0.6
        assert asked.post(*({"customer": f"gone-{number}"} for number in range(1000)))[0] == 503
        server.silence_s = 0.0
        until = time.monotonic() + 20
        while asked.post({"customer": "c-1"})[0] != 200:
            assert time.monotonic() < until
        asked.model.close()
    keys = [
        key["customer"]["S"]
        for one in server.asked
        for key in json.loads(one.body)["RequestItems"]["customers"]["Keys"]
    ]
    assert len({key for key in keys if key.startswith("gone-")}) == 100  # what was under way


def test_a_key_that_another_request_waits_for_is_asked_for_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "TRIPS", 1)
    with written((200, {"Responses": {"customers": [ITEM]}})) as server:
        settings = ServerSettings.from_environment(environ_of(server, FEATURES_TIMEOUT_S="5"))
        server.silence_s = 0.3

        async def work() -> None:
            hand = Features(read_model_file(mixed_model(tmp_path)), settings, Metrics.alone())
            first = asyncio.create_task(hand.of([("S", "x")], 0.0))
            await asyncio.sleep(0.05)
            impatient = asyncio.create_task(hand.of([("S", "c-1"), ("S", "y")], time.monotonic() + 0.05))
            patient = asyncio.create_task(hand.of([("S", "c-1")], 0.0))
            with pytest.raises(Refused):
                await impatient
            assert await first == [None]
            assert await patient == [ITEM]
            assert hand._lookups == {}
            hand.close()

        asyncio.run(work())
    asked = [json.loads(one.body)["RequestItems"]["customers"]["Keys"] for one in server.asked]
    assert asked == [[{"customer": {"S": "x"}}], [{"customer": {"S": "c-1"}}]]


def test_others_are_answered_while_many_rows_are_completed(tmp_path: Path) -> None:
    with written((200, {"Responses": {"customers": [ITEM]}})) as server:
        asked = Asked(tmp_path, environ_of(server))
        rows = json.dumps([{"customer": "c-1"}] * (4 * TURN_ROWS))
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def work() -> None:
            counting = asyncio.create_task(count())
            reader = FeatureRows(asked.model.served.schema, Looking())
            found, _ = await reader.from_json(b'{"instances":%b}' % rows.encode(), 0.0)
            counting.cancel()
            assert found.count == 4 * TURN_ROWS

        asyncio.run(work())
        asked.model.close()
    assert turns >= 8  # four while they are taken apart, four while they are filled


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["c-1", "\ud800", "DE", 10**30]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*COMPLETE, "customer", "features", "data", "\ud800", ""]), inner, max_size=4)
    ),
    max_leaves=8,
)


def test_whatever_is_sent_is_answered_or_refused(tmp_path: Path) -> None:
    with written((200, {"Responses": {"customers": [ITEM]}})) as server:
        asked = Asked(tmp_path, environ_of(server))

        @given(st.lists(json_values, max_size=3), st.booleans())
        @hypothesis_settings(deadline=None)
        def whatever(rows: list[Any], lines: bool) -> None:
            assert asked.post(*rows, lines=lines)[0] in {200, 400, 422}

        whatever()
        for key in (b"1e400", b"9" * 5000):
            body = b'{"instances":[{"customer":%b}]}' % key
            assert asked.model.ask("POST", "/invocations", body).status == 422
        for deep in ("[" * 5000, '{"customer":' * 5000):
            assert asked.model.ask("POST", "/invocations", f'{{"instances":[{deep}'.encode()).status == 400
        asked.model.close()


def test_a_table_needs_a_key() -> None:
    with pytest.raises(
        ValueError, match=r"^FEATURES_KEY: missing; allowed with FEATURES_TABLE: the name of the table's key$"
    ):
        ServerSettings.from_environment({"FEATURES_TABLE": "customers"})
