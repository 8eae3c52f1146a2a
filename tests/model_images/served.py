"""A model served within the test's own process: the same application as the server's, without sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from model_images import runtimes
from model_images.model_file import model_digest, read_model_file
from model_images.serve.application import Application
from model_images.serve.inference import Inference
from model_images.serve.messages import Answer, Request
from model_images.serve.metrics import Metrics
from model_images.serve.schema import Schema
from model_images.serve.served import Served
from model_images.serve.settings import ServerSettings

MIXED_YAML = """
name: mixed
version: "2.1"
framework: python
artifact: model.py
inputs:
  - {name: amount, type: float32, min: 0}
  - {name: count, type: int64, min: -1000, max: 9}
  - {name: known, type: bool}
  - {name: country, type: string, values: [DE, FR, "\\u00c9"]}
  - {name: grid, type: float64, shape: [2, 2]}
outputs:
  - {name: score, type: float32}
  - {name: label, type: string}
  - {name: parts, type: float64, shape: [3]}
  - {name: large, type: bool}
  - {name: whole, type: int64}
warmup: {instances: [[1.5, 2, true, DE, [[1, 2], [3, 4]]]]}
"""
MIXED_PY = """
def load(folder):
    return None

def predict(model, rows):
    return [
        {
            "score": row["amount"] / 3,
            "label": row["country"] + "!",
            "parts": [row["amount"], row["grid"][0][1], float("nan")],
            "large": row["count"] > 5,
            "whole": row["count"] * 2**40,
        }
        for row in rows
    ]
"""
STACKED_YAML = """
name: stacked
version: "1.0"
framework: python
artifact: model.py
inputs: [{name: a, type: float32}, {name: b, type: float32}, {name: c, type: float32}]
outputs: [{name: total, type: float32}]
warmup: {instances: [[1, 2, 3]]}
"""
STACKED_PY = """
def load(folder):
    return None

def predict(model, rows):
    return [row["a"] + 10 * row["b"] + 100 * row["c"] for row in rows]
"""


def write_model(root: Path, model_yaml: str, code: str) -> Path:
    """A plain-Python model folder."""
    (root / "model.yaml").write_text(model_yaml, encoding="utf-8")
    (root / "model.py").write_text(code, encoding="utf-8")
    return root


def mixed_model(root: Path) -> Path:
    """A model with inputs and outputs of every type, two of them with a shape."""
    return write_model(root, MIXED_YAML, MIXED_PY)


def stacked_model(root: Path) -> Path:
    """A model whose inputs are all scalars of one type."""
    return write_model(root, STACKED_YAML, STACKED_PY)


class InProcess:
    """One served model and a loop to ask it on. `ready` and `draining` may be set."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.ready, self.draining = True, False
        self.loop = asyncio.new_event_loop()
        model, settings, metrics = (
            read_model_file(folder),
            ServerSettings.from_environment(environ or {}),
            Metrics.alone(),
        )
        digest = model_digest(folder)
        self.inference = Inference(model, digest, runtimes.load(folder, model), settings, metrics)
        self.run(self.inference.warm_up())
        self.served = Served(
            model=model,
            digest=digest,
            schema=Schema(model),
            inference=self.inference,
            settings=settings,
            metrics=metrics,
            ready=lambda: self.ready and not self.draining,
            draining=lambda: self.draining,
        )
        self.application = Application(self.served, environ or {})

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine, on this model's loop."""
        return self.loop.run_until_complete(work)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """The application's answer to one request."""
        return self.run(self.application.answer(request(self.loop, method, path, body, headers)))

    def get(self, path: str) -> Any:
        """The JSON at `path`; the test fails if its status is not 200."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def close(self) -> None:
        """Ends the model and its loop."""
        self.run(self.inference.close())
        self.loop.close()


def request(
    loop: asyncio.AbstractEventLoop, method: str, path: str, body: bytes, headers: Mapping[str, str] | None
) -> Request:
    """A request as the server makes it."""
    named = {name.lower().encode(): value.encode("latin-1") for name, value in (headers or {}).items()}
    return Request(method, path, named, body, "id-1", deadline=loop.time() + 30)
