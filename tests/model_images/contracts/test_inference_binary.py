"""Inference requests and answers with the binary tensor extension."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.model_images.contracts.inference_requests import (
    LENGTH,
    as_binary,
    infer,
    outputs_of,
    refused,
    two_rows,
)
from tests.model_images.served import InProcess

INFER = "/v2/models/mixed/infer"


def test_binary_tensors_are_answered_as_their_json(mixed: InProcess) -> None:
    told, data = as_binary(two_rows())
    assert infer(mixed, {"inputs": told}, data).body == infer(mixed, {"inputs": two_rows()}).body


def test_binary_tensors_may_stand_beside_json_ones(mixed: InProcess) -> None:
    told, data = as_binary(two_rows()[2:])
    content = {"inputs": two_rows()[:2] + told}
    assert infer(mixed, content, data).body == infer(mixed, {"inputs": two_rows()}).body


def test_all_outputs_may_be_wanted_as_binary_data(mixed: InProcess) -> None:
    answer = infer(mixed, {"inputs": two_rows(), "parameters": {"binary_data_output": True}})
    length = int(dict(answer.headers)[b"inference-header-content-length"])
    said, data = json.loads(answer.body[:length]), answer.body[length:]
    assert answer.content_type == b"application/octet-stream"
    assert [output["parameters"]["binary_data_size"] for output in said["outputs"]] == [8, 14, 48, 2, 16]
    assert np.frombuffer(data[:8], "<f4").tolist() == [0.5, np.float32(0.033333335)]
    assert data[8:22] == b"\3\0\0\0DE!\3\0\0\0\xc3\x89!"
    assert data[70:72] == b"\0\1"
    assert np.frombuffer(data[72:], "<i8").tolist() == [2 * 2**40, 9 * 2**40]


def test_what_one_output_wants_goes_before_what_all_want(mixed: InProcess) -> None:
    wanted = [{"name": "score", "parameters": {"binary_data": False}}, {"name": "large"}]
    content = {"inputs": two_rows(), "outputs": wanted, "parameters": {"binary_data_output": True}}
    answer = infer(mixed, content)
    assert answer.body.endswith(b"}\0\1")
    assert b'"data":[0.5,0.033333335]' in answer.body
    single = [{"name": "score"}, {"name": "large", "parameters": {"binary_data": True}}]
    assert infer(mixed, {"inputs": two_rows(), "outputs": single}).body.endswith(b"}\0\1")


@pytest.mark.parametrize(
    "length", ["-1", "+1", "", "1.5", "0x10", "\u0661".encode().decode("latin-1"), "\u00b2", "9" * 40]
)
def test_a_json_length_that_is_no_whole_number_is_refused(mixed: InProcess, length: str) -> None:
    answer = infer(mixed, {"inputs": two_rows()}, headers={LENGTH: length})
    assert "Inference-Header-Content-Length: got" in refused(answer)


def test_a_json_length_beyond_the_body_is_refused(mixed: InProcess) -> None:
    answer = mixed.ask("POST", INFER, b"{}", {LENGTH: "3"})
    assert refused(answer) == "the JSON is said to be 3 bytes long; the body has 2"


def test_a_json_length_that_cuts_the_json_is_refused(mixed: InProcess) -> None:
    assert "not readable as JSON" in refused(infer(mixed, {"inputs": two_rows()}, headers={LENGTH: "10"}))


@pytest.mark.parametrize("extra", [b"\0", b"\0" * 100])
def test_binary_data_that_no_input_claims_is_refused(mixed: InProcess, extra: bytes) -> None:
    told, data = as_binary(two_rows())
    assert "binary_data_size add up to" in refused(infer(mixed, {"inputs": told}, data + extra))


@pytest.mark.parametrize("size", [-1, 7, 9, 10**30, 1.5, True, "8"])
def test_a_binary_size_that_does_not_add_up_is_refused(mixed: InProcess, size: Any) -> None:
    told, data = as_binary(two_rows())
    told[0]["parameters"]["binary_data_size"] = size
    assert refused(infer(mixed, {"inputs": told}, data))


def test_data_both_in_the_json_and_behind_it_is_refused(mixed: InProcess) -> None:
    told, data = as_binary(two_rows())
    told[0]["data"] = [1, 2]
    assert "got both; allowed: data or binary_data_size" in refused(infer(mixed, {"inputs": told}, data))


def test_half_precision_is_taken_as_binary_data(stacked: InProcess) -> None:
    data = np.array([1.5, 2, 3], "<f2").tobytes()
    told = {"name": "x", "datatype": "FP16", "shape": [1, 3], "parameters": {"binary_data_size": 6}}
    assert outputs_of(infer(stacked, {"inputs": [told]}, data)) == {"total": [321.5]}


def test_a_raw_body_is_one_tensor_and_is_answered_in_binary(stacked: InProcess) -> None:
    body = np.array([[1, 2, 3], [4, 5, 6]], "<f4").tobytes()
    answer = stacked.ask("POST", "/v2/models/stacked/infer", body, {LENGTH: "0"})
    length = int(dict(answer.headers)[b"inference-header-content-length"])
    assert json.loads(answer.body[:length])["outputs"][0]["shape"] == [2, 1]
    assert np.frombuffer(answer.body[length:], "<f4").tolist() == [321, 654]


def test_a_raw_body_cannot_stand_for_inputs_of_several_types(mixed: InProcess) -> None:
    assert "a raw tensor cannot stand for the 5 inputs" in refused(mixed.ask("POST", INFER, b"\0" * 8, {LENGTH: "0"}))


@pytest.mark.parametrize("size", [1, 11, 13])
def test_a_raw_body_of_half_a_row_is_refused(stacked: InProcess, size: int) -> None:
    answer = stacked.ask("POST", "/v2/models/stacked/infer", b"\0" * size, {LENGTH: "0"})
    assert "allowed: a multiple of 12 (one row)" in refused(answer)
