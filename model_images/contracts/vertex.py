"""Vertex AI's custom container contract: GET on the health route, POST on the predict route.

Source: cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements. The environment names the routes, and
they may be any; outside Vertex AI there are none. `rawPredict` posts any body to the predict route: it is read by its
content type and answered by `Accept`, like SageMaker's. A model that was uploaded with an invoke route prefix has no
predict route: `/invoke/PATH` reaches the container as `/PATH`, which may be any other contract's.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from model_images.contracts.invocation import Invocation
from model_images.contracts.sagemaker import health
from model_images.serve.messages import Answer, Request
from model_images.serve.metrics import WARNED_SIZE
from model_images.serve.served import Handler, Served

# What a shared public endpoint carries each way (a dedicated one: 10 MB):
# cloud.google.com/vertex-ai/docs/predictions/choose-endpoint-type.
SHARED_ENDPOINT_BYTES = 1_500_000
WARNING = b"x-prediction-warning"


def routes(served: Served, environ: Mapping[str, str]) -> Mapping[tuple[str, str], Handler]:
    """The contract's routes by method and path: none if `environ` names neither routes nor a deployed model."""
    health_path, predict_path = health_and_predict(environ)
    found: dict[tuple[str, str], Handler] = {("GET", health_path): health(served)} if health_path else {}
    return found | ({("POST", predict_path): _predict(served)} if predict_path else {})


def health_and_predict(environ: Mapping[str, str]) -> tuple[str, str]:
    """Paths of the two routes; one that is not named is derived from endpoint and deployed model, else it is empty."""
    endpoint, deployed = environ.get("AIP_ENDPOINT_ID", ""), environ.get("AIP_DEPLOYED_MODEL_ID", "")
    derived = f"/v1/endpoints/{endpoint}/deployedModels/{deployed}" if endpoint and deployed else ""
    health_route = environ.get("AIP_HEALTH_ROUTE") or derived
    predict_route = environ.get("AIP_PREDICT_ROUTE") or (derived and f"{derived}:predict")
    return _path(health_route), _path(predict_route)


def _path(route: str) -> str:
    """As the server is asked for it: with a slash in front, without percent signs."""
    return f"/{unquote(route).lstrip('/')}" if route else ""


def _predict(served: Served) -> Handler:
    invocation = Invocation(served)

    async def answer(request: Request) -> Answer:
        given = await invocation(request)
        size = len(given.body)
        if size > SHARED_ENDPOINT_BYTES:
            served.metrics.count(WARNED_SIZE)
            line = f"{size} bytes; a shared public endpoint carries {SHARED_ENDPOINT_BYTES}: use a dedicated one"
            given.headers = (*given.headers, (WARNING, line.encode("ascii")))
        return given

    return answer
