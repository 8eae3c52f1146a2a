"""What `POST /invocations` takes, as JSON Schema of draft 4, the one that API Gateway's models are written in.

A gateway that validates by it refuses nothing that the server would answer but a whole number that is written with a
fraction of zero (`1.0`). What it lets through may still be refused, by the table of features or by the model itself.
Source: docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html.
"""

from __future__ import annotations

from typing import Any, cast

from model_images.contracts.kubernetes import input_schema
from model_images.model_file import ModelFile
from model_images.serve.arrays import ROWS_LIMIT

DIALECT = "http://json-schema.org/draft-04/schema#"

Schema = dict[str, Any]


def request_schema(model: ModelFile, features_key: str = "") -> Schema:
    """The schema of a request's body. With `features_key`, rows that hold it may leave out inputs."""
    names = {given.name: _older(input_schema(given)) for given in model.inputs}
    rows = [_in_order(list(names.values())), _by_name(names, required=list(names))]
    if features_key:
        key = names.get(features_key, {"type": ["string", "integer"]})
        rows[1] = _by_name({**names, features_key: key}, required=list(names))
        rows.append(_by_name({**names, features_key: key}, required=[features_key]))
    wrapped = [
        _wrapped(keys, {"anyOf": rows})
        for keys in (("features",), ("data", "features", "values"))
        if keys[0] not in names
    ]
    return {
        "$schema": DIALECT,
        "title": f"Request{''.join(part.capitalize() for part in model.name.replace('_', '-').split('-'))}",
        "type": "object",
        "required": ["instances"],
        "properties": {
            "instances": {
                "type": "array",
                "minItems": 1,
                "maxItems": ROWS_LIMIT,
                "items": {"anyOf": [*rows, *wrapped]},
            },
            "parameters": {"type": ["object", "null"]},
        },
    }


def _older(schema: Schema) -> Schema:
    """Without formats, which draft 4 does not know and gateways may refuse."""
    return {
        key: _older(cast("Schema", value)) if isinstance(value, dict) else value
        for key, value in schema.items()
        if key != "format"
    }


def _in_order(schemas: list[Schema]) -> Schema:
    return {
        "type": "array",
        "items": schemas,
        "additionalItems": False,
        "minItems": len(schemas),
        "maxItems": len(schemas),
    }


def _by_name(schemas: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": schemas, "required": required, "additionalProperties": False}


def _wrapped(keys: tuple[str, ...], inner: Schema) -> Schema:
    for key in reversed(keys):
        inner = {"type": "object", "properties": {key: inner}, "required": [key]}
    return inner
