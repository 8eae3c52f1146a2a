"""Requests of the Open Inference Protocol, and what their answers say."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from model_images.serve.messages import Answer
from tests.model_images.served import InProcess

LENGTH = "Inference-Header-Content-Length"


def tensor(name: str, datatype: str, shape: list[int], data: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def two_rows() -> list[dict[str, Any]]:
    """Tensors of two allowed rows."""
    return [
        tensor("amount", "FP32", [2, 1], [1.5, 0.1]),
        tensor("count", "INT64", [2, 1], [2, 9]),
        tensor("known", "BOOL", [2, 1], [True, False]),
        tensor("country", "BYTES", [2, 1], ["DE", "\u00c9"]),
        tensor("grid", "FP64", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    ]


def as_binary(inputs: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bytes]:
    """The same tensors with their data as bytes."""
    kinds = {"FP32": "<f4", "FP64": "<f8", "INT64": "<i8", "BOOL": "u1"}
    told, data = list[dict[str, Any]](), list[bytes]()
    for given in inputs:
        if given["datatype"] == "BYTES":
            words = [word.encode() for word in given["data"]]
            data.append(b"".join(struct.pack("<I", len(word)) + word for word in words))
        else:
            data.append(np.array(given["data"], kinds[given["datatype"]]).tobytes())
        kept = {key: value for key, value in given.items() if key != "data"}
        told.append({**kept, "parameters": {"binary_data_size": len(data[-1])}})
    return told, b"".join(data)


def infer(served: InProcess, content: Any, data: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    text = json.dumps(content).encode()
    named = headers if headers is not None else ({LENGTH: str(len(text))} if data else {})
    return served.ask("POST", f"/v2/models/{served.served.model.name}/infer", text + data, named)


def outputs_of(answer: Answer) -> dict[str, Any]:
    """Each output's data in the JSON, by name."""
    assert answer.status == 200, answer.body
    return {output["name"]: output["data"] for output in json.loads(answer.body)["outputs"]}


def refused(answer: Answer, status: int = 400) -> str:
    said = json.loads(answer.body)
    assert answer.status == status, said
    assert list(said) == ["error"]
    return said["error"]


def changed(place: int, **changes: Any) -> list[dict[str, Any]]:
    """The tensors of two allowed rows, one of them changed; None takes a key away."""
    inputs = two_rows()
    inputs[place] = {key: value for key, value in {**inputs[place], **changes}.items() if value is not None}
    return inputs
