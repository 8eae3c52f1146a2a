"""The Open Inference Protocol V2 over HTTP, with Triton's binary tensor extension.

Sources: github.com/kserve/open-inference-protocol specification/protocol/inference_rest.md;
github.com/triton-inference-server/server docs/protocol/extension_binary_data.md and src/sagemaker_server.cc.

A scalar input or output is a tensor of shape [rows, 1], one with a shape is [rows, *shape]. Where the specification
contradicts itself: readiness is `{"ready": bool}` (its text shows `live`), answers always hold `model_name` and
`model_version`, and the number of values must be the product of the shape (its BOOL example is short).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from model_images.contracts import inference_messages, tensors
from model_images.model_file import ModelFile, Tensor
from model_images.serve.messages import JSON, Answer, Refused, Request
from model_images.serve.served import Handler, Served

SERVER_NAME = "homeport"
# Of this server's form of the protocol, not of the model.
SERVER_VERSION = "1"
EXTENSIONS = ("binary_tensor_data",)
OCTETS = b"application/octet-stream"
JSON_LENGTH = b"inference-header-content-length"
# Where no header of its own gets through, the length of the JSON stands in the content type.
VENDOR_TYPES = (
    "application/vnd.sagemaker-triton.binary+json",
    "application/vnd.vertex-ai-triton.binary+json",
)
# The specification's names for formats; other frameworks go by their own name.
PLATFORMS = {"onnx": "onnx_onnxv1"}
_LENGTH = re.compile("[0-9]{1,15}")
_VENDOR_LENGTH = re.compile(r"\s*;\s*json-header-size=([0-9]{1,15})\s*")


def routes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """The contract's routes by method and path."""
    model = served.model
    server = {"name": SERVER_NAME, "version": SERVER_VERSION, "extensions": EXTENSIONS}
    found: dict[tuple[str, str], Handler] = {
        ("GET", "/v2"): _told(server),
        ("GET", "/v2/"): _told(server),
        ("GET", "/v2/health/live"): _told({"live": True}),
        ("GET", "/v2/health/ready"): _readiness(served, {}),
    }
    for path in (f"/v2/models/{model.name}", f"/v2/models/{model.name}/versions/{model.version}"):
        found["GET", path] = _told(metadata(model))
        found["GET", f"{path}/ready"] = _readiness(served, {"name": model.name})
        found["POST", f"{path}/infer"] = _infer(served)
    return found


def prefixes(served: Served) -> Mapping[tuple[str, str], Handler]:
    """Routes whose path only begins so: every model and version that is not in this image."""
    model = served.model
    held = f"is not in this image; it holds {model.name}, version {model.version}"

    async def answer(request: Request) -> Answer:
        name, _, rest = request.path.removeprefix("/v2/models/").partition("/")
        version = rest.removeprefix("versions/").partition("/")[0]
        if name != model.name:
            raise Refused(404, f"model {name!r:.80} {held}")
        if rest.startswith("versions/") and version != model.version:
            raise Refused(404, f"version {version!r:.80} {held}")
        raise Refused(404, f"no such route; allowed: /v2/models/{name}[/versions/{model.version}][/ready|/infer]")

    return {("GET", "/v2/models/"): answer, ("POST", "/v2/models/"): answer}


def metadata(model: ModelFile) -> dict[str, Any]:
    """What the protocol tells of a model: its inputs and outputs as tensors, -1 for the number of rows."""

    def told(parts: Sequence[Tensor]) -> list[dict[str, Any]]:
        shapes = [[-1, *(part.shape or (1,))] for part in parts]
        kinds = [tensors.OWN[part.type] for part in parts]
        return [
            {"name": part.name, "datatype": kind, "shape": shape}
            for part, kind, shape in zip(parts, kinds, shapes, strict=True)
        ]

    platform = PLATFORMS.get(model.framework, model.framework)
    named = {"name": model.name, "versions": [model.version], "platform": platform}
    return {**named, "inputs": told(model.inputs), "outputs": told(model.outputs)}


async def infer_vendor(served: Served, request: Request) -> Answer:
    """An inference in one of VENDOR_TYPES, on SageMaker's or Vertex AI's predict route; answered in the same form."""
    content_type = request.header(b"content-type").lower()
    vendor = next((name for name in VENDOR_TYPES if content_type.startswith(name)), None)
    if vendor is None:
        raise Refused(415, f"Content-Type: got {content_type!r:.120}; allowed: {', '.join(VENDOR_TYPES)}")
    rest = content_type.removeprefix(vendor)
    found = _VENDOR_LENGTH.fullmatch(rest)
    if found is None and rest.strip():
        raise Refused(400, f"Content-Type: got {content_type!r:.120}; allowed: {vendor};json-header-size=N")
    text, binary = await _inferred(served, request, int(found[1]) if found else len(request.body))
    if not binary:
        return Answer(200, text, JSON)
    return Answer(200, b"".join((text, *binary)), f"{vendor};json-header-size={len(text)}".encode("ascii"))


def _infer(served: Served) -> Handler:
    async def answer(request: Request) -> Answer:
        length = len(request.body)
        if JSON_LENGTH in request.headers:
            given = request.header(JSON_LENGTH).strip()
            if _LENGTH.fullmatch(given) is None:
                raise Refused(
                    400, f"Inference-Header-Content-Length: got {given!r:.40}; allowed: a whole number from 0"
                )
            length = int(given)
        text, binary = await _inferred(served, request, length)
        if not binary:
            return Answer(200, text, JSON)
        return Answer(200, b"".join((text, *binary)), OCTETS, ((JSON_LENGTH, b"%d" % len(text)),))

    return answer


async def _inferred(served: Served, request: Request, json_length: int) -> tuple[bytes, list[bytes]]:
    asked, arrays = inference_messages.read(served.model, request.body, json_length)
    rows = served.schema.from_tensors(arrays)
    select = [output.name for output in asked.outputs] or None
    prediction = await served.inference.predict(rows, request, select)
    return inference_messages.write(served.model, asked, prediction.outputs)


def _told(content: dict[str, Any]) -> Handler:
    text = msgspec.json.encode(content)

    async def answer(_: Request) -> Answer:
        return Answer(200, text)

    return answer


def _readiness(served: Served, content: dict[str, Any]) -> Handler:
    async def answer(_: Request) -> Answer:
        ready = served.ready()
        return Answer(200 if ready else 503, msgspec.json.encode({**content, "ready": ready}))

    return answer
