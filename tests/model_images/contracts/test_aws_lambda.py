"""The image's entry point on Lambda: a real process, asked through a real Runtime API."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from model_images.contracts.lambda_loops import LONGEST_INVOCATION_S, MARGIN_S, monotonic_deadline
from tests.model_images.contracts.lambda_double import ENTRY, GUARD_S, LambdaProcess, RuntimeApiDouble, start_lambda
from tests.model_images.contracts.test_lambda_events import balancer_event, http_event, rest_event
from tests.model_images.served import write_model

Start = Callable[..., LambdaProcess]
# Sleeps for `seconds`, so that a test can see two predictions at once, a deadline, or a failure.
YAML = """
name: sleeper
version: "1.0"
framework: python
artifact: model.py
inputs: [{name: seconds, type: float64, min: 0}, {name: text, type: string}]
outputs: [{name: said, type: string}]
warmup: {instances: [[0, warm]]}
batching: {max_rows: 1}
"""
CODE = """
import os, time
from model_images.serve.rows import RowRefused

def load(folder):
    if os.environ.get("FAIL"):
        raise ValueError(os.environ["FAIL"])

def predict(model, rows):
    for place, row in enumerate(rows):
        if row["text"] == "refuse":
            raise RowRefused(place, "no such text")
        if row["text"] == "fail":
            raise KeyError("broken")
        time.sleep(row["seconds"])
    return [os.environ.get("_X_AMZN_TRACE_ID", "") if row["text"] == "trace" else row["text"] for row in rows]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("sleeper"), YAML, CODE)


@pytest.fixture
def api() -> Iterator[RuntimeApiDouble]:
    double = RuntimeApiDouble()
    yield double
    double.close()


@pytest.fixture
def start(folder: Path, api: RuntimeApiDouble) -> Iterator[Start]:
    """Starts a function of the test's own; all are gone at its end."""
    running: list[LambdaProcess] = []

    def started(environ: Mapping[str, str] | None = None, command: Sequence[str] = ENTRY) -> LambdaProcess:
        running.append(start_lambda(folder, api.address, environ, command))
        return running[-1]

    yield started
    for process in running:
        process.kill()


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[RuntimeApiDouble, LambdaProcess]]:
    """One function that the tests below share."""
    double = RuntimeApiDouble()
    running = start_lambda(folder, double.address)
    yield double, running
    running.stop()
    double.close()


@pytest.fixture
def function(served: tuple[RuntimeApiDouble, LambdaProcess]) -> RuntimeApiDouble:
    return served[0]


def rows(*texts: str, seconds: float = 0) -> dict[str, Any]:
    return {"instances": [[seconds, text] for text in texts]}


def posted(content: Any, make: Any = http_event, **changes: Any) -> dict[str, Any]:
    return make(body=json.dumps(content), **changes)


def test_a_direct_event_is_answered_with_predictions(function: RuntimeApiDouble) -> None:
    told = function.invoke(rows("a", "b"))
    assert told.path.endswith("/response")
    assert told.body == b'{"predictions":["a","b"]}'


def test_the_answer_goes_to_the_request_that_it_is_for(function: RuntimeApiDouble) -> None:
    assert function.invoke(rows("a"), Aws_Request_Id="the-id").path == "invocation/the-id/response"


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        (rows("refuse"), "Request.RowRefused", "instances[0]: no such text"),
        ({"instances": [[-1, "a"]]}, "Request.RowRefused", "instances[0].seconds"),
        ({"nothing": 1}, "Request.Unreadable", ""),
        (b"", "Request.Unreadable", ""),
        (b"[" * 100_000, "Request.Unreadable", ""),
        (rows("fail"), "Model.Failed", "the model failed; prediction id request-"),
        (http_event(headers=3), "Request.Unreadable", "event.headers"),
    ],
)
def test_a_direct_event_that_fails_goes_to_the_error_route(
    function: RuntimeApiDouble, event: Any, kind: str, said: str
) -> None:
    told = function.invoke(event)
    assert told.path.endswith("/error")
    assert told.headers["Lambda-Runtime-Function-Error-Type"] == kind
    assert (told.json()["errorType"], told.json()["stackTrace"]) == (kind, [])
    assert said in told.json()["errorMessage"]
    assert "Traceback" not in told.json()["errorMessage"]


