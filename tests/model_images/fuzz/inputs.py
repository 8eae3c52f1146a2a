"""Inputs of every contract: each begins as a valid request and is then, mostly, broken."""

from __future__ import annotations

import base64
import io
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.model_images.fuzz.pool import as_json, broken_bytes, broken_json, chance

PREDICT_ROUTE = "/v1/endpoints/1/deployedModels/2:predict"
HEALTH_ROUTE = "/v1/endpoints/1/deployedModels/2"
ACCEPTS = ("", "*/*", "application/json", "text/csv", "application/jsonlines", "application/x-npy", "image/png", ";q=,")
JUNK = ("", "\u00e9", "\xff", "a" * 2000, "1;2", "-1", "0", "1", "9" * 30, "\u0661", "text/csv; label_size=1", "x\ty")
# Headers that expressions with two ways to read them would take minutes for.
LONG = (
    "application/json;" + " " * 30_000 + "x",
    '"' + '\\"' * 30_000,
    "a/b;q=" + "0" * 30_000,
    ", " * 30_000,
    "a;" * 30_000,
)
COUNTRIES = ("DE", "FR", "\u00c9")
VENDORS = ("application/vnd.sagemaker-triton.binary+json", "application/vnd.vertex-ai-triton.binary+json")
# Of the mixed model in tests/model_images/served.py: tensor, type and shape of one row.
TENSORS = (
    ("amount", "FP32", "<f4", (1,)),
    ("count", "INT64", "<i8", (1,)),
    ("known", "BOOL", "u1", (1,)),
    ("country", "BYTES", "O", (1,)),
    ("grid", "FP64", "<f8", (2, 2)),
)


@dataclass
class Input:
    """One request, to the stacked model or else the mixed one of tests/model_images/served.py.

    `event` holds it as Lambda hands it over. `valid` ones have to be answered 200.
    """

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    valid: bool = False
    event: bytes | None = None
    stacked: bool = False


def made(draw: random.Random) -> Input:
    """An input of any contract."""
    valid = chance(draw, 5)
    given = draw.choice(MAKERS)(draw, valid)
    given.valid = valid
    if not valid and chance(draw, 4):
        given.headers[draw.choice(("content-type", "accept", "x-request-id", "inference-header-content-length"))] = (
            draw.choice(LONG if chance(draw, 20) else JUNK)
        )
    if not valid and chance(draw, 3):
        given.body = broken_bytes(draw, given.body)
    if given.event is not None and not valid and chance(draw, 3):
        given.event = broken_bytes(draw, given.event)
    return given


def _row(draw: random.Random) -> list[Any]:
    grid = [[draw.uniform(-9, 9) for _ in range(2)] for _ in range(2)]
    return [draw.choice((0, 1.5, 3e38)), draw.randint(-5, 9), draw.random() < 0.5, draw.choice(COUNTRIES), grid]


def _rows(draw: random.Random) -> list[list[Any]]:
    return [_row(draw) for _ in range(draw.choice((1, 1, 1, 2, 3, 17)))]


def _instances(draw: random.Random, valid: bool) -> Input:
    names = [name for name, *_ in TENSORS]
    rows: list[Any] = [row if chance(draw, 2) else dict(zip(names, row, strict=True)) for row in _rows(draw)]
    content: Any = {"instances": rows}
    if chance(draw, 4):
        content["parameters"] = {"outputs": ["score", "whole"]}
    content = content if valid else broken_json(draw, content)
    accept = draw.choice(ACCEPTS[:5]) if valid else draw.choice(ACCEPTS)
    headers = {"content-type": "application/json"} | ({"accept": accept} if accept else {})
    return Input("POST", draw.choice(("/invocations", PREDICT_ROUTE)), headers, as_json(draw, content))


def _lines(draw: random.Random, valid: bool) -> Input:
    rows: list[Any] = list(_rows(draw))
    rows = rows if valid else [broken_json(draw, row) if chance(draw, 2) else row for row in rows]
    body = draw.choice((b"\n", b"\r\n")).join(as_json(random.Random(1), row) for row in rows)
    return Input("POST", "/invocations", {"content-type": "application/jsonlines"}, body)


def _csv(draw: random.Random, valid: bool) -> Input:
    rows = [
        "{},{},{}".format(*(draw.choice(("1", "0.5", "-3e2")) for _ in range(3))) for _ in range(draw.randint(1, 9))
    ]
    if not valid:
        odd = ("", ",", '"', "1,2", "1,2,3,4", "a,b,c", "1,nan,2", '"1","2","3"', "1;2;3", " 1, 2, 3 ", "1,,3")
        rows.insert(draw.randint(0, len(rows)), draw.choice(odd))
    body = draw.choice(("\n", "\r\n")).join(rows).encode()
    return Input("POST", "/invocations", {"content-type": "text/csv"}, body, stacked=True)


