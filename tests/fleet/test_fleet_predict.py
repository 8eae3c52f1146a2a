"""Where a model answers, and what is said about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from fleet.errors import BadUsage
from fleet.predict import ANSWER_BYTES, OFFLINE_NOTE, addresses, ask, send, warm_up_example
from tests.fleet.fleets import DOOR, fleet, snapshot, survey

EXAMPLE = {"instances": [[1.0, 2.0]]}


class Model(BaseHTTPRequestHandler):
    """Answers a prediction with the request it got, hangs up below `/silent`, leads on below `/moved`; else 404."""

    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.seen.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/silent"):
            return
        self.send_response(302 if self.path.startswith("/moved") else 200 if self.path == "/invocations" else 404)
        self.send_header("Location", "/invocations")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815  the name that the library calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Generator[str]:
    with HTTPServer(("127.0.0.1", 0), Model) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "model_images" / "samples" / "fraud"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text("warmup: {instances: [[1.0, 2.0]]}\n", encoding="utf-8")
    return tmp_path


def test_a_model_that_answers_is_asked_its_warm_up_example(root: Path, server: str) -> None:
    real = replace(fleet(root), offline=False)
    example, (answer,) = ask("fraud", real, survey({DOOR: snapshot(urls={"fraud": server})}))
    assert (example, answer.jurisdiction, answer.status) == (EXAMPLE, "eu", 200)
    assert json.loads(answer.body) == EXAMPLE


def test_an_offline_environment_is_not_asked(root: Path) -> None:
    _, (answer,) = ask("fraud", fleet(root), survey({DOOR: snapshot(urls={"fraud": "https://x"})}))
    assert (answer.status, answer.body) == (None, OFFLINE_NOTE)


def test_a_refusal_is_an_answer(server: str) -> None:
    assert send(f"{server}/elsewhere", EXAMPLE)[0] == 404


def test_what_a_caller_shows_is_not_shown_where_a_redirect_leads(server: str) -> None:
    Model.seen.clear()
    status, _ = send(f"{server}/moved", EXAMPLE, {"x-api-key": "secret"})
    assert (status, Model.seen) == (302, ["/moved/invocations"])


def test_who_hangs_up_is_told(server: str) -> None:
    assert send(f"{server}/silent", EXAMPLE) == (None, "nothing answers: RemoteDisconnected")


def test_a_key_that_is_no_header_is_not_told(server: str) -> None:
    status, told = send(server, EXAMPLE, {"x-api-key": "secret\r\nHost: x"})
    assert (status, "secret" in told, told.split(":")[0]) == (None, False, "not sent")


def test_a_long_answer_is_cut(server: str) -> None:
    status, body = send(server, {"instances": ["x" * (2 * ANSWER_BYTES)]})
    assert (status, len(body)) == (200, ANSWER_BYTES)


def test_nothing_that_answers_is_told_with_the_reason() -> None:
    status, told = send("http://127.0.0.1:9", EXAMPLE, timeout_s=1)
    assert status is None
    assert told.startswith("nothing answers")


def test_an_unknown_model_is_refused_with_those_there_are(root: Path) -> None:
    with pytest.raises(BadUsage, match='predict: got "fruad"; allowed: fraud\n  next: did you mean "fraud"'):
        addresses("fruad", fleet(root), survey({DOOR: snapshot(urls={"fraud": "https://x"})}))


def test_before_a_front_door_stands_that_is_said(root: Path) -> None:
    with pytest.raises(BadUsage, match="no front door stands"):
        addresses("fraud", fleet(root), survey({}))


def test_a_model_without_an_example_is_told_by_its_file(root: Path) -> None:
    (root / "model_images" / "samples" / "fraud" / "model.yaml").write_text("name: fraud\n", encoding="utf-8")
    with pytest.raises(BadUsage, match=r"model\.yaml: warmup: got nothing"):
        warm_up_example(root, "fraud")
    (root / "model_images" / "samples" / "fraud" / "model.yaml").write_bytes(b"warmup: [\xff")
    with pytest.raises(BadUsage, match=r"model\.yaml: no YAML that can be read"):
        warm_up_example(root, "fraud")
