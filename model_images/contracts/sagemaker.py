"""SageMaker's container contract: GET /ping and POST /invocations.

Source: docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html. An image holds one model, so the
routes of multi-model containers answer 404.
"""

from __future__ import annotations

from collections.abc import Mapping

from model_images.contracts.invocation import Invocation
from model_images.serve.messages import TEXT, Answer, Refused, Request
from model_images.serve.served import Handler, Served

_MULTI_MODEL_METHODS = ("GET", "POST", "DELETE")


def routes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """The contract's routes by method and path."""
    one_model = _one_model(served.model.name)
    return {
        ("GET", "/ping"): health(served),
        ("POST", "/invocations"): Invocation(served),
        **{(method, "/models"): one_model for method in _MULTI_MODEL_METHODS},
    }


def prefixes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """Routes whose path only begins so: `/models/NAME` and `/models/NAME/invoke`."""
    one_model = _one_model(served.model.name)
    return {(method, "/models/"): one_model for method in _MULTI_MODEL_METHODS}


def health(served: Served) -> Handler:
    """A handler that answers with an empty body: 200 once all workers are warm, 503 before that and while draining."""

    async def answer(_: Request) -> Answer:
        return Answer(200 if served.ready() else 503, b"", TEXT)

    return answer


def _one_model(name: str) -> Handler:
    async def answer(_: Request) -> Answer:
        raise Refused(404, f"this image holds one model, {name}: there are no multi-model routes; POST /invocations")

    return answer
