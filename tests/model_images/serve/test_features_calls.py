"""How the table is called: how often, how long anybody waits for it, and what happens while it is away."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
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
from model_images.serve.metrics import Metrics
from model_images.serve.settings import ServerSettings
from tests.model_images.live import free_port
from tests.model_images.serve.aws.aws_server import KEYS, written
from tests.model_images.serve.features_asked import COMPLETE, ITEM, Asked, environ_of
from tests.model_images.served import mixed_model


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
