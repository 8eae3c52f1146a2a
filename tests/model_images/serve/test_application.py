"""Dispatch, ids, counts, and what a client is told when the model fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_images.serve.messages import Answer
from model_images.serve.metrics import REFUSED_ROWS
from tests.model_images.conftest import Starting
from tests.model_images.folders import model_folder
from tests.model_images.served import InProcess, request

CODE = """
import time
from model_images.serve.rows import RowRefused

class Odd(Exception):
    pass

def load(folder):
    return {"DE": 1.0, "FR": 2.0}

def predict(model, rows):
    for row in rows:
        if row["amount"] == 1:
            raise ValueError("secret of the model")
        if row["amount"] == 2:
            raise Odd("secret of the model")
        if row["amount"] == 4:
            raise RowRefused(0, "amount: got 4; allowed: others")
    return [row["amount"] for row in rows]
"""


def row(amount: float) -> bytes:
    return b'{"instances": [[%g, "DE"]]}' % amount


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    running = InProcess(model_folder(tmp_path_factory.mktemp("model"), code=CODE))
    yield running
    running.close()


def counted(served: InProcess, contract: str, status: int) -> float:
    return served.served.metrics.total(f'model_requests_total{{contract="{contract}",status="{status}"}}')


def predicted(served: InProcess, amount: float) -> Answer:
    return served.ask("POST", "/invocations", row(amount))


def test_a_model_that_fails_is_answered_500_without_a_word_of_its_own(served: InProcess) -> None:
    answer = predicted(served, 1)
    assert (answer.status, answer.body) == (500, b'{"error":"the model failed; prediction id id-1"}')


def test_what_the_model_said_is_in_the_log_under_the_prediction_id(
    served: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    predicted(served, 1)
    assert "prediction id id-1: the model failed" in caplog.text
    assert "secret of the model" in caplog.text


def test_answers_are_counted_by_contract_and_status(served: InProcess) -> None:
    before = [counted(served, *which) for which in (("sagemaker", 200), ("sagemaker", 422), ("none", 404))]
    predicted(served, 5)
    served.ask("POST", "/invocations", b'{"instances": [["x", "DE"]]}')
    served.ask("GET", "/nowhere")
    after = [counted(served, *which) for which in (("sagemaker", 200), ("sagemaker", 422), ("none", 404))]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1]


def test_every_refused_row_is_counted_whoever_refuses_it(served: InProcess) -> None:
    before = served.served.metrics.total(REFUSED_ROWS)
    served.ask("POST", "/invocations", b'{"instances": [["x", "DE"]]}')
    served.ask("POST", "/invocations", row(4))
    served.ask("POST", "/invocations", b"no JSON")
    assert served.served.metrics.total(REFUSED_ROWS) - before == 2


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br, gzip", 415), ("identity", 200), ("", 200)])
def test_a_body_that_is_compressed_is_refused_as_such(served: InProcess, encoding: str, status: int) -> None:
    answer = served.ask("POST", "/invocations", row(5), {"content-encoding": encoding})
    assert answer.status == status
    assert status == 200 or b"Content-Encoding: got" in answer.body


def test_a_request_whose_client_went_is_counted_499(tmp_path: Path) -> None:
    slow = CODE.replace("    for row in rows:", "    time.sleep(0.05)\n    for row in rows:", 1)
    running = InProcess(model_folder(tmp_path, code=slow))

    async def gone() -> None:
        asked = request(running.loop, "POST", "/invocations", row(5), None)
        asking = asyncio.create_task(running.application.answer(asked))
        await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    running.run(gone())
    assert counted(running, "sagemaker", 499) == 1
    running.close()


def test_the_paths_that_vertex_names_win_over_others(tmp_path: Path) -> None:
    running = InProcess(model_folder(tmp_path, code=CODE), {"AIP_HEALTH_ROUTE": "/livez", "AIP_PREDICT_ROUTE": "/ping"})
    running.ready = False
    assert running.ask("GET", "/livez").status == 503
    assert running.ask("POST", "/ping", row(5)).status == 200
    assert running.ask("GET", "/ping").status == 503  # another verb of the same path stays
    running.close()


@pytest.mark.parametrize("given", [b"order-17", b"a" * 128])
def test_a_clients_name_for_its_request_is_its_id(served: InProcess, given: bytes) -> None:
    assert served.application.request_id({b"x-amzn-sagemaker-inference-id": given}) == given.decode()


@pytest.mark.parametrize("given", [b"", b"a" * 129, b"a b", b"\xc3\xa9", b"a\r\nx: y"])
def test_a_name_that_no_header_carries_is_replaced(served: InProcess, given: bytes) -> None:
    assert len(served.application.request_id({b"x-request-id": given})) == 24


def test_an_error_of_the_models_own_kind_is_answered_500_as_well(starting: Starting, tmp_path: Path) -> None:
    server = starting(model_folder(tmp_path, code=CODE), {"WORKERS": "1"})
    answer = server.ask("POST", "/invocations", row(2))
    assert answer.status == 500
    assert answer.json()["error"].startswith("the model failed")
    assert "Odd: secret of the model" in server.log
    assert server.ask("POST", "/invocations", row(5)).status == 200
    assert server.stop() == 0


def test_a_probe_does_not_wait_for_all_who_predict(tmp_path: Path) -> None:
    """Each prediction is quick enough for the event loop, all of them together are not."""
    code = CODE.replace("    for row in rows:", "    time.sleep(0.0005)\n    for row in rows:", 1)
    running = InProcess(model_folder(tmp_path, code=code))
    ended: list[str] = []

    async def ask(method: str, path: str, body: bytes) -> None:
        await running.application.answer(request(running.loop, method, path, body, None))
        ended.append(path)

    async def all_at_once() -> None:
        asking = [asyncio.create_task(ask("POST", "/invocations", row(5))) for _ in range(100)]
        await asyncio.gather(*asking, asyncio.create_task(ask("GET", "/ping", b"")))

    running.run(all_at_once())
    running.close()
    assert ended.index("/ping") < 50
