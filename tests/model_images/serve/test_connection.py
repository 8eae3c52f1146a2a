"""HTTP on the wire: what is refused before it is read, what is not waited for, and what a connection goes on with."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.model_images.conftest import SAMPLES
from tests.model_images.live import LiveServer, start_source
from tests.model_images.load import get, post

LIMIT = 1000
ROW = b'{"instances": [[129.9, 3, true]]}'
GOOD = post("/invocations", ROW)


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A server with little patience and a low limit."""
    running = start_source(
        SAMPLES / "fraud", {"BODY_LIMIT_BYTES": str(LIMIT), "REQUEST_TIMEOUT_S": "0.5", "WORKERS": "1"}
    )
    yield running
    assert running.stop() == 0


def said(server: LiveServer, *pieces: bytes) -> bytes:
    """All that the server says to these bytes until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        for piece in pieces:
            client.sendall(piece)
        got = b""
        while data := client.recv(65536):
            got += data
        return got


def first_said(server: LiveServer, request: bytes) -> bytes:
    """What the server says at once; then the client goes."""
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        client.sendall(request)
        return client.recv(65536)


def closing(request: bytes) -> bytes:
    """The same request, as the last one of its connection."""
    return request.replace(b"host: test", b"host: test\r\nconnection: close", 1)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def error(answer: bytes) -> str:
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server: LiveServer) -> None:
    answer = first_said(server, b"POST /invocations HTTP/1.1\r\nhost: test\r\ncontent-length: 1001\r\n\r\n")
    assert status(answer) == 413
    assert error(answer) == "body: got 1001 bytes; allowed: 1000"
    assert b"connection: close" in answer


def test_a_client_that_sends_its_long_body_all_the_same_can_read_the_refusal(server: LiveServer) -> None:
    length = 5_000_000
    answer = server.ask("POST", "/invocations", b"x" * length)
    assert (answer.status, answer.json()) == (413, {"error": f"body: got {length} bytes; allowed: 1000"})


def test_a_chunked_body_over_the_limit_is_refused_while_it_comes(server: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = said(server, head, b"200\r\n" + b"x" * 512 + b"\r\n", b"200\r\n" + b"x" * 512 + b"\r\n0\r\n\r\n")
    assert status(answer) == 413
    assert error(answer) == "body: got more than 1000 bytes; allowed: 1000"


def test_a_body_of_exactly_the_limit_is_read(server: LiveServer) -> None:
    answer = server.ask("POST", "/invocations", ROW + b" " * (LIMIT - len(ROW)), {"content-type": "application/json"})
    assert answer.status == 200


def test_a_chunked_body_is_read(server: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: t\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    half = len(ROW) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (ROW[:half], ROW[half:]))
    assert status(said(server, head + chunks + b"0\r\n\r\n")) == 200


def test_a_client_that_asks_first_is_told_to_go_on(server: LiveServer) -> None:
    asking = closing(GOOD).replace(b"host: test", b"host: test\r\nexpect: 100-continue", 1)
    head, body = asking.split(b"\r\n\r\n", 1)
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        client.sendall(head + b"\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert status(client.recv(65536)) == 200


def test_a_client_that_asks_first_with_a_long_body_is_refused(server: LiveServer) -> None:
    answer = first_said(server, b"POST /x HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 9999\r\n\r\n")
    assert status(answer) == 413


def test_a_head_that_does_not_end_is_not_waited_for(server: LiveServer) -> None:
    assert status(said(server, b"POST /invocations HTTP/1.1\r\nhost: te")) == 408


def test_a_body_that_does_not_come_is_not_waited_for(server: LiveServer) -> None:
    try:
        answer = said(server, GOOD[:-5])
    except ConnectionResetError:
        return
    assert answer == b""


def test_a_head_over_the_limit_is_refused(server: LiveServer) -> None:
    try:
        answer = said(server, b"GET /ping HTTP/1.1\r\nx: ", *[b"y" * 32_768] * 40)
    except (ConnectionResetError, BrokenPipeError):
        return  # the refusal went under the rest of the head
    assert status(answer) == 431


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_1_is_refused_in_json(server: LiveServer, request_: bytes) -> None:
    answer = said(server, request_)
    assert status(answer) == 400
    assert error(answer) == "HTTP: the request is not readable; allowed: HTTP/1.1"


def test_two_lengths_are_refused(server: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    assert status(said(server, head)) == 400


def test_requests_sent_at_once_are_answered_in_their_order(server: LiveServer) -> None:
    answers = said(server, GOOD + get("/livez") + get("/nowhere") + closing(get("/ping")))
    found = [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert found == [200, 200, 404, 200]


def test_a_connection_goes_on_after_requests_sent_at_once(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        client.sendall(get("/livez") * 2)
        got = b""
        while got.count(b"200 OK") < 2:
            got += client.recv(65536)
        client.sendall(get("/livez"))
        assert status(client.recv(65536)) == 200


def test_a_client_that_reads_no_answers_is_asked_to_wait(server: LiveServer) -> None:
    count = 8000
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        client.settimeout(20)
        client.connect(("127.0.0.1", server.port))
        before = described(server)
        client.sendall(get("/openapi.json") * (count - 1) + closing(get("/openapi.json")))
        seen = before
        while (now := described(server)) != seen or now == before:
            seen = now
            time.sleep(0.1)
        assert seen - before < count / 2  # they would lie in the server's memory
        answers = bytearray()
        while data := client.recv(1 << 20):
            answers += data
    assert answers.count(b"HTTP/1.1 200") == count


def described(server: LiveServer) -> float:
    """Descriptions of the API that were answered, and what else Kubernetes' contract was asked but for this."""
    series = b'model_requests_total{contract="kubernetes",status="200"} '
    lines = server.get("/metrics").body.splitlines()
    asked = next((float(line.removeprefix(series)) for line in lines if line.startswith(series)), 0.0)
    return asked - next(ASKED)


