"""What must hold of every answer, whatever was asked."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from model_images.serve.messages import Answer
from tests.model_images.fuzz.inputs import Input


class Wrong(AssertionError):
    """An answer that breaks a rule; the message says which."""


def check(given: Input, answer: Answer) -> None:
    """Raises Wrong unless the answer is no server error, parses as what it says it is, and a valid input succeeded."""
    if answer.status >= 500:
        raise Wrong(f"status {answer.status}: {answer.body[:300]!r}")
    if given.valid and answer.status != 200:
        raise Wrong(f"a valid input got status {answer.status}: {answer.body[:300]!r}")
    if b"Traceback" in answer.body:
        raise Wrong(f"a traceback in an answer: {answer.body[:300]!r}")
    for name, value in answer.headers:
        if any(sign in name + value for sign in (b"\r", b"\n", b"\0")):
            raise Wrong(f"a header that breaks the answer: {name!r}: {value[:80]!r}")
    if answer.status != 200:
        _check_refusal(answer)
    else:
        _check_content(answer)


def _check_refusal(answer: Answer) -> None:
    said = _json(answer.body)
    if not isinstance(said, dict) or list(said) != ["error"] or not isinstance(said["error"], str) or not said["error"]:
        raise Wrong(f"status {answer.status} without an error text: {answer.body[:300]!r}")
    if "\n" in said["error"] or len(said["error"]) > 2000:
        raise Wrong(f"an error text that is no line: {said['error'][:300]!r}")


def _check_content(answer: Answer) -> None:
    kind, _, parameter = answer.content_type.decode().partition(";")
    length = dict(answer.headers).get(b"inference-header-content-length") or parameter.partition("json-header-size=")[2]
    if length:
        _check_tensors(answer.body, int(length))
    elif kind == "application/json":
        said = _json(answer.body)
        if "outputs" in said:
            _check_tensors(answer.body, len(answer.body))
    elif kind == "application/jsonlines":
        for line in answer.body.splitlines():
            _json(line)
    elif kind == "application/x-npy":
        np.load(io.BytesIO(answer.body), allow_pickle=False)
    else:
        answer.body.decode()


def _check_tensors(body: bytes, length: int) -> None:
    """JSON whose tensors have as many values as their shapes say, and binary data of the size that they say."""
    said = _json(body[:length])
    sizes = 0
    for output in said["outputs"]:
        if "data" in output and len(output["data"]) != int(np.prod(output["shape"])):
            raise Wrong(f"{len(output['data'])} values for shape {output['shape']}")
        sizes += output.get("parameters", {}).get("binary_data_size", 0)
    if sizes != len(body) - length:
        raise Wrong(f"{len(body) - length} bytes of binary data, told as {sizes}")


def _json(text: bytes) -> Any:
    def refuse(word: str) -> Any:
        raise Wrong(f"{word} in JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except ValueError as error:
        raise Wrong(f"no JSON: {error}: {text[:300]!r}") from error
