"""The schema of a request and the server are of one mind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from moto import mock_aws

from components.api.aws_schema import importable
from model_images.__main__ import main
from model_images.model_file import ModelFile, read_model_file
from model_images.request_schema import request_schema
from model_images.serve.messages import Refused
from model_images.serve.schema import Schema
from tests.model_images.conftest import SAMPLES
from tests.model_images.serve.small_models import MIXED, model_of

STACKS = SAMPLES.parents[1] / "stacks/models"
MODELS = sorted(path.parent for path in SAMPLES.glob("*/model.yaml"))
SHAPED = model_of(
    *MIXED,
    {"name": "grid", "type": "float32", "shape": [2, 2], "min": 0, "max": 1},
    {"name": "kind", "type": "float64", "values": [0.5, 2]},
)
COMPLETE: dict[str, Any] = {
    "amount": 1.5,
    "hour": 3,
    "foreign-card": True,
    "plan": "pro",
    "grid": [[0, 1], [0.5, 1]],
    "kind": 2,
}


def validator(model: ModelFile, key: str = "") -> Draft4Validator:
    schema = request_schema(model, key)
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def answers(model: ModelFile, body: Any) -> bool:
    """Whether the server would take the body."""
    try:
        Schema(model).from_json(json.dumps(body).encode())
    except Refused:
        return False
    return True


@pytest.mark.parametrize("folder", MODELS, ids=[folder.name for folder in MODELS])
def test_a_models_example_is_allowed_and_a_row_too_short_is_not(folder: Path) -> None:
    model = read_model_file(folder)
    check = validator(model)
    assert check.is_valid({"instances": list(model.warmup.instances), "parameters": {}, "other": 1})
    assert not check.is_valid({"instances": [[]]})
    assert not check.is_valid({"instances": []})
    assert not check.is_valid({})


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 25),
    st.just(2**63),
    st.floats(-1, 3).filter(lambda number: not number.is_integer()),
    st.sampled_from(["free", "pro", "x", [[0, 1], [0.5, 1]], [[0, 2], [0, 0]], [[0]], 0.5]),
)


@given(
    st.dictionaries(st.sampled_from([*COMPLETE, "other"]), values, max_size=2),
    st.sampled_from(["", *COMPLETE]),
    st.booleans(),
)
def test_gateway_and_server_take_the_same_rows(changed: dict[str, Any], dropped: str, in_order: bool) -> None:
    row = {name: value for name, value in (COMPLETE | changed).items() if name != dropped}
    body: Any = {"instances": [list(row.values()) if in_order else row]}
    assert validator(SHAPED).is_valid(body) == answers(SHAPED, body)


@pytest.mark.parametrize("wrap", [lambda row: {"features": row}, lambda row: {"data": {"features": {"values": row}}}])
def test_wrapped_rows_are_allowed_as_the_server_allows_them(wrap: Any) -> None:
    good, bad = {"instances": [wrap(COMPLETE)]}, {"instances": [wrap({**COMPLETE, "hour": 24})]}
    assert validator(SHAPED).is_valid(good)
    assert answers(SHAPED, good)
    assert not validator(SHAPED).is_valid(bad)


def test_with_a_table_of_features_rows_may_leave_out_inputs_if_they_name_the_key() -> None:
    check = validator(SHAPED, "customer")
    assert check.is_valid({"instances": [{"customer": "c-1"}, {"customer": 17, "hour": 3}, COMPLETE]})
    for wrong in ({"hour": 3}, {"customer": "c-1", "hour": 24}, {"customer": True}, {"customer": "c-1", "other": 1}):
        assert not check.is_valid({"instances": [wrong]})
    by_input = validator(SHAPED, "plan")
    assert by_input.is_valid({"instances": [{"plan": "pro"}]})
    assert not by_input.is_valid({"instances": [{"plan": "x"}]})


def test_nothing_is_in_it_that_draft_4_does_not_know() -> None:
    text = json.dumps(request_schema(SHAPED, "customer"))
    for word in ("const", "prefixItems", "examples", "format", "if", "contains", "exclusiveMinimum", "$ref", "$defs"):
        assert f'"{word}"' not in text
    # What API Gateway has no or another meaning for: "Amazon API Gateway important notes", read in November 2026.
    for word in ("discriminator", "example", "exclusiveMaximum", "oneOf", "readOnly", "patternProperties", "default"):
        assert f'"{word}"' not in text


def checked(name: str) -> tuple[dict[str, Any], Path]:
    """The settings of a model of the stacks, and the schema that its API checks by."""
    settings = yaml.safe_load((STACKS / f"{name}.yaml").read_text(encoding="utf-8"))
    return settings, STACKS / settings["access"]["request_schema"]


@pytest.mark.parametrize("name", ["churn", "diabetes"])
def test_the_schema_of_an_api_is_the_commands(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings, path = checked(name)
    words = ["--features-key", settings["features"]["key"]] if "features" in settings else []
    assert main(["schema", str(SAMPLES / name), *words]) == 0
    assert path.read_text(encoding="utf-8") == capsys.readouterr().out, (
        f"write it anew: python -m model_images schema model_images/samples/{name} {' '.join(words)} > {path}"
    )


@pytest.mark.parametrize("name", ["churn", "diabetes"])
def test_what_the_gateway_makes_of_it_takes_what_the_server_takes_and_refuses_some(name: str) -> None:
    _, path = checked(name)
    found = importable(json.loads(path.read_text(encoding="utf-8")))
    Draft4Validator.check_schema(found)
    check = Draft4Validator(found)
    assert check.is_valid({"instances": list(read_model_file(SAMPLES / name).warmup.instances)})
    for wrong in ({}, [], {"instances": 1}, {"instances": [{"other": 1}]}, {"instances": ["text"]}):
        assert not check.is_valid(wrong)
    assert check.is_valid({"instances": [{"subscriber_id": "s-1"}]}) == (name == "churn")
    assert not check.is_valid({"instances": [{"subscriber_id": "s-1", "months": -1}]})


@mock_aws
def test_aws_keeps_it_as_a_model_of_an_api() -> None:
    gateway = boto3.client("apigateway", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    api = gateway.create_rest_api(name="churn")["id"]
    text = checked("churn")[1].read_text(encoding="utf-8")
    gateway.create_model(restApiId=api, name="Request", contentType="application/json", schema=text)
    assert json.loads(gateway.get_model(restApiId=api, modelName="Request")["schema"]) == json.loads(text)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", str(SAMPLES / "fraud")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == request_schema(read_model_file(SAMPLES / "fraud"))
    assert (printed["$schema"], printed["title"]) == ("http://json-schema.org/draft-04/schema#", "RequestFraud")


def test_a_folder_without_a_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
