"""Requests and answers of the Open Inference Protocol as bytes: JSON, and after it the binary data of tensors.

Pure: a request's bytes to tensors of the model's own types, and outputs to an answer. Malformed ones are refused with
400; whether the rows are allowed is for the schema to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from model_images.contracts import tensors
from model_images.model_file import ElementType, ModelFile
from model_images.serve import answers
from model_images.serve.messages import Refused
from model_images.serve.rows import Array, Outputs

# Extensions that are not offered: to ignore them would answer something else than was asked for.
_NOT_OFFERED = ("classification", "shared_memory_region")


class RequestInput(msgspec.Struct):
    """One input tensor: `data`, or `parameters.binary_data_size` bytes behind the JSON."""

    name: str
    datatype: tensors.Datatype
    shape: tensors.Shape
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] = {}


class RequestOutput(msgspec.Struct):
    """One output that is wanted."""

    name: str
    parameters: dict[str, Any] = {}


class Inference(msgspec.Struct):
    """An inference request; without `outputs` all are answered."""

    inputs: tuple[RequestInput, ...]
    id: str | None = None
    outputs: tuple[RequestOutput, ...] = ()
    parameters: dict[str, Any] = {}

    def binary(self, output: RequestOutput) -> bool:
        """Whether an output's data is wanted behind the JSON: what is said of it alone goes first."""
        wish = output.parameters.get("binary_data")
        return (self.parameters.get("binary_data_output") if wish is None else wish) is True


_INFERENCE = msgspec.json.Decoder(Inference)


def read(model: ModelFile, body: bytes, json_length: int) -> tuple[Inference, dict[str, Array]]:
    """The request in `body`, whose first `json_length` bytes are JSON, and its tensors by name.

    Each tensor has the type of its input. A JSON length of 0: the body is one raw tensor, and the answer is binary.
    """
    if json_length > len(body):
        raise Refused(400, f"the JSON is said to be {json_length} bytes long; the body has {len(body)}")
    if not body:
        raise Refused(400, 'the body is empty; send {"inputs": [...]}')
    if json_length == 0:
        return Inference((), parameters={"binary_data_output": True}), _raw(model, body)
    asked = _decoded(body if json_length == len(body) else body[:json_length])
    names = [part.name for part in model.outputs]
    wanted = [output.name for output in asked.outputs]
    for place, name in enumerate(wanted):
        if name not in names or name in wanted[:place]:
            raise Refused(400, f"outputs[{place}].name: got {name!r:.80}; allowed: {', '.join(names)}, each once")
    with np.errstate(over="ignore"):
        return asked, _arrays(model, asked.inputs, memoryview(body)[json_length:])


def write(model: ModelFile, asked: Inference, outputs: Outputs) -> tuple[bytes, list[bytes]]:
    """The answer to `asked`: its JSON, and the data of those outputs that are wanted as binary."""
    types: dict[str, ElementType] = {part.name: part.type for part in model.outputs}
    told: list[dict[str, Any]] = []
    binary: list[bytes] = []
    for output in asked.outputs or [RequestOutput(name) for name in types]:
        name, array = output.name, outputs[output.name]
        shape = array.shape if array.ndim > 1 else (len(array), 1)
        part: dict[str, Any] = {"name": name, "datatype": tensors.OWN[types[name]], "shape": shape}
        if asked.binary(output):
            binary.append(tensors.to_binary(array, types[name]))
            part["parameters"] = {"binary_data_size": len(binary[-1])}
        else:
            # The same digits as in every other contract.
            part["data"] = msgspec.Raw(answers.array_as_json(array.ravel()))
        told.append(part)
    identity = {} if asked.id is None else {"id": asked.id}
    whole = {"model_name": model.name, "model_version": model.version, **identity, "outputs": told}
    return msgspec.json.encode(whole), binary


def _decoded(text: bytes) -> Inference:
    try:
        asked = _INFERENCE.decode(text)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise Refused(400, f"{place.strip('`.') or 'the request'}: {what[:1].lower()}{what[1:200]}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(400, f"the request is not readable as JSON: {error}") from error
    for kind, parts in (("inputs", asked.inputs), ("outputs", asked.outputs)):
        for place, part in enumerate(parts):
            for word in _NOT_OFFERED:
                if word in part.parameters:
                    raise Refused(
                        400, f"{kind}[{place}].parameters.{word}: this extension is not offered; leave it out"
                    )
    return asked


def _arrays(model: ModelFile, inputs: Sequence[RequestInput], binary: memoryview) -> dict[str, Array]:
    types: dict[str, ElementType] = {part.name: part.type for part in model.inputs}
    found: dict[str, Array] = {}
    place = 0
    for position, given in enumerate(inputs):
        field = f"inputs[{position}]"
        if given.name in found:
            raise Refused(400, f"{field}.name: got {given.name!r:.80} twice; allowed: each input once")
        size = _binary_size(given, field)
        element = types.get(given.name) or _stacked_type(model, given.name, len(inputs), field)
        allowed = tensors.allowed(element, in_json=size is None)
        if given.datatype not in allowed:
            raise Refused(
                400, f"{field}.datatype: got {given.datatype} for {given.name}; allowed: {', '.join(allowed)}"
            )
        if size is None:
            array = tensors.from_json(given.data, given.datatype, given.shape, field)
        else:
            array = tensors.from_binary(binary[place : place + size], given.datatype, given.shape, field)
            place += size
        found[given.name] = tensors.fitted(array, element)
    if place != len(binary):
        raise Refused(400, f"got {len(binary)} bytes of binary data; the inputs' binary_data_size add up to {place}")
    return found


def _binary_size(given: RequestInput, field: str) -> int | None:
    """The tensor's size in the binary data; None if its data stands in the JSON."""
    size = given.parameters.get("binary_data_size")
    told = bool(memoryview(given.data))
    if (size is None) != told:
        raise Refused(400, f"{field}: got {'neither' if size is None else 'both'}; allowed: data or binary_data_size")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise Refused(400, f"{field}.parameters.binary_data_size: got {size!r:.40}; allowed: a whole number from 0")
    return size


def _stacked_type(model: ModelFile, name: str, tensors_given: int, field: str) -> ElementType:
    """The type of a single tensor that bears no input's name: it may stand for all inputs of one type."""
    if tensors_given == 1 and _stackable(model):
        return model.inputs[0].type
    raise Refused(400, f"{field}.name: got {name!r:.80}; allowed: {', '.join(part.name for part in model.inputs)}")


def _stackable(model: ModelFile) -> bool:
    return not any(part.shape for part in model.inputs) and len({part.type for part in model.inputs}) == 1


def _raw(model: ModelFile, body: bytes) -> dict[str, Array]:
    """A body that is one tensor: of the only input, or of all inputs where they are scalars of one number type."""
    first = model.inputs[0]
    if len(model.inputs) > 1 and (first.type == "string" or not _stackable(model)):
        raise Refused(400, f"a raw tensor cannot stand for the {len(model.inputs)} inputs; send their JSON before it")
    shape = first.shape or (len(model.inputs),)
    array = tensors.fitted(tensors.raw_array(body, first.type, shape, first.name), first.type)
    # A tensor that stands for several inputs bears the name of none.
    return {first.name if len(model.inputs) == 1 else "": array}