ASKED = itertools.count()


def test_a_trailer_changes_nothing_of_the_request(server: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: t\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    trailer = b"0\r\ncontent-type: image/png\r\nx-request-id: another\r\n\r\n"
    answer = said(server, head + b"%x\r\n%b\r\n" % (len(ROW), ROW) + trailer)
    assert status(answer) == 200
    assert b"another" not in answer


def test_a_trailer_over_the_limit_is_refused(server: LiveServer) -> None:
    head = b"POST /invocations HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: "
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        client.sendall(head)
        with pytest.raises(OSError):
            client.sendall(b"y" * 200_000_000)


def test_what_follows_an_unreadable_request_does_not_cost_the_one_before_its_answer(server: LiveServer) -> None:
    assert status(said(server, GOOD + b"\x00\x01\r\n\r\n")) == 200


def test_head_is_answered_without_a_body(server: LiveServer) -> None:
    answer = said(server, closing(get("/livez")).replace(b"GET", b"HEAD", 1))
    assert (status(answer), answer.split(b"\r\n\r\n", 1)[1]) == (200, b"")
    assert b"content-length: 3\r\n" in answer


def test_a_client_of_http_1_0_gets_its_connection_closed(server: LiveServer) -> None:
    answer = said(server, b"GET /livez HTTP/1.0\r\n\r\n")
    assert status(answer) == 200
    assert b"connection: close" in answer


def test_a_client_of_http_1_0_may_keep_its_connection(server: LiveServer) -> None:
    kept = b"GET /livez HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
    answer = said(server, kept + b"GET /livez HTTP/1.0\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"connection: keep-alive" in answer


def test_an_offer_of_http_2_is_answered_as_http_1(server: LiveServer) -> None:
    offer = get("/livez").replace(b"host: test", b"host: test\r\nconnection: upgrade\r\nupgrade: h2c", 1)
    assert status(said(server, offer)) == 200


def test_another_verb_is_told_the_allowed_ones(server: LiveServer) -> None:
    answer = server.ask("DELETE", "/ping")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": "method: got DELETE for /ping; allowed: GET, HEAD"}


def test_an_unknown_path_is_answered_in_json(server: LiveServer) -> None:
    answer = server.get("/nowhere")
    assert (answer.status, answer.json()) == (
        404,
        {"error": "path: got '/nowhere'; allowed: the paths in /openapi.json"},
    )


def test_an_escaped_path_is_the_path_that_it_means(server: LiveServer) -> None:
    assert server.get("/p%69ng").status == 200


def test_every_answer_has_an_id_of_its_own(server: LiveServer) -> None:
    ids = {server.get("/nowhere").headers["x-prediction-id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_request_keeps_the_id_that_its_client_gave_it(server: LiveServer) -> None:
    assert server.get("/livez", **{"X-Request-Id": "order-17"}).headers["x-prediction-id"] == "order-17"


def test_an_id_that_no_header_can_carry_is_replaced(server: LiveServer) -> None:
    assert server.get("/livez", **{"X-Request-Id": "a b" * 90}).headers["x-prediction-id"].isalnum()


def test_a_connection_goes_on_after_requests_that_were_sent_at_once(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 20) as client:
        client.sendall(GOOD + GOOD + GOOD)
        got = b""
        while got.count(b"predictions") < 3:
            got += client.recv(65536)
        client.sendall(get("/livez"))
        assert status(client.recv(65536)) == 200