@pytest.mark.parametrize("make", [rest_event, http_event, balancer_event])
def test_an_event_of_each_proxy_is_answered_in_its_form(function: RuntimeApiDouble, make: Any) -> None:
    said = function.invoke(posted(rows("a"), make)).json()
    assert (said["statusCode"], said["body"], said["isBase64Encoded"]) == (200, '{"predictions":["a"]}', False)
    assert said["headers"]["x-prediction-id"].startswith("request-")


def test_a_client_s_own_request_id_is_the_prediction_id(function: RuntimeApiDouble) -> None:
    event = posted(rows("a"), headers={"content-type": "application/json", "x-request-id": "mine"})
    assert function.invoke(event).json()["headers"]["x-prediction-id"] == "mine"


def test_a_refusal_behind_a_proxy_is_an_answer_and_no_error(function: RuntimeApiDouble) -> None:
    told = function.invoke(posted(rows("refuse")))
    assert told.path.endswith("/response")
    assert told.json()["statusCode"] == 422
    assert json.loads(told.json()["body"]) == {"error": "instances[0]: no such text"}


def test_bodies_in_base64_are_read_and_binary_answers_are_base64(function: RuntimeApiDouble) -> None:
    tensors = [
        {"name": "seconds", "datatype": "FP64", "shape": [1, 1], "data": [0]},
        {"name": "text", "datatype": "BYTES", "shape": [1, 1], "data": ["a"]},
    ]
    content = {"inputs": tensors, "parameters": {"binary_data_output": True}}
    body = base64.b64encode(json.dumps(content).encode()).decode()
    said = function.invoke(http_event(rawPath="/v2/models/sleeper/infer", body=body, isBase64Encoded=True)).json()
    assert said["isBase64Encoded"] is True
    assert base64.b64decode(said["body"]).endswith(b"}\1\0\0\0a")


@pytest.mark.parametrize(("path", "status"), [("/ping", 200), ("/readyz", 200), ("/nothing", 404)])
def test_the_other_routes_answer_as_well(function: RuntimeApiDouble, path: str, status: int) -> None:
    context = {"http": {"method": "GET"}, "stage": "$default"}
    assert function.invoke(http_event(rawPath=path, requestContext=context)).json()["statusCode"] == status


def test_the_trace_is_where_tracing_libraries_look_for_it(function: RuntimeApiDouble) -> None:
    assert function.invoke(rows("trace"), Trace_Id="Root=1-x").json() == {"predictions": ["Root=1-x"]}


def test_an_answer_over_lambda_s_limit_is_an_error_that_says_so(function: RuntimeApiDouble) -> None:
    large = rows(*["x" * 1_000_000] * 7)
    told = function.invoke(large)
    assert told.headers["Lambda-Runtime-Function-Error-Type"] == "Answer.TooLarge"
    assert "allowed: 6291456; send fewer rows at once" in told.json()["errorMessage"]
    assert function.invoke(posted(large)).json()["statusCode"] == 413
    assert function.invoke(rows("a")).json() == {"predictions": ["a"]}


def test_an_answer_that_the_runtime_api_finds_too_large_becomes_an_error(function: RuntimeApiDouble) -> None:
    function.statuses["/response"] = 413
    try:
        assert function.invoke(rows("a")).path.endswith("/error")
    finally:
        function.statuses.clear()


def test_there_is_one_process_and_no_child(served: tuple[RuntimeApiDouble, LambdaProcess]) -> None:
    served[0].invoke(rows("a"))
    assert served[1].children() == []


def test_invocations_run_one_after_another_unless_more_are_allowed(function: RuntimeApiDouble) -> None:
    first, second = function.send(rows("a", seconds=0.2)), function.send(rows("b"))
    assert second.told.get(timeout=GUARD_S).json() == {"predictions": ["b"]}
    assert not first.told.empty()


def test_parallel_invocations_are_all_answered(api: RuntimeApiDouble, start: Start) -> None:
    running = start({"AWS_LAMBDA_MAX_CONCURRENCY": "4"})
    for _ in range(4):
        assert api.asked.get(timeout=GUARD_S) == "invocation/next"
    exchanges = [api.send(rows(f"row {number}")) for number in range(40)]
    said = [exchange.told.get(timeout=GUARD_S).json() for exchange in exchanges]
    assert said == [{"predictions": [f"row {number}"]} for number in range(40)]
    assert running.stop() == 0


