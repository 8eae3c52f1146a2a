"""Inference requests whose tensors stand in the JSON: what is taken, and how all else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.model_images.contracts.inference_requests import (
    changed,
    infer,
    outputs_of,
    refused,
    tensor,
    two_rows,
)
from tests.model_images.served import InProcess

INFER = "/v2/models/mixed/infer"


def test_nested_data_is_the_same_as_flat_data(mixed: InProcess) -> None:
    nested = changed(4, data=[[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    assert infer(mixed, {"inputs": nested}).body == infer(mixed, {"inputs": two_rows()}).body


def test_a_scalar_may_also_be_a_vector_of_rows(mixed: InProcess) -> None:
    assert infer(mixed, {"inputs": changed(0, shape=[2])}).body == infer(mixed, {"inputs": two_rows()}).body


@pytest.mark.parametrize("wanted", [["nothing"], ["score", "score"]])
def test_an_output_that_is_unknown_or_named_twice_is_refused(mixed: InProcess, wanted: list[str]) -> None:
    answer = infer(mixed, {"inputs": two_rows(), "outputs": [{"name": name} for name in wanted]})
    assert "allowed: score, label, parts, large, whole, each once" in refused(answer)


@pytest.mark.parametrize(
    ("place", "datatype", "data"),
    [(0, "FP64", [1.5, 0.1]), (0, "UINT8", [1, 2]), (1, "INT32", [2, 9]), (1, "UINT16", [2, 9])],
)
def test_types_that_lose_nothing_are_taken(mixed: InProcess, place: int, datatype: str, data: list[Any]) -> None:
    assert infer(mixed, {"inputs": changed(place, datatype=datatype, data=data)}).status == 200


@pytest.mark.parametrize(
    ("place", "datatype", "data"),
    [
        (0, "INT64", [1, 2]),
        (0, "BYTES", ["1", "2"]),
        (1, "FP32", [2, 9]),
        (1, "UINT64", [2, 9]),
        (2, "INT8", [0, 1]),
        (3, "FP32", [1, 2]),
        (4, "INT64", [1] * 8),
        (0, "FP16", [1, 2]),
    ],
)
def test_types_that_do_not_agree_with_the_schema_are_refused(
    mixed: InProcess, place: int, datatype: str, data: list[Any]
) -> None:
    answer = infer(mixed, {"inputs": changed(place, datatype=datatype, data=data)})
    assert f"inputs[{place}].datatype: got {datatype}" in refused(answer)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (changed(0, datatype="FLOAT"), "inputs[0].datatype: invalid enum value 'FLOAT'"),
        (changed(0, shape=[2, -1]), "inputs[0].shape[1]"),
        (changed(0, shape=[0, 1], data=[]), "inputs[0].shape[0]"),
        (changed(0, shape=[]), "inputs[0].shape"),
        (changed(0, shape=None), "inputs[0]: object missing required field `shape`"),
        (changed(0, shape=[2.0, 1]), "inputs[0].shape[0]: expected `int`, got `float`"),
        (changed(0, shape=[10**30, 1]), "inputs[0].shape[0]"),
        (changed(0, shape=[1] * 17), "inputs[0].shape"),
        (changed(0, shape=[3, 1]), "inputs[0].data: got 2 values; allowed: 3 values for shape [3, 1]"),
        (changed(0, data=None), "inputs[0]: got neither; allowed: data or binary_data_size"),
        (changed(0, data="x"), "inputs[0].data: expected `array`, got `str`"),
        ([two_rows()[0], *two_rows()], "inputs[1].name: got 'amount' twice"),
        (changed(0, name="amounts"), "inputs[0].name: got 'amounts'; allowed: amount, count"),
        (changed(0, parameters=[]), "inputs[0].parameters: expected `object`, got `array`"),
        (changed(0, parameters={"shared_memory_region": "r"}), "shared_memory_region: this extension is not offered"),
    ],
)
def test_a_malformed_tensor_is_refused_by_its_place(mixed: InProcess, inputs: Any, said: str) -> None:
    assert said in refused(infer(mixed, {"inputs": inputs}))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b"{", "not readable as JSON"),
        (b"[]", "the request: expected `object`, got `array`"),
        (b"{}", "the request: object missing required field `inputs`"),
        (b'{"inputs":{}}', "inputs: expected `array`"),
        (b'{"inputs":[7]}', "inputs[0]: expected `object`"),
        (b'{"inputs":[],"id":7}', "id: expected `str"),
        (b'{"inputs":[],"outputs":[{}]}', "outputs[0]: object missing required field `name`"),
        (b'{"inputs":[],"parameters":' + b"[" * 50_000 + b"]" * 50_000 + b"}", ""),
        (b'{"x":' + b"[" * 100_000, "not readable as JSON"),
        (b'{"x":\xff}', "not readable as JSON"),
    ],
)
def test_a_body_that_is_no_request_is_refused(mixed: InProcess, body: bytes, said: str) -> None:
    assert said in refused(mixed.ask("POST", INFER, body))


def test_classification_is_refused_rather_than_left_out(mixed: InProcess) -> None:
    wanted = [{"name": "score", "parameters": {"classification": 2}}]
    answer = infer(mixed, {"inputs": two_rows(), "outputs": wanted})
    assert refused(answer) == "outputs[0].parameters.classification: this extension is not offered; leave it out"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (changed(1, data=[2, 10]), "instances[1].count"),
        (changed(0, data=[1.5, -1]), "instances[1].amount"),
        (changed(0, data=[1.5, 1e39]), "instances[1].amount"),
        (changed(3, data=["DE", "IT"]), "instances[1].country"),
    ],
)
def test_a_row_that_the_schema_does_not_allow_is_named(mixed: InProcess, inputs: Any, said: str) -> None:
    assert said in refused(infer(mixed, {"inputs": inputs}), 422)


@pytest.mark.parametrize(
    "inputs",
    [
        two_rows()[:4],
        [],
        changed(0, shape=[1, 1], data=[1]),
        changed(4, shape=[2, 4]),
        changed(0, shape=[1, 2]),
    ],
)
def test_tensors_that_do_not_make_up_rows_are_refused(mixed: InProcess, inputs: Any) -> None:
    answer = infer(mixed, {"inputs": inputs})
    assert answer.status in {400, 422}
    assert json.loads(answer.body)["error"]


def test_one_tensor_may_stand_for_all_inputs(stacked: InProcess) -> None:
    content = {"inputs": [tensor("any_name", "FP32", [2, 3], [[1, 2, 3], [4, 5, 6]])]}
    assert outputs_of(infer(stacked, content)) == {"total": [321, 654]}


@pytest.mark.parametrize("shape", [[3, 2], [6], [1, 6], [1, 2, 3]])
def test_one_tensor_of_another_width_is_refused(stacked: InProcess, shape: list[int]) -> None:
    answer = infer(stacked, {"inputs": [tensor("x", "FP32", shape, [1, 2, 3, 4, 5, 6])]})
    assert answer.status in {400, 422}
