"""How many replicas an endpoint has, and what cannot be. Pure.

Scaling never fights a deployment: the provider cannot keep the number of machines that scaling has found when it
updates an endpoint (hashicorp/terraform-provider-aws#48990), and scaling is blocked meanwhile. So each configuration
starts with as many as scaling could have come to, and scaling takes away what is too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from components.endpoint.types import EndpointMode
from components.schedules import aws_cron

Metric = Literal["cpu_utilization", "memory_utilization", "gpu_utilization", "queue_length"]
METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True, kw_only=True)
class FewestFrom:
    """From these times on there are `fewest` at least, until another such rule says otherwise."""

    cron: str
    timezone: str
    fewest: int


@dataclass(frozen=True, kw_only=True)
class EndpointScale:
    """Fewest and most replicas: machines, or calls at once of a serverless endpoint (`fewest` are kept warm).

    `targets`: what is followed, and its target: percent of what a replica has, or with `queue_length` calls a minute on
    each (asynchronous: calls that wait, on each).
    """

    fewest: int
    most: int
    targets: Mapping[Metric, int]
    schedule: tuple[FewestFrom, ...] = ()

    @property
    def start(self) -> int:
        """With how many a configuration begins: a release never has fewer than the load has called for."""
        return self.most

    def check(self, mode: EndpointMode) -> None:
        """Raises ValueError for what cannot be in this mode."""
        for complaint in self._complaints(mode):
            raise ValueError(complaint)

    def _complaints(self, mode: EndpointMode) -> Iterator[str]:
        asynchronous, serverless = mode is EndpointMode.ASYNC, mode is EndpointMode.SERVERLESS
        if not 0 <= self.fewest <= self.most or self.most < 1:
            yield f"scale: got {self.fewest} to {self.most}; allowed: 0 or more, up to 1 or more"
        if self.fewest == 0 and not (asynchronous or serverless):
            yield "scale: got 0 at least; allowed: 1 or more in mode realtime, or mode async or serverless"
        if self.fewest == 0 and asynchronous and "queue_length" not in self.targets:
            yield (
                f"targets: got {', '.join(self.targets)}, and 0 machines at least; allowed: queue_length among them, "
                "since without machines nothing else is measured"
            )
        for metric, target in self.targets.items():
            if target < 1 or (metric != "queue_length" and target > 100):
                yield f"targets: got {metric} {target}; allowed: 1 or more, and percents up to 100"
        if self.schedule and serverless:
            yield "schedule: got one; allowed: none in mode serverless"
        for row in self.schedule:
            if not (0 if asynchronous else 1) <= row.fewest <= self.most:
                yield f"schedule: got {row.fewest} at {row.cron}; allowed: up to {self.most}, and 0 in mode async only"
            aws_cron(row.cron)
