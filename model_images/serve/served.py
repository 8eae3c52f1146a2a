"""What a contract gets: the model that is served and all that one needs to answer for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model_images.model_file import ModelFile
from model_images.serve.messages import Answer, Request
from model_images.serve.metrics import Metrics
from model_images.serve.settings import ServerSettings

if TYPE_CHECKING:
    from model_images.serve.inference import Inference
    from model_images.serve.schema import Schema

Handler = Callable[[Request], Awaitable[Answer]]
"""Answers one request or raises `Refused`. It is cancelled (asyncio) when the client goes away."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """One worker's model. `ready` speaks for all workers: warm, and none draining."""

    model: ModelFile
    digest: str
    schema: Schema
    inference: Inference
    settings: ServerSettings
    metrics: Metrics
    ready: Callable[[], bool]
    draining: Callable[[], bool]
