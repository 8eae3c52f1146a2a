"""What Kubernetes and its neighbours ask of a container: liveness, readiness, metrics, and the API's description.

`/livez` says that the process answers, whatever the model or a cache does; `/readyz` that all workers are warm and none
is to end. `/metrics` is Prometheus' text form, summed over the workers.
"""

from __future__ import annotations

from collections.abc import Mapping

from model_images.serve.messages import TEXT, Answer, Request
from model_images.serve.served import Handler, Served

METRICS_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


def routes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """The contract's routes by method and path."""

    async def alive(_: Request) -> Answer:
        return Answer(200, b"ok\n", TEXT)

    async def ready(_: Request) -> Answer:
        if served.ready():
            return Answer(200, b"ok\n", TEXT)
        return Answer(503, b"draining\n" if served.draining() else b"not all workers are warm\n", TEXT)

    async def metrics(_: Request) -> Answer:
        model = served.model
        return Answer(200, served.metrics.text(model.name, model.version, served.digest), METRICS_TEXT)

    return {("GET", "/livez"): alive, ("GET", "/readyz"): ready, ("GET", "/metrics"): metrics}
