"""The routes of the Open Inference Protocol: metadata, health, inference, and the content types of two vendors."""

from __future__ import annotations

import json

import pytest

from model_images.contracts.open_inference import infer_vendor
from model_images.serve.messages import Refused
from tests.model_images.contracts.inference_requests import (
    as_binary,
    changed,
    infer,
    outputs_of,
    refused,
    two_rows,
)
from tests.model_images.served import InProcess, request

INFER = "/v2/models/mixed/infer"
SAGEMAKER = "application/vnd.sagemaker-triton.binary+json"
VERTEX = "application/vnd.vertex-ai-triton.binary+json"


def test_the_server_tells_its_name_and_the_binary_extension(mixed: InProcess) -> None:
    assert mixed.get("/v2") == {"name": "homeport", "version": "1", "extensions": ["binary_tensor_data"]}
    assert mixed.get("/v2/") == mixed.get("/v2")


@pytest.mark.parametrize("path", ["/v2/models/mixed", "/v2/models/mixed/versions/2.1"])
def test_a_model_tells_its_tensors_with_rows_first(mixed: InProcess, path: str) -> None:
    told = mixed.get(path)
    assert (told["name"], told["versions"], told["platform"]) == ("mixed", ["2.1"], "python")
    assert told["inputs"][0] == {"name": "amount", "datatype": "FP32", "shape": [-1, 1]}
    assert told["inputs"][4] == {"name": "grid", "datatype": "FP64", "shape": [-1, 2, 2]}
    assert [output["datatype"] for output in told["outputs"]] == ["FP32", "BYTES", "FP64", "BOOL", "INT64"]


def test_ready_and_live_say_so_in_json(mixed: InProcess) -> None:
    assert mixed.get("/v2/health/live") == {"live": True}
    assert mixed.get("/v2/health/ready") == {"ready": True}
    assert mixed.get("/v2/models/mixed/ready") == {"name": "mixed", "ready": True}
    assert mixed.get("/v2/models/mixed/versions/2.1/ready") == {"name": "mixed", "ready": True}


@pytest.mark.parametrize("what", ["ready", "draining"])
def test_a_server_that_is_not_warm_or_drains_is_live_and_not_ready(mixed: InProcess, what: str) -> None:
    setattr(mixed, what, what == "draining")
    try:
        for path in ("/v2/health/ready", "/v2/models/mixed/ready"):
            answer = mixed.ask("GET", path)
            assert (answer.status, json.loads(answer.body)["ready"]) == (503, False)
        assert mixed.get("/v2/health/live") == {"live": True}
    finally:
        mixed.ready, mixed.draining = True, False


@pytest.mark.parametrize("path", [INFER, "/v2/models/mixed/versions/2.1/infer"])
def test_rows_are_answered_as_flat_tensors_of_the_outputs_own_types(mixed: InProcess, path: str) -> None:
    answer = mixed.ask("POST", path, json.dumps({"inputs": two_rows()}).encode())
    said = json.loads(answer.body)
    assert (said["model_name"], said["model_version"]) == ("mixed", "2.1")
    assert "id" not in said
    assert said["outputs"] == [
        {"name": "score", "datatype": "FP32", "shape": [2, 1], "data": [0.5, 0.033333335]},
        {"name": "label", "datatype": "BYTES", "shape": [2, 1], "data": ["DE!", "É!"]},
        {"name": "parts", "datatype": "FP64", "shape": [2, 3], "data": [1.5, 2, None, 0.10000000149011612, 6, None]},
        {"name": "large", "datatype": "BOOL", "shape": [2, 1], "data": [False, True]},
        {"name": "whole", "datatype": "INT64", "shape": [2, 1], "data": [2 * 2**40, 9 * 2**40]},
    ]


