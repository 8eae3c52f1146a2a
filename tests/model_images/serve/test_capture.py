"""Capture of requests and predictions: what is written, and what a sink that is slow or down costs."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from model_images.serve.capture import QUEUE_BYTES, QUEUE_REQUESTS
from model_images.serve.inference import Inference
from model_images.serve.metrics import CAPTURE_DROPPED, CAPTURE_FAILED, CAPTURE_WRITTEN, Metrics
from model_images.serve.schema import Schema
from tests.model_images.serve.small_models import MIXED, Doubler, inference_of, model_of, numbers, request_of


class Taker:
    """A sink over HTTP that keeps what it takes; it answers `status`, and nothing before `gate` is set."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.status = 204
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taker.gate.wait(20)
                taker.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                taker.headers.append(dict(self.headers))
                self.send_response(taker.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/captured?region=eu"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def taker() -> Iterator[Taker]:
    sink = Taker()
    yield sink
    sink.close()


def captured(inference: Inference, requests: int, body: bytes = b"") -> None:
    """Asks that often, with ids from id-0 on, and closes."""

    async def run() -> None:
        for number in range(requests):
            await inference.predict(numbers(float(number), 0.5), request_of(body, id_=f"id-{number}"))
        await inference.close()
        await asyncio.sleep(0)

    asyncio.run(run())


def lines_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def counts(metrics: Metrics) -> tuple[float, float, float]:
    """Written, dropped, failed."""
    return metrics.total(CAPTURE_WRITTEN), metrics.total(CAPTURE_DROPPED), metrics.total(CAPTURE_FAILED)


def test_a_line_a_request_holds_id_time_model_inputs_and_outputs(tmp_path: Path) -> None:
    metrics = Metrics.alone()
    captured(inference_of(Doubler(), metrics=metrics, capture_sink=f"file:{tmp_path}/new"), 2)
    first, second = lines_in(tmp_path / "new")
    assert abs(datetime.fromisoformat(first.pop("time")) - datetime.now(UTC)) < timedelta(minutes=1)
    assert first == {
        "prediction_id": "id-0",
        "model": "tiny",
        "version": "1.0",
        "digest": "sha256:1",
        "inputs": [{"x": 0.0}, {"x": 0.5}],
        "outputs": [{"double": 0.0}, {"double": 1.0}],
    }
    assert second["prediction_id"] == "id-1"
    assert counts(metrics) == (2, 0, 0)


def test_inputs_are_written_in_their_own_types(tmp_path: Path) -> None:
    model = model_of(*MIXED)
    inference = inference_of(Doubler(), model, capture_sink=f"file:{tmp_path}")

    async def run() -> None:
        await inference.predict(Schema(model).from_csv(b"0.1,3,1,free"), request_of())
        await inference.close()

    asyncio.run(run())
    [line] = lines_in(tmp_path)
    assert line["inputs"] == [{"amount": 0.1, "hour": 3, "foreign-card": True, "plan": "free"}]


def test_no_header_and_no_secret_is_written(tmp_path: Path) -> None:
    captured(inference_of(Doubler(), capture_sink=f"file:{tmp_path}"), 1)
    assert not any("secret" in path.read_text() or "authorization" in path.read_text() for path in tmp_path.iterdir())


def test_a_refused_request_is_not_captured(tmp_path: Path) -> None:
    model = Doubler()
    model.error = lambda _: ValueError("no")
    with pytest.raises(ValueError, match="no"):
        captured(inference_of(model, capture_sink=f"file:{tmp_path}"), 1)
    assert lines_in(tmp_path) == []


def test_a_share_of_the_requests_is_captured(tmp_path: Path) -> None:
    captured(inference_of(Doubler(), capture_sink=f"file:{tmp_path}", capture_sample=0.0), 20)
    assert lines_in(tmp_path) == []
    captured(inference_of(Doubler(), capture_sink=f"file:{tmp_path}", capture_sample=0.5), 400)
    assert 100 < len(lines_in(tmp_path)) < 300


def test_lines_are_posted_to_an_address(taker: Taker) -> None:
    captured(inference_of(Doubler(), capture_sink=taker.url), 3)
    assert [json.loads(line)["prediction_id"] for body in taker.bodies for line in body.splitlines()] == [
        "id-0",
        "id-1",
        "id-2",
    ]
    assert taker.headers[0]["Content-Type"] == "application/jsonlines"


def test_a_sink_that_hangs_costs_no_request_anything_and_drops_are_counted(taker: Taker) -> None:
    taker.gate.clear()
    metrics = Metrics.alone()
    inference = inference_of(Doubler(), metrics=metrics, capture_sink=taker.url)

    async def run() -> None:
        for _ in range(QUEUE_REQUESTS + 7):
            await inference.predict(numbers(1.0), request_of())
        assert counts(metrics) == (0, 7, 0)
        taker.gate.set()
        await inference.close()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert counts(metrics) == (QUEUE_REQUESTS, 7, 0)


def test_large_bodies_are_dropped_before_they_fill_the_memory(taker: Taker) -> None:
    taker.gate.clear()
    metrics = Metrics.alone()
    inference = inference_of(Doubler(), metrics=metrics, capture_sink=taker.url)
    body = bytes(QUEUE_BYTES // 4)

    async def run() -> None:
        for _ in range(6):
            await inference.predict(numbers(1.0), request_of(body))
        assert counts(metrics) == (0, 2, 0)
        taker.gate.set()
        await inference.close()

    asyncio.run(run())


def test_a_sink_that_refuses_is_told_once_and_counted(taker: Taker, caplog: pytest.LogCaptureFixture) -> None:
    taker.status = 503
    metrics = Metrics.alone()
    captured(inference_of(Doubler(), metrics=metrics, capture_sink=taker.url), 2)
    assert counts(metrics) == (0, 0, 2)
    assert len(taker.bodies) == 3
    assert caplog.messages == ["capture: the sink fails (it answered 503); captured requests are lost"]


def test_a_folder_that_cannot_be_written_costs_no_request_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    metrics = Metrics.alone()
    with caplog.at_level(logging.WARNING):
        captured(inference_of(Doubler(), metrics=metrics, capture_sink=f"file:{tmp_path}/file/below"), 2)
    assert counts(metrics) == (0, 0, 2)
    assert "Not a directory" in caplog.text


def test_closing_does_not_wait_for_a_sink_that_hangs(taker: Taker) -> None:
    taker.gate.clear()
    captured(inference_of(Doubler(), capture_sink=taker.url), 1)
    assert taker.bodies == []


def test_bytes_that_were_written_count_no_more(tmp_path: Path) -> None:
    metrics = Metrics.alone()
    inference = inference_of(Doubler(), metrics=metrics, capture_sink=f"file:{tmp_path}")
    body = bytes(QUEUE_BYTES)

    async def run() -> None:
        for number in range(2):
            await inference.predict(numbers(1.0), request_of(body, id_=f"id-{number}"))
            async with asyncio.timeout(20):
                while metrics.total(CAPTURE_WRITTEN) <= number:
                    await asyncio.sleep(0.01)
        await inference.close()

    asyncio.run(run())
    assert counts(metrics) == (2, 0, 0)