def _npy(draw: random.Random, valid: bool) -> Input:
    kinds: tuple[Any, ...] = ("<f4",) if valid else ("<f4", ">f4", "<f8", "<i8", "?", "<U3", "O", "<M8[s]", "<c8", "V4")
    shapes: tuple[tuple[int, ...], ...] = ((2, 3),) if valid else ((2, 3), (3,), (0, 3), (2, 2), (1, 3, 1), ())
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(draw.choice(shapes), draw.choice(kinds)), allow_pickle=True)
    return Input("POST", "/invocations", {"content-type": "application/x-npy"}, buffer.getvalue(), stacked=True)


def _inference(draw: random.Random, valid: bool) -> Input:
    """An Open Inference request; each tensor's data in the JSON or behind it."""
    rows = _rows(draw)
    told, binary = list[Any](), list[bytes]()
    for place, (name, datatype, kind, shape) in enumerate(TENSORS):
        values = np.array([row[place] for row in rows], object if kind == "O" else kind).reshape(len(rows), *shape)
        part: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(values.shape)}
        if chance(draw, 3):
            data = b"".join(map(_counted, values.ravel())) if kind == "O" else values.tobytes()
            binary.append(data)
            part["parameters"] = {"binary_data_size": len(data)}
        else:
            plain = values.astype(bool) if datatype == "BOOL" else values
            part["data"] = (plain if chance(draw, 2) else plain.ravel()).tolist()
        told.append(part)
    content: Any = {"inputs": told}
    if chance(draw, 3):
        content["id"] = draw.choice(("", "1", "\u00e9"))
    if chance(draw, 3):
        content["outputs"] = [{"name": "score", "parameters": {"binary_data": chance(draw, 2)}}, {"name": "label"}]
    if chance(draw, 3):
        content["parameters"] = {"binary_data_output": True}
    text = as_json(draw, content if valid else broken_json(draw, content))
    return _framed(draw, text, b"".join(binary), valid)


def _framed(draw: random.Random, text: bytes, binary: bytes, valid: bool) -> Input:
    length = len(text) if valid or chance(draw, 2) else draw.choice((0, 1, len(text) - 1, len(text) + 1, 10**9, -1))
    path = draw.choice(("/v2/models/mixed/infer", "/v2/models/mixed/versions/2.1/infer"))
    if chance(draw, 4):
        vendor = draw.choice(VENDORS)
        headers = {"content-type": f"{vendor};json-header-size={length}"}
        return Input("POST", draw.choice(("/invocations", PREDICT_ROUTE)), headers, text + binary)
    headers = {"inference-header-content-length": str(length)} if binary or chance(draw, 3) else {}
    return Input("POST", path, headers, text + binary)


def _raw(draw: random.Random, valid: bool) -> Input:
    size = 12 * draw.randint(1, 5) if valid else draw.randint(0, 40)
    body = np.zeros(size // 4, "<f4").tobytes() if valid else draw.randbytes(size)
    headers = {"inference-header-content-length": "0"}
    return Input("POST", "/v2/models/stacked/infer", headers, body, stacked=True)


def _told(draw: random.Random, valid: bool) -> Input:
    """Routes that answer without a body."""
    known = ("/ping", "/livez", "/readyz", "/metrics", "/v2", "/v2/health/ready", "/v2/models/mixed", HEALTH_ROUTE)
    if valid:
        return Input("GET", draw.choice(known))
    odd = (
        "/",
        "",
        "//",
        "/v2/models/",
        "/v2/models/mixed/versions/",
        "/models",
        "/models/a/invoke",
        "/%00",
        "/" * 3000,
    )
    methods = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "X", "")
    return Input(
        draw.choice(methods), draw.choice((*known, *odd, "/invocations")), {}, draw.randbytes(draw.randint(0, 9))
    )


def _event(draw: random.Random, valid: bool) -> Input:
    """One of the inputs above as an event of Lambda, in the form of one of its senders."""
    inner = draw.choice((_instances, _inference))(draw, valid)
    as_base64 = chance(draw, 2) or not inner.body.isascii()
    body = base64.b64encode(inner.body).decode() if as_base64 else inner.body.decode()
    proxied: dict[str, Any] = {"headers": inner.headers, "body": body, "isBase64Encoded": as_base64}
    line = {"httpMethod": inner.method, "path": inner.path}
    senders: tuple[dict[str, Any], ...] = (
        {
            "version": "2.0",
            "rawPath": inner.path,
            "rawQueryString": "a=1",
            "requestContext": {"http": {"method": "POST"}},
        },
        {**line, "requestContext": {"stage": "prod"}, "queryStringParameters": {"a": "1"}},
        {**line, "requestContext": {"elb": {}}, "multiValueHeaders": {key: [to] for key, to in inner.headers.items()}},
    )
    event: Any = draw.choice(senders) | proxied
    inner.event = as_json(draw, event if valid or chance(draw, 2) else broken_json(draw, event))
    return inner


def _direct(draw: random.Random, valid: bool) -> Input:
    inner = _instances(draw, valid)
    inner.event = inner.body
    return inner


def _counted(word: str) -> bytes:
    return struct.pack("<I", len(word.encode())) + word.encode()


MAKERS: tuple[Callable[[random.Random, bool], Input], ...] = (
    _instances,
    _instances,
    _lines,
    _csv,
    _npy,
    _inference,
    _inference,
    _inference,
    _raw,
    _told,
    _event,
    _direct,
)