def test_the_digits_are_those_of_the_other_contracts(mixed: InProcess) -> None:
    rows = [[1.5, 2, True, "DE", [[1, 2], [3, 4]]], [0.1, 9, False, "\u00c9", [[5, 6], [7, 8]]]]
    others = json.loads(mixed.ask("POST", "/invocations", json.dumps({"instances": rows}).encode()).body)["predictions"]
    outputs = outputs_of(infer(mixed, {"inputs": two_rows()}))
    assert outputs["score"] == [row["score"] for row in others]
    assert outputs["parts"] == [value for row in others for value in row["parts"]]


@pytest.mark.parametrize("id_", ["42", "", 'é\n"', "x" * 5000])
def test_the_request_s_id_comes_back(mixed: InProcess, id_: str) -> None:
    assert json.loads(infer(mixed, {"id": id_, "inputs": two_rows()}).body)["id"] == id_


def test_outputs_choose_tensors_and_their_order(mixed: InProcess) -> None:
    wanted = [{"name": "whole"}, {"name": "score"}]
    assert list(outputs_of(infer(mixed, {"inputs": two_rows(), "outputs": wanted}))) == ["whole", "score"]
    assert len(outputs_of(infer(mixed, {"inputs": two_rows(), "outputs": []}))) == 5


def test_keys_and_parameters_that_mean_nothing_here_are_passed_over(mixed: InProcess) -> None:
    inputs = changed(0, parameters={"content_type": "np"})
    answer = infer(mixed, {"model_name": "x", "inputs": inputs, "parameters": {"sequence_id": 3, "priority": 1}})
    assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/v2/models/other/infer", "model 'other' is not in this image; it holds mixed, version 2.1"),
        ("GET", "/v2/models/other", "model 'other'"),
        ("GET", "/v2/models/", "model ''"),
        ("POST", "/v2/models/mixed/versions/9/infer", "version '9' is not in this image"),
        ("GET", "/v2/models/mixed/versions/2.10/ready", "version '2.10'"),
        ("GET", "/v2/models/mixed/versions/", "version ''"),
        ("GET", "/v2/models/mixed/config", "no such route"),
        ("GET", "/v2/models/mixed/versions/2.1/x", "no such route"),
    ],
)
def test_another_model_version_or_route_is_not_found(mixed: InProcess, method: str, path: str, said: str) -> None:
    assert said in refused(mixed.ask(method, path), 404)


@pytest.mark.parametrize("vendor", [SAGEMAKER, VERTEX])
def test_a_vendor_s_content_type_carries_the_json_length_both_ways(mixed: InProcess, vendor: str) -> None:
    told, data = as_binary(two_rows())
    text = json.dumps({"inputs": told, "parameters": {"binary_data_output": True}, "outputs": [{"name": "large"}]})
    headers = {"content-type": f"{vendor};json-header-size={len(text)}"}
    answer = mixed.ask("POST", "/invocations", text.encode() + data, headers)
    assert answer.status == 200, answer.body
    assert answer.content_type.decode().startswith(f"{vendor};json-header-size=")
    assert answer.body[int(answer.content_type.rpartition(b"=")[2]) :] == b"\0\1"


def test_a_vendor_s_request_without_binary_outputs_is_answered_in_json(mixed: InProcess) -> None:
    content = json.dumps({"inputs": two_rows()}).encode()
    answer = mixed.ask("POST", "/invocations", content, {"content-type": SAGEMAKER})
    assert answer.content_type == b"application/json"
    assert answer.body == infer(mixed, {"inputs": two_rows()}).body


@pytest.mark.parametrize(
    "rest",
    [";json-header-size=-1", ";json-header-size=", ";json-header-size=1e3", ";x", "ish", "; json-header-size=\u00b2"],
)
def test_a_vendor_s_length_that_is_no_whole_number_is_refused(mixed: InProcess, rest: str) -> None:
    asked = request(mixed.loop, "POST", "/invocations", b"{}", {"content-type": SAGEMAKER + rest})
    with pytest.raises(Refused, match=r"allowed: .*json-header-size=N"):
        mixed.run(infer_vendor(mixed.served, asked))
