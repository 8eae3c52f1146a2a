"""Processes of a live server: drain, death of workers and of the parent, models that cannot be served."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model_images.conftest import SAMPLES, Starting
from tests.model_images.folders import model_folder
from tests.model_images.live import LiveServer
from tests.model_images.load import Load, post

FRAUD_REQUEST = post("/invocations", b'{"instances": [[129.9, 3, true]]}')
ROW = b'{"instances": [[2, "DE"]]}'
GUARD_S = 20.0


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds; fails where it never does."""
    end = time.monotonic() + GUARD_S
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists() or ") Z " in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")


def readiness(server: LiveServer) -> int:
    return server.get("/readyz").status


async def loaded_until(server: LiveServer, clients: int, act: Callable[[], None]) -> Load:
    """Load before, while and after `act` happens, to the server's end."""
    load = Load(server.port, FRAUD_REQUEST)
    running = asyncio.create_task(load.run(clients))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(act)
    await asyncio.wait_for(running, GUARD_S)
    return load


def test_sigterm_under_load_loses_no_request_and_leaves_no_process(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud", {"DRAIN_DELAY_S": "0.3"})
    workers = server.workers()
    load = asyncio.run(loaded_until(server, 32, lambda: server.process.send_signal(signal.SIGTERM)))
    assert (server.process.wait(GUARD_S), load.lost, set(load.statuses)) == (0, [], {200})
    assert load.answered > 100
    assert all(gone(pid) for pid in workers)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("wrk") is None, reason="needs wrk")
