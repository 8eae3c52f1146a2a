"""What Kubernetes and its neighbours ask of a container: liveness, readiness, metrics, and the API's description.

`/livez` says that the process answers, whatever the model or a cache does; `/readyz` that all workers are warm and none
is to end. `/metrics` is Prometheus' text form, summed over the workers. `/openapi.json` describes what is asked of the
model, exactly: types, ranges and sets come from its `model.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from model_images.model_file import Input, ModelFile, Tensor
from model_images.serve.fields import FLOAT32_LIMIT, INT64_LIMIT
from model_images.serve.messages import TEXT, Answer, Request
from model_images.serve.served import Handler, Served

METRICS_TEXT = b"text/plain; version=0.0.4; charset=utf-8"
TYPES: dict[str, dict[str, Any]] = {
    "float32": {
        "type": "number",
        "format": "float",
        "minimum": -FLOAT32_LIMIT,
        "maximum": FLOAT32_LIMIT,
    },
    "float64": {"type": "number", "format": "double"},
    "int64": {"type": "integer", "format": "int64", "minimum": -INT64_LIMIT - 1, "maximum": INT64_LIMIT},
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
}
REFUSALS = {
    "400": "The body is not readable",
    "413": "The body is too long",
    "415": "The content type is not known",
    "422": "A row is not allowed: the message names row, field, what it got and what is allowed",
    "429": "Too many rows wait already",
    "500": "The model failed",
    "503": "The model is being loaded",
    "504": "The model took too long",
}


def routes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """The contract's routes by method and path."""
    described = cache(lambda: msgspec.json.encode(document(served.model, served.digest)))

    async def alive(_: Request) -> Answer:
        return Answer(200, b"ok\n", TEXT)

    async def ready(_: Request) -> Answer:
        if served.ready():
            return Answer(200, b"ok\n", TEXT)
        return Answer(503, b"draining\n" if served.draining() else b"not all workers are warm\n", TEXT)

    async def metrics(_: Request) -> Answer:
        model = served.model
        return Answer(200, served.metrics.text(model.name, model.version, served.digest), METRICS_TEXT)

    async def openapi(_: Request) -> Answer:
        return Answer(200, described())

    return {
        ("GET", "/livez"): alive,
        ("GET", "/readyz"): ready,
        ("GET", "/metrics"): metrics,
        ("GET", "/openapi.json"): openapi,
    }


def document(model: ModelFile, digest: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a model's server."""
    predict = {
        "summary": f"Predictions of {model.name} {model.version}",
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": _ref("Request")}}}},
        "responses": {
            "200": _json("One prediction a row, in the rows' order", "Answer"),
            **{status: _json(means, "Error") for status, means in REFUSALS.items()},
        },
    }
    probe = {"responses": {"200": {"description": "Yes"}, "503": {"description": "Not now"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": model.name, "version": model.version, "x-model-digest": digest},
        "paths": {
            "/invocations": {"post": predict},
            "/ping": {"get": {"summary": "Ready, for SageMaker", **probe}},
            "/livez": {"get": {"summary": "The process answers", "responses": {"200": {"description": "Yes"}}}},
            "/readyz": {"get": {"summary": "All workers are warm and none is to end", **probe}},
            "/metrics": {"get": {"summary": "Prometheus' text form", "responses": {"200": {"description": "Metrics"}}}},
        },
        "components": {"schemas": _schemas(model)},
    }


def _schemas(model: ModelFile) -> dict[str, Any]:
    inputs = {given.name: input_schema(given) for given in model.inputs}
    by_name = {
        "type": "object",
        "properties": inputs,
        "required": list(inputs),
        "additionalProperties": False,
    }
    count = len(model.inputs)
    in_order = {"type": "array", "prefixItems": list(inputs.values()), "items": False, "minItems": count}
    outputs = {output.name: tensor_schema(output, nullable=True) for output in model.outputs}
    prediction = (
        next(iter(outputs.values()))
        if len(outputs) == 1
        else {"type": "object", "properties": outputs, "required": list(outputs)}
    )
    return {
        "Row": {"oneOf": [{**in_order, "title": "in the inputs' order"}, {**by_name, "title": "by name"}]},
        "Request": {
            "type": "object",
            "properties": {
                "instances": {"type": "array", "items": {"$ref": _ref("Row")}, "minItems": 1},
                "parameters": {"type": "object"},
            },
            "required": ["instances"],
            "examples": [{"instances": list(model.warmup.instances)}],
        },
        "Answer": {
            "type": "object",
            "properties": {"predictions": {"type": "array", "items": prediction}},
            "required": ["predictions"],
        },
        "Error": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
    }


def input_schema(given: Input) -> dict[str, Any]:
    """JSON Schema of one input of one row, limits included."""
    element = dict(TYPES[given.type])
    if given.min is not None:
        element["minimum"] = given.min
    if given.max is not None:
        element["maximum"] = given.max
    if given.values:
        element = {"enum": list(given.values)}
    return _shaped(element, given)


def tensor_schema(tensor: Tensor, *, nullable: bool) -> dict[str, Any]:
    """JSON Schema of one output of one row; a float that is not finite is answered as null."""
    element = {key: value for key, value in TYPES[tensor.type].items() if key in {"type", "format"}}
    if nullable and tensor.type in {"float32", "float64"}:
        element["type"] = ["number", "null"]
    return _shaped(element, tensor)


def _shaped(element: dict[str, Any], tensor: Tensor) -> dict[str, Any]:
    for size in reversed(tensor.shape):
        element = {"type": "array", "items": element, "minItems": size, "maxItems": size}
    return element


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def _json(means: str, schema: str) -> dict[str, Any]:
    return {"description": means, "content": {"application/json": {"schema": {"$ref": _ref(schema)}}}}
