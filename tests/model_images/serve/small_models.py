"""Models of a line each, and the parts that serve them, for tests of the inference core."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from model_images.model_file import ModelFile
from model_images.serve.inference import Inference
from model_images.serve.messages import Request
from model_images.serve.metrics import Metrics
from model_images.serve.rows import Array, Outputs, RowRefused, Rows
from model_images.serve.schema import Schema
from model_images.serve.settings import ServerSettings

MIXED: tuple[dict[str, Any], ...] = (
    {"name": "amount", "type": "float64", "min": 0},
    {"name": "hour", "type": "int64", "min": 0, "max": 23},
    {"name": "foreign-card", "type": "bool"},
    {"name": "plan", "type": "string", "values": ["free", "pro"]},
)


def model_of(*inputs: dict[str, Any], outputs: Any = None, **keys: Any) -> ModelFile:
    """A model file with these inputs; its warm-up example is not looked at."""
    content = {
        "name": "tiny",
        "version": "1.0",
        "framework": "python",
        "artifact": "model.py",
        "inputs": list(inputs),
        "outputs": outputs or [{"name": "double", "type": "float64"}],
        "warmup": {"instances": [[1.0] * len(inputs)]},
        **keys,
    }
    return msgspec.convert(content, ModelFile)


def schema_of(*inputs: dict[str, Any]) -> Schema:
    return Schema(model_of(*inputs))


def numbers(*values: float) -> Rows:
    """Rows of a single float64 input, `x`."""
    return Rows(len(values), None, np.array(values, np.float64).reshape(-1, 1), ("x",))


class Doubler:
    """Answers twice the first column. Remembers how many rows came at once; refuses and fails where it is told to.

    A run takes `run_s` and `row_s` for each row, holds back until `gate` is set, if there is one.
    """

    def __init__(self, run_s: float = 0.0, row_s: float = 0.0, gate: threading.Event | None = None) -> None:
        self.run_s, self.row_s, self.gate = run_s, row_s, gate
        self.began = threading.Event()
        self.seen: list[int] = []
        self.threads: set[str] = set()
        self.refused: float | None = None
        self.error: Callable[[Array], Exception | None] = lambda _: None

    def predict(self, rows: Rows) -> Outputs:
        values = next(iter(rows.columns.values()))
        self.seen.append(rows.count)
        self.threads.add(threading.current_thread().name)
        self.began.set()
        if self.gate is not None:
            self.gate.wait(10)
        if self.run_s or self.row_s:
            time.sleep(self.run_s + self.row_s * rows.count)
        refused = np.flatnonzero(values == self.refused)
        if len(refused):
            raise RowRefused(int(refused[0]), "x is not to this model's taste")
        error = self.error(values)
        if error is not None:
            raise error
        return {"double": 2.0 * values}

    def custom_attributes(self, rows: Rows, outputs: Outputs) -> str | None:
        return None


def inference_of(
    runtime: Any,
    model: ModelFile | None = None,
    digest: str = "sha256:1",
    metrics: Metrics | None = None,
    **settings: Any,
) -> Inference:
    """The inference core around a runtime; a model of one input `x` if none is given."""
    model = model or model_of({"name": "x", "type": "float64"})
    return Inference(model, digest, runtime, ServerSettings(**settings), metrics or Metrics.alone())


def request_of(body: bytes = b"", left_s: float = 30.0, id_: str = "id-1") -> Request:
    """A request with that many seconds to its deadline."""
    headers = {b"authorization": b"Bearer a-secret"}
    return Request("POST", "/invocations", headers, body, id_, deadline=time.monotonic() + left_s)