def test_a_foreign_load_generator_sees_no_request_lost_either(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud", {"DRAIN_DELAY_S": "1"})
    wrk = subprocess.Popen(["wrk", "-t1", "-c64", "-d3s", f"{server.url}/livez"], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    assert server.stop() == 0
    said, _ = wrk.communicate(timeout=GUARD_S)
    assert "Non-2xx" not in said
    # Writes that fail are to connections refused after the end.
    assert "read 0," in said
    assert "timeout 0" in said


def test_while_draining_it_predicts_and_says_that_it_is_not_ready(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud", {"DRAIN_DELAY_S": "30"})
    server.process.send_signal(signal.SIGTERM)
    until(lambda: readiness(server) == 503)
    assert server.get("/ping").status == 503
    assert server.get("/livez").status == 200
    answer = server.post_json("/invocations", {"instances": [[129.9, 3, True]]})
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert server.stop() == 0  # the second signal: the delay is not waited for


@pytest.mark.slow
def test_sigint_drains_as_well(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud")
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(GUARD_S) == 0


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A model that takes 0.1 s a batch."""
    return model_folder(tmp_path, code=MODEL_CODE.format(load="", predict="import time; time.sleep(0.1)"))


MODEL_CODE = """
def load(folder):
    {load}
    return {{"DE": 1.0, "FR": 2.0}}

def predict(model, rows):
    {predict}
    return [model[row["country"]] * row["amount"] for row in rows]
"""


# An error of no kind that anybody lists.
ODD_FAILURE = 'raise type("Odd", (Exception,), {})("division by zero")'


def test_a_request_in_flight_is_finished(starting: Starting, slow: Path) -> None:
    server = starting(slow, {"DRAIN_DELAY_S": "0"})

    async def asked() -> Load:
        load = Load(server.port, post("/invocations", ROW))
        running = asyncio.create_task(load.run(1))
        await asyncio.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(running, GUARD_S)
        return load

    load = asyncio.run(asked())
    assert (load.statuses, load.lost, server.process.wait(GUARD_S)) == ({200: 1}, [], 0)


def test_a_killed_worker_is_replaced_and_readiness_tells_the_truth(starting: Starting, tmp_path: Path) -> None:
    code = MODEL_CODE.format(load="import time; time.sleep(0.5)", predict="pass")
    server = starting(model_folder(tmp_path, code=code))

    async def killed() -> Load:
        load = Load(server.port, post("/invocations", ROW))
        running = asyncio.create_task(load.run(8))
        await asyncio.sleep(0.1)
        os.kill(server.workers()[0], signal.SIGKILL)
        await asyncio.to_thread(until, lambda: readiness(server) == 503)
        seen = load.answered
        await asyncio.to_thread(until, lambda: readiness(server) == 200)
        assert load.answered > seen  # the other one answered on
        load.stopped = True
        await asyncio.wait_for(running, GUARD_S)
        return load

    load = asyncio.run(killed())
    assert len(load.lost) <= 8  # what the killed worker held: one request a client at most
    assert set(load.statuses) == {200}
    assert len(server.workers()) == 2
    assert b"\nmodel_worker_restarts_total 1\n" in server.get("/metrics").body
    assert server.stop() == 0


def test_a_model_that_kills_its_worker_leaves_the_other_requests_alone(starting: Starting, tmp_path: Path) -> None:
    code = MODEL_CODE.format(load="", predict='import os; rows[0]["amount"] == 666 and os._exit(9)')
    server = starting(model_folder(tmp_path, code=code))
    with pytest.raises(OSError):
        server.ask("POST", "/invocations", b'{"instances": [[666, "DE"]]}')
    until(lambda: readiness(server) == 200 and b"restarts_total 1" in server.get("/metrics").body)
    assert server.ask("POST", "/invocations", ROW).status == 200
    assert server.stop() == 0


def test_workers_end_when_their_parent_is_killed(starting: Starting) -> None:
    server = starting(SAMPLES / "fraud")
    workers = server.workers()
    server.process.kill()
    until(lambda: all(gone(pid) for pid in workers))
    server.stop()


def test_while_the_model_is_loaded_it_is_alive_and_not_ready(starting: Starting, tmp_path: Path) -> None:
    code = MODEL_CODE.format(load="import time; time.sleep(1)", predict="pass")
    server = starting(model_folder(tmp_path, code=code), wait=False)
    until(lambda: _answers(server))
    got = {path: server.get(path).status for path in ("/livez", "/v2/health/live", "/readyz", "/ping")}
    got["/invocations"] = server.ask("POST", "/invocations", ROW).status
    assert got == {"/livez": 200, "/v2/health/live": 200, "/readyz": 503, "/ping": 503, "/invocations": 503}
    server.wait_until_ready()
    assert server.stop() == 0


def _answers(server: LiveServer) -> bool:
    try:
        return server.get("/livez").status == 200
    except OSError:
        return False


def test_sigterm_while_the_model_is_loaded_is_not_waited_out(starting: Starting, tmp_path: Path) -> None:
    code = MODEL_CODE.format(load="import time; time.sleep(100)", predict="pass")
    server = starting(model_folder(tmp_path, code=code), {"DRAIN_DELAY_S": "100"}, wait=False)
    until(lambda: _answers(server))
    assert server.stop() == 0


@pytest.mark.parametrize("failure", ["1 / 0", pytest.param(ODD_FAILURE, marks=pytest.mark.slow)])
def test_a_model_that_cannot_be_loaded_ends_the_server_with_one_line(
    starting: Starting, tmp_path: Path, failure: str
) -> None:
    code = MODEL_CODE.format(load=failure, predict="pass")
    server = starting(model_folder(tmp_path, code=code), wait=False)
    assert server.process.wait(GUARD_S) == 1
    said = [line for line in server.log.splitlines() if "division by zero" in line]
    assert said == server.log.splitlines()[1:]  # after the line that names model and port
    assert "Traceback" not in server.log


@pytest.mark.slow
def test_a_model_that_kills_every_worker_ends_the_server(starting: Starting, tmp_path: Path) -> None:
    code = MODEL_CODE.format(load="import os; os._exit(7)", predict="pass")
    server = starting(model_folder(tmp_path, code=code), {"WORKERS": "1"}, wait=False)
    assert server.process.wait(GUARD_S) == 1
    assert "ended with 7 before it was ready" in server.log


def test_a_port_that_is_taken_is_told_in_one_line(starting: Starting) -> None:
    first = starting(SAMPLES / "fraud", {"WORKERS": "1"})
    second = starting(SAMPLES / "fraud", {}, "--port", str(first.port), wait=False)
    assert second.process.wait(GUARD_S) == 1
    assert second.log == f"port {first.port}: Address already in use; name a free one with --port\n"
    assert first.stop() == 0


@pytest.mark.slow
def test_liveness_is_answered_while_predictions_saturate_the_server(starting: Starting, slow: Path) -> None:
    server = starting(slow, {"MAX_QUEUE_ROWS": "8"})

    async def pinged() -> tuple[Load, list[int]]:
        load = Load(server.port, post("/invocations", ROW))
        running = asyncio.create_task(load.run(64))
        await asyncio.sleep(0.2)
        # SageMaker gives a ping two seconds.
        pings = [asyncio.wait_for(asyncio.to_thread(server.get, "/ping"), 2) for _ in range(5)]
        statuses = [(await ping).status for ping in pings]
        load.stopped = True
        await asyncio.wait_for(running, GUARD_S)
        return load, statuses

    load, statuses = asyncio.run(pinged())
    assert statuses == [200] * 5
    assert load.statuses[429] > 0
    assert not load.lost
    assert server.stop() == 0