def test_a_model_that_cannot_be_loaded_is_told_to_lambda_and_ends_the_process(
    api: RuntimeApiDouble, start: Start
) -> None:
    running = start({"FAIL": "no weights"})
    assert running.ended() != 0
    told = api.start_errors.get(timeout=GUARD_S)
    assert told.headers["Lambda-Runtime-Function-Error-Type"].startswith("Start.")
    assert "no weights" in told.json()["errorMessage"]
    assert "Traceback" not in running.log


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AWS_LAMBDA_MAX_CONCURRENCY": "0"}, "AWS_LAMBDA_MAX_CONCURRENCY: got '0'; allowed: 1 to 1024"),
        pytest.param({"MAX_QUEUE_ROWS": "many"}, "MAX_QUEUE_ROWS: got 'many'", marks=pytest.mark.slow),
        pytest.param({"MODEL_DIR": "/nowhere"}, "/nowhere/model.yaml", marks=pytest.mark.slow),
    ],
)
def test_a_wrong_environment_is_told_to_lambda_as_well(
    api: RuntimeApiDouble, start: Start, environ: Mapping[str, str], said: str
) -> None:
    assert start(environ).ended() != 0
    assert said in api.start_errors.get(timeout=GUARD_S).json()["errorMessage"]


def test_the_process_ends_when_the_runtime_api_is_at_its_end(api: RuntimeApiDouble, start: Start) -> None:
    api.statuses["invocation/next"] = 500
    running = start()
    assert running.ended() == 1
    assert "invocation/next answered 500" in running.log


def test_the_process_ends_cleanly_while_it_waits_for_an_event(api: RuntimeApiDouble, start: Start) -> None:
    running = start()
    api.asked.get(timeout=GUARD_S)
    assert running.stop() == 0


def test_with_snapstart_the_snapshot_comes_before_the_first_event(api: RuntimeApiDouble, start: Start) -> None:
    running = start({"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    assert api.asked.get(timeout=GUARD_S) == "restore/next"
    exchange = api.send(rows("a"))
    assert api.asked.empty()
    api.restored.set()
    assert exchange.told.get(timeout=GUARD_S).json() == {"predictions": ["a"]}
    assert running.stop() == 0


def test_a_prediction_that_takes_longer_than_the_invocation_may_is_an_error_before_that(
    api: RuntimeApiDouble, start: Start
) -> None:
    start()
    api.invoke(rows("warm"))
    deadline = str(int(time.time() * 1000) + 1000)
    told = api.invoke(rows("a", seconds=1.5), Deadline_Ms=deadline)
    assert told.headers["Lambda-Runtime-Function-Error-Type"] == "Server.DeadlinePassed"
    assert time.time() * 1000 < int(deadline)


@pytest.mark.slow
def test_a_read_only_root_no_home_and_no_shared_memory_are_no_hindrance(api: RuntimeApiDouble, start: Start) -> None:
    confined = "mount -o remount,bind,ro / && mount -t tmpfs -o ro none /dev/shm && ! touch /dev/shm/x 2>&- && exec "
    command = ("unshare", "--mount", "sh", "-c", confined + " ".join(ENTRY))
    running = start(command=command)
    assert api.invoke(rows("a")).json() == {"predictions": ["a"]}
    assert running.stop() == 0


def test_the_deadline_leaves_a_margin_to_answer_in() -> None:
    left = monotonic_deadline(int(time.time() * 1000) + 10_000) - time.monotonic()
    assert 9 < left <= 10 - MARGIN_S + 0.01
    short = monotonic_deadline(int(time.time() * 1000) + 1000) - time.monotonic()
    assert 0.5 < short <= 0.81


@pytest.mark.parametrize("deadline_ms", [0, 10**15])
def test_a_deadline_that_is_missing_or_far_away_is_lambda_s_longest(deadline_ms: int) -> None:
    assert monotonic_deadline(deadline_ms) - time.monotonic() <= LONGEST_INVOCATION_S


def test_what_is_captured_is_written_before_the_process_ends(
    api: RuntimeApiDouble, start: Start, tmp_path: Path
) -> None:
    running = start({"CAPTURE_SINK": f"file:{tmp_path}"})
    assert api.invoke(rows("a")).json() == {"predictions": ["a"]}
    assert running.stop() == 0
    [path] = tmp_path.iterdir()
    assert json.loads(path.read_text())["outputs"] == [{"said": "a"}]
