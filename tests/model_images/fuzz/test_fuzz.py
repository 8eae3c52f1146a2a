"""A small part of the fuzzing that `make fuzz` does, with inputs that are the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_images.serve.messages import Answer
from tests.model_images.fuzz.campaign import ENVIRON, drawn, fuzz
from tests.model_images.fuzz.checks import Wrong, check
from tests.model_images.fuzz.inputs import MAKERS, Input
from tests.model_images.fuzz.wire import fuzz_wire
from tests.model_images.live import LiveServer, start_source
from tests.model_images.served import mixed_model


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    running = start_source(mixed_model(tmp_path), ENVIRON)
    yield running
    running.stop()


def test_no_input_of_any_contract_is_answered_with_a_server_error_or_not_at_all() -> None:
    statuses = fuzz(3000, seed=1, report=print)
    assert statuses[200] > 500
    assert {400, 404, 405, 406, 415, 422} <= set(statuses)


def test_no_bytes_on_a_socket_end_a_worker_or_leave_a_whole_request_unanswered(server: LiveServer) -> None:
    statuses = fuzz_wire(server, 600, seed=1)
    assert statuses[200] > 60


def test_an_input_is_the_same_each_time_and_another_with_another_seed() -> None:
    assert [drawn(7, number) for number in range(50)] == [drawn(7, number) for number in range(50)]
    assert drawn(7, 1) != drawn(8, 1)


@pytest.mark.parametrize("maker", dict.fromkeys(MAKERS))
def test_every_contract_has_inputs(maker: object) -> None:
    assert callable(maker)
    given = maker(random.Random(3), True)
    assert given.event is not None or given.body or given.method == "GET"


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        (Answer(500, b'{"error":"x"}'), False),
        (Answer(422, b'{"error":"x"}'), True),
        (Answer(422, b'{"error":""}'), False),
        (Answer(400, b"no"), False),
        (Answer(200, b'{"predictions":[NaN]}'), False),
        (Answer(200, b"{}", headers=((b"a", b"b\r\nc"),)), False),
        (Answer(200, b'{"outputs":[{"shape":[2],"data":[1]}]}'), False),
        (Answer(400, b'{"error":"Traceback (most recent call last)"}'), False),
    ],
)
def test_the_checks_find_what_they_are_for(answer: Answer, valid: bool) -> None:
    with pytest.raises(Wrong):
        check(Input("POST", "/", valid=valid), answer)
