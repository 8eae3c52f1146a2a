"""A server started for a gate: its own settings, its failures told, never left behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from model_images.gates.lambda_stand_in import lambda_answers
from model_images.gates.load import cpu_seconds, load_round
from model_images.gates.server import ServerFailed, started
from tests.model_images.gates.subjects import MODEL_PY, subject


def test_settings_of_the_caller_do_not_count_and_the_server_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MAX_QUEUE_ROWS", "none")
        monkeypatch.setenv("AIP_HTTP_PORT", str(taken.getsockname()[1]))
        with started(subject(tmp_path).folder) as server:
            body = b'{"instances": [[3.0, 1, "free"]]}'
            load = load_round(server, body, 0.1)
            assert server.ask("POST", "/invocations", body).body == b'{"predictions":[{"label":0,"score":1.0}]}'
            assert load.seconds
            assert min(load.seconds) <= load.p99_s
            with pytest.raises(ServerFailed, match="under load: answered 422"):
                load_round(server, b'{"instances": [[3.0, 99, "free"]]}', 0.1)
            assert cpu_seconds(server.process.pid) is not None
        assert server.process.returncode == 0
        assert cpu_seconds(server.process.pid) is None


def test_a_model_that_does_not_load_is_told_with_its_reason(tmp_path: Path) -> None:
    folder = subject(tmp_path, code="import no_such_package\n" + MODEL_PY).folder
    with (
        pytest.raises(ServerFailed, match=r"the server does not start: .*No module named 'no_such_package'"),
        started(folder),
    ):
        pass


def test_a_lambda_loop_that_cannot_start_is_told(tmp_path: Path) -> None:
    folder = subject(tmp_path, code="import no_such_package\n" + MODEL_PY).folder
    with pytest.raises(ServerFailed, match=r"the Lambda loop does not start: .*no_such_package"):
        lambda_answers(folder, [b"{}"])
