"""The Open Inference Protocol of a running server, from the sources and from the built image."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from tests.model_images.live import LiveServer

INFER = "/v2/models/fraud/infer"
ROWS = [[129.9, 3, True], [12.5, 14, False], [0.1, 23, True]]
LENGTH = "inference-header-content-length"
VENDORS = ("application/vnd.sagemaker-triton.binary+json", "application/vnd.vertex-ai-triton.binary+json")


def tensors() -> list[dict[str, Any]]:
    columns = zip(("amount", "hour", "foreign_card"), ("FP64", "INT64", "BOOL"), zip(*ROWS, strict=True), strict=True)
    return [
        {"name": name, "datatype": kind, "shape": [len(ROWS), 1], "data": list(values)}
        for name, kind, values in columns
    ]


def binary_request(**more: Any) -> tuple[bytes, bytes]:
    """The same rows as JSON and the bytes behind it."""
    data = struct.pack("<3d3q3?", *(row[place] for place in range(3) for row in ROWS))
    told = [
        {key: value for key, value in tensor.items() if key != "data"} | {"parameters": {"binary_data_size": size}}
        for tensor, size in zip(tensors(), (24, 24, 3), strict=True)
    ]
    return json.dumps({"inputs": told, **more}).encode(), data


def predictions(server: LiveServer) -> list[float]:
    """What the other contracts answer for the rows."""
    reply = server.post_json("/invocations", {"instances": ROWS})
    assert reply.status == 200, reply.body
    return reply.json()["predictions"]


def test_the_answer_is_that_of_the_other_contracts_to_the_last_digit(fraud: LiveServer) -> None:
    reply = fraud.post_json(INFER, {"id": "7", "inputs": tensors()})
    output = {"name": "probability", "datatype": "FP64", "shape": [3, 1], "data": predictions(fraud)}
    assert reply.json() == {"model_name": "fraud", "model_version": "1.0", "id": "7", "outputs": [output]}
    assert reply.headers["x-prediction-id"]


def test_binary_tensors_go_in_and_come_out(fraud: LiveServer) -> None:
    text, data = binary_request(parameters={"binary_data_output": True})
    headers = {"content-type": "application/octet-stream", LENGTH: str(len(text))}
    reply = fraud.ask("POST", INFER, text + data, headers)
    assert reply.headers["content-type"] == "application/octet-stream"
    assert list(struct.unpack("<3d", reply.body[int(reply.headers[LENGTH]) :])) == predictions(fraud)


@pytest.mark.parametrize("vendor", VENDORS)
def test_sagemaker_and_vertex_ai_carry_binary_tensors_by_content_type(fraud: LiveServer, vendor: str) -> None:
    text, data = binary_request(parameters={"binary_data_output": True})
    reply = fraud.ask("POST", "/invocations", text + data, {"content-type": f"{vendor};json-header-size={len(text)}"})
    kind, _, length = reply.headers["content-type"].partition(";json-header-size=")
    assert kind == vendor
    assert list(struct.unpack("<3d", reply.body[int(length) :])) == predictions(fraud)


def test_the_server_is_live_and_ready_and_tells_its_tensors(fraud: LiveServer) -> None:
    assert fraud.get("/v2/health/live").json() == {"live": True}
    assert fraud.get("/v2/health/ready").json() == {"ready": True}
    assert fraud.get("/v2/models/fraud/versions/1.0/ready").json() == {"name": "fraud", "ready": True}
    told = fraud.get("/v2/models/fraud").json()
    assert [part["datatype"] for part in told["inputs"]] == ["FP64", "INT64", "BOOL"]


def test_a_refused_row_and_an_unknown_model_are_errors_in_json(fraud: LiveServer) -> None:
    wrong = tensors()
    wrong[1]["data"] = [3, 24, 5]
    reply = fraud.post_json(INFER, {"inputs": wrong})
    assert reply.status == 422
    assert "instances[1].hour: got 24" in reply.json()["error"]
    assert fraud.post_json("/v2/models/other/infer", {"inputs": tensors()}).status == 404
    assert fraud.get("/v2/models/fraud/versions/9").status == 404
    assert fraud.get(INFER).status == 405
