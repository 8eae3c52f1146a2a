"""What becomes of a model's request schema: API Gateway imports it, and refuses nothing that the model would take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, validate

from components.api.aws_schema import check_schema, importable
from model_images.model_file import read_model_file
from model_images.request_schema import request_schema

SAMPLES = sorted(path.parent for path in (Path(__file__).parents[3] / "model_images" / "samples").glob("*/model.yaml"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "bb"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=5,
)
TYPES = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])


def _words(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.sampled_from([[1], ["a", None], [{"a": 1}], [[], 2]]),
            "minimum": st.integers(-2, 2),
            "maxLength": st.integers(0, 2),
            "required": st.sampled_from([["a"], ["a", "b"]]),
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "patternProperties": st.just({"^a": {}}),
            "additionalProperties": st.booleans() | inner,
            "items": inner | several,
            "additionalItems": st.booleans(),
            "minItems": st.integers(0, 2),
            "anyOf": several,
            "oneOf": several,
            "allOf": several,
            "not": inner,
        },
    )


SCHEMAS = st.recursive(st.just({}), _words, max_leaves=6)


def as_document(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "openapi": "3.0.1",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Request": schema}},
    }


@given(SCHEMAS, VALUES)
def test_what_the_schema_takes_the_api_takes_too(schema: dict[str, Any], value: Any) -> None:
    if Draft4Validator(schema).is_valid(value):
        assert Draft4Validator(importable(schema)).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"patternProperties": {"^a": {}}, "additionalProperties": False}, {"a": 1}),
        ({"not": {"type": ["object", "null"]}}, 1),
        ({"oneOf": [{"type": ["string", "null"]}, {"type": ["integer", "boolean"]}]}, 1),
        ({"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False}, ["a", 1]),
        ({"items": [{"type": "string"}]}, ["a", 1]),
        ({"anyOf": [{"type": "integer"}], "oneOf": [{"minimum": 0}, {"minimum": 5}]}, 1),
    ],
)
def test_each_word_that_openapi_lacks_is_left_out_in_the_looser_direction(schema: dict[str, Any], value: Any) -> None:
    assert Draft4Validator(schema).is_valid(value)
    assert Draft4Validator(importable(schema)).is_valid(value)


@given(SCHEMAS)
def test_a_looser_schema_is_valid_openapi_and_stays_as_it_is(schema: dict[str, Any]) -> None:
    assume("required" not in json.dumps(schema))  # the validator wants each name that is required among `properties`
    once = importable(schema)
    assert importable(once) == once
    validate(as_document(once), cls=OpenAPIV30SpecValidator)


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_the_schema_of_every_sample_is_imported(folder: Path) -> None:
    schema = request_schema(read_model_file(folder))
    check_schema(schema)
    validate(as_document(importable(schema)), cls=OpenAPIV30SpecValidator)


@pytest.mark.parametrize(
    ("request_", "taken"),
    [
        ({"instances": []}, True),  # the import drops minItems: the server refuses it
        ({"instances": {}}, False),
        ({}, False),
        ({"instances": ["row"]}, False),
        ({"instances": [{"month": 1}]}, False),
    ],
)
def test_of_a_sample_coarse_mistakes_never_reach_the_model(request_: dict[str, Any], taken: bool) -> None:
    schema = importable(request_schema(read_model_file(next(one for one in SAMPLES if one.name == "churn"))))
    as_imported = json.loads(json.dumps(schema).replace('"minItems"', '"x-minItems"'))
    assert Draft4Validator(as_imported).is_valid(request_) is taken


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"anyOf": [{}, {"$ref": "#/definitions/Row"}]}, r"request_schema\.anyOf\[1\]\.\$ref"),
        ({"definitions": {"Row": {}}}, r"request_schema\.definitions"),
        ({"properties": {"a": {"items": {"$ref": "x"}}}}, r"request_schema\.properties\.a\.items\.\$ref"),
    ],
)
def test_a_reference_is_refused_by_its_place(schema: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=place):
        check_schema(schema)


def test_an_input_may_be_called_like_a_word_of_json_schema() -> None:
    schema = {"properties": {"definitions": {"type": "number"}, "not": {"type": "string"}}}
    check_schema(schema)
    assert importable(schema) == schema
