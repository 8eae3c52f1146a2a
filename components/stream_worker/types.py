"""The worker of a model's stream, as the rest of a region knows it, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One measure in the cloud's monitoring: how old (milliseconds) or how many the records are that still wait."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str


@dataclass(frozen=True, kw_only=True)
class StreamWorkerOutputs:
    """`lag` says whether the worker keeps up; `dead_letters` is the queue, `dead_letter_queue` its plain name."""

    name: pulumi.Output[str]
    dead_letters: pulumi.Output[str]
    dead_letter_queue: str
    log_group: str
    lag: Metric
