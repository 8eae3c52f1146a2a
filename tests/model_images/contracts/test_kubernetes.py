"""Probes, metrics and the API's description, of a running server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from model_images.contracts.kubernetes import input_schema
from model_images.model_file import Input
from tests.model_images.conftest import SAMPLES
from tests.model_images.live import LiveServer, start_source
from tests.model_images.served import InProcess


def schema_of(server: LiveServer, name: str) -> jsonschema.Draft202012Validator:
    document = server.get("/openapi.json").json()
    return jsonschema.Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_warm_server_is_alive_and_ready(fraud: LiveServer, path: str) -> None:
    answer = fraud.get(path)
    assert (answer.status, answer.body) == (200, b"ok\n")


def test_metrics_are_the_sum_of_both_workers(fraud: LiveServer) -> None:
    def rows() -> float:
        told = fraud.get("/metrics").body.decode()
        return float(next(line.split()[1] for line in told.splitlines() if line.startswith("model_rows_total ")))

    before = rows()
    for _ in range(10):  # on connections of their own, so that both workers get some
        fraud.post_json("/invocations", {"instances": [[1, 3, True], [2, 3, True]]})
    assert rows() == before + 20


def test_metrics_say_what_they_are(fraud: LiveServer) -> None:
    assert fraud.get("/metrics").headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_the_description_is_valid_openapi(fraud: LiveServer) -> None:
    validate(fraud.get("/openapi.json").json())


@pytest.mark.parametrize(
    "instance",
    [[12.5, 23, False], {"amount": 0, "hour": 0, "foreign_card": True}],
)
def test_the_described_request_is_answered_as_described(fraud: LiveServer, instance: Any) -> None:
    request = {"instances": [instance]}
    assert schema_of(fraud, "Request").is_valid(request)
    answer = fraud.post_json("/invocations", request)
    assert answer.status == 200
    assert schema_of(fraud, "Answer").is_valid(answer.json())


@pytest.mark.parametrize(
    "instance",
    [
        [12.5, 24, False],
        [-1, 3, False],
        [1, 3.5, False],
        [1, 3],
        [1, 3, False, 4],
        [1, 3, "no"],
        [1, True, False],
        {"amount": 0, "hour": 0},
        {"amount": 0, "hour": 0, "foreign_card": True, "more": 1},
        5,
    ],
)
def test_what_the_description_forbids_is_refused(fraud: LiveServer, instance: Any) -> None:
    request = {"instances": [instance]}
    assert not schema_of(fraud, "Request").is_valid(request)
    answer = fraud.post_json("/invocations", request)
    assert answer.status == 422
    assert schema_of(fraud, "Error").is_valid(answer.json())


def test_probes_do_not_depend_on_the_cache() -> None:
    server = start_source(SAMPLES / "fraud", {"REDIS_URL": "redis://127.0.0.1:1/0", "WORKERS": "1"})
    probes: Mapping[str, int] = {path: server.get(path).status for path in ("/livez", "/readyz", "/ping")}
    assert set(probes.values()) == {200}
    assert server.stop() == 0


def test_who_is_not_ready_says_whether_it_ends(mixed: InProcess) -> None:
    mixed.ready = False
    assert mixed.ask("GET", "/readyz").body == b"not all workers are warm\n"
    mixed.draining = True
    assert mixed.ask("GET", "/readyz").body == b"draining\n"


def test_an_input_is_described_with_its_range_or_its_values() -> None:
    assert input_schema(Input(name="a", type="int64", min=0, max=23)) == {
        "type": "integer", "format": "int64", "minimum": 0, "maximum": 23
    }  # fmt: skip
    assert input_schema(Input(name="a", type="string", values=("x", "y"))) == {"enum": ["x", "y"]}
