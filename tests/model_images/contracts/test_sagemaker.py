"""SageMaker's contract, against a running server."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.model_images.contracts.invoking import JSON_BODY, invoke
from tests.model_images.live import LiveServer
from tests.model_images.served import InProcess


def raw(server: LiveServer, sent: bytes) -> bytes:
    """What comes back for bytes that no HTTP client would send; the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_ping_answers_200_with_an_empty_body(fraud: LiveServer) -> None:
    reply = fraud.get("/ping")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")


def test_ping_ignores_what_may_come_along(fraud: LiveServer) -> None:
    assert fraud.ask("GET", "/ping?a=1", None, {"x-extra": "1", "content-type": "application/json"}).status == 200


def test_custom_attributes_are_those_that_the_model_sets(mirror: LiveServer) -> None:
    reply = invoke(mirror, '{"instances": [[1, 0]]}', x_amzn_sagemaker_custom_attributes="mine")
    assert reply.headers["x-amzn-sagemaker-custom-attributes"] == "trace=7"


def test_1024_characters_of_custom_attributes_pass(mirror: LiveServer) -> None:
    reply = invoke(mirror, '{"instances": [[2, 0]]}')
    assert reply.headers["x-amzn-sagemaker-custom-attributes"] == "x" * 1024


@pytest.mark.parametrize("case", [3, 4, 5, 6])
def test_custom_attributes_that_no_header_can_carry_are_left_out(mirror: LiveServer, case: int) -> None:
    reply = invoke(mirror, json.dumps({"instances": [[case, 0]]}))
    assert reply.status == 200
    assert not {"x-amzn-sagemaker-custom-attributes", "set-cookie"} & set(reply.headers)


def test_attributes_that_are_left_out_are_counted(mirror: LiveServer) -> None:
    invoke(mirror, '{"instances": [[3, 0]]}')
    text = mirror.get("/metrics").body.decode()
    [line] = [line for line in text.splitlines() if line.startswith('model_answer_warnings_total{reason="custom')]
    assert float(line.split()[1]) >= 1


@pytest.mark.parametrize("length", [1, 1024, 1025, 8000])
def test_custom_attributes_that_the_model_does_not_set_are_not_answered(fraud: LiveServer, length: int) -> None:
    reply = invoke(fraud, JSON_BODY, x_amzn_sagemaker_custom_attributes="a" * length)
    assert reply.status == 200
    assert "x-amzn-sagemaker-custom-attributes" not in reply.headers


@pytest.mark.parametrize(
    "attributes", [b"a\r\nset-cookie: b", b"a\rset-cookie: b", b"a\nset-cookie: b", b"\x00", b"\xff\xe9"]
)
def test_line_breaks_in_custom_attributes_inject_nothing(fraud: LiveServer, attributes: bytes) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n" % len(JSON_BODY)
    head += b"x-amzn-sagemaker-custom-attributes: " + attributes + b"\r\n\r\n"
    answer = raw(fraud, head + JSON_BODY.encode())
    assert answer.split()[1] in {b"200", b"400"}
    assert b"set-cookie" not in answer.lower()
    assert fraud.get("/ping").status == 200


def test_the_headers_of_the_platform_change_nothing(fraud: LiveServer, score: float) -> None:
    names = "target-model target-variant target-container-hostname enable-explanations inference-component session-id"
    platform = {f"x-amzn-sagemaker-{name}": "anything" for name in names.split()}
    reply = fraud.ask("POST", "/invocations", JSON_BODY, {**platform, "prefix-aware-id": "a", "x-unknown": "b"})
    assert reply.json() == {"predictions": [score]}


def test_the_inference_id_is_the_prediction_id(fraud: LiveServer) -> None:
    assert invoke(fraud, JSON_BODY, x_amzn_sagemaker_inference_id="order-1").headers["x-prediction-id"] == "order-1"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/models"),
        ("POST", "/models"),
        ("GET", "/models/a"),
        ("DELETE", "/models/a"),
        ("POST", "/models/a/invoke"),
    ],
)
def test_an_image_with_one_model_has_no_multi_model_routes(fraud: LiveServer, method: str, path: str) -> None:
    reply = fraud.ask(method, path, "{}" if method == "POST" else None)
    assert reply.status == 404
    assert reply.json() == {
        "error": "this image holds one model, fraud: there are no multi-model routes; POST /invocations"
    }


def test_a_body_of_25_mib_is_read(fraud: LiveServer, score: float) -> None:
    assert invoke(fraud, JSON_BODY.ljust(26_214_400)).json() == {"predictions": [score]}


def test_a_longer_body_is_refused_before_it_is_sent(fraud: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: a\r\ncontent-length: 26214401\r\n\r\n"
    with socket.create_connection(("127.0.0.1", fraud.port), timeout=30) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_failure_of_the_model_shows_nothing_of_it(mirror: LiveServer) -> None:
    reply = invoke(mirror, '{"instances": [[500, 0]]}', x_amzn_sagemaker_inference_id="case-1")
    assert reply.status == 500
    assert reply.json() == {"error": "the model failed; prediction id case-1"}


@pytest.mark.parametrize("path", ["/ping", "/health"])
@pytest.mark.parametrize(("ready", "draining"), [(False, False), (True, True), (False, True)])
def test_ping_is_503_with_an_empty_body_until_all_workers_are_warm_and_while_draining(
    mixed: InProcess, path: str, ready: bool, draining: bool
) -> None:
    mixed.ready, mixed.draining = ready, draining
    answer = mixed.ask("GET", path)
    assert (answer.status, answer.body) == (503, b"")


@pytest.mark.slow
def test_ping_keeps_within_the_platforms_2_s_while_128_clients_ask(fraud: LiveServer) -> None:
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            assert invoke(fraud, JSON_BODY).status == 200

    with ThreadPoolExecutor(128) as clients:
        asking = [clients.submit(ask) for _ in range(128)]
        try:
            for _ in range(50):
                began = time.monotonic()
                assert fraud.get("/ping").status == 200
                assert time.monotonic() - began < 2
        finally:
            ended.set()
    for one in asking:
        one.result()
