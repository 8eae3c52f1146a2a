"""How each server is started: two workers on two cores, its own way of doing things."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.model_servers import prepare

ADAPTERS = Path(__file__).parent / "adapters"
PROJECT = Path(__file__).parents[2]
INVOCATIONS, OPEN_INFERENCE = "/invocations", "/v2/models/m/infer"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One server: its command, where it answers, its environment, the folder that it is started in."""

    command: tuple[str, ...]
    path: str = INVOCATIONS
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: Path = ADAPTERS


def peer(name: str, *, port: int, work: Path) -> Peer:
    """The server called `name`, to listen on `port`; `work` is an empty folder of its own.

    Raises:
        KeyError: if no server has this name.
    """
    builders = {
        "protocol": _protocol,
        "asgi": _uvicorn,
        "fastapi": _uvicorn,
        "litserve": _litserve,
        "litserve-batch": _litserve,
        "mlserver": _mlserver,
        "mlserver-batch": _mlserver,
        "bentoml": _bentoml,
        "bentoml-batch": _bentoml,
        "ours": _ours,
        "ours-no-batching": _ours,
    }
    return builders[name](name, port, work)


NAMES = """
protocol asgi fastapi mlserver mlserver-batch litserve litserve-batch bentoml bentoml-batch ours
""".split()


def _ours(name: str, port: int, work: Path) -> Peer:
    folder = prepare.model_folder()
    if name == "ours-no-batching":
        for part in folder.glob("*.onnx"):
            (work / part.name).write_bytes(part.read_bytes())
        text = (folder / "model.yaml").read_text()
        (work / "model.yaml").write_text(text.rstrip()[:-1] + ', "batching": {"max_rows": 1, "max_wait_ms": 0}}')
        folder = work
    command = (sys.executable, "-m", "model_images", "serve", str(folder), "--port", str(port), "--workers", "2")
    return Peer(command=command, folder=PROJECT)


def _uvicorn(name: str, port: int, _work: Path) -> Peer:
    options = "--workers 2 --loop uvloop --http httptools --no-access-log --log-level warning".split()
    command = (str(prepare.environment("thin") / "uvicorn"), "--port", str(port), *options, f"{name}_app:app")
    return Peer(command=command)


def _protocol(_name: str, port: int, _work: Path) -> Peer:
    return Peer(command=(str(prepare.environment("thin") / "python"), "protocol_app.py", str(port), "2"))


def _litserve(name: str, port: int, _work: Path) -> Peer:
    batch = ("32",) if name.endswith("-batch") else ()
    command = (str(prepare.environment("litserve") / "python"), "litserve_app.py", str(port), "2", *batch)
    return Peer(command=command)


def _bentoml(name: str, port: int, work: Path) -> Peer:
    words = f"serve bento_app:Model --host 127.0.0.1 --port {port}".split()
    variables = {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(work / "bento")}
    variables["BENTO_BATCH"] = "1" if name.endswith("-batch") else "0"
    return Peer(command=(str(prepare.environment("bentoml") / "bentoml"), *words), variables=variables)


def _mlserver(name: str, port: int, work: Path) -> Peer:
    (work / "model-settings.json").write_text('{"name": "m", "implementation": "mlserver_runtime.Model"}')
    variables = {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(port),
        "MLSERVER_GRPC_PORT": str(port + 1),
        "MLSERVER_METRICS_PORT": str(port + 2),
        "MLSERVER_DEBUG": "false",
        # Without its pool of workers it is fastest.
        "MLSERVER_PARALLEL_WORKERS": "0",
        "PYTHONPATH": os.pathsep.join([str(ADAPTERS)]),
    }
    if name.endswith("-batch"):
        variables |= {"MLSERVER_MODEL_MAX_BATCH_SIZE": "32", "MLSERVER_MODEL_MAX_BATCH_TIME": "0.002"}
    command = (str(prepare.environment("mlserver") / "mlserver"), "start", str(work))
    return Peer(command=command, path=OPEN_INFERENCE, variables=variables, folder=work)
