"""One invocation: rows in by Content-Type, a prediction, outputs out by Accept. SageMaker and Vertex AI share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from model_images.contracts import npy
from model_images.contracts.content_types import CSV, JSON, JSON_LINES, NPY, MediaType, chosen, content_type
from model_images.contracts.open_inference import VENDOR_TYPES, infer_vendor
from model_images.model_file import ModelFile
from model_images.serve import answers
from model_images.serve.messages import Answer, Refused, Request
from model_images.serve.metrics import WARNED_ATTRIBUTES
from model_images.serve.rows import Outputs, Rows
from model_images.serve.served import Served

if TYPE_CHECKING:
    from model_images.serve.feature_rows import FeatureRows

READ = (JSON, CSV, JSON_LINES, NPY)
CHARSETS = ("utf-8", "utf8", "us-ascii")
CUSTOM_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
# docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html: ASCII, at most 1024 characters.
CUSTOM_ATTRIBUTES_LENGTH = 1024
_WRITERS: dict[str, Callable[[Outputs], bytes]] = {
    JSON: lambda outputs: b'{"predictions":' + answers.as_json(outputs) + b"}",
    CSV: lambda outputs: answers.as_csv(outputs),
    JSON_LINES: lambda outputs: answers.as_json_lines(outputs),
    NPY: npy.write,
}


class Invocation:
    """Answers invocations of one served model."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._offers = offers(served.model)
        self._completing = _completing(served)

    async def __call__(self, request: Request) -> Answer:
        """The prediction for the request's rows. Raises Refused."""
        media = content_type(request.headers.get(b"content-type", JSON.encode()))
        if media.name in VENDOR_TYPES:
            return await infer_vendor(self._served, request)
        _check_readable(media, request)
        form = chosen(request.headers.get(b"accept", b""), self._offers)
        if form is None:
            got = request.header(b"accept")
            raise Refused(406, f"Accept: got {got!r:.120}; allowed: {', '.join(self._offers)}")
        if self._completing is None:
            rows, select = self._rows(media, request.body)
        else:
            rows, select = await self._completed(self._completing, media, request)
        prediction = await self._served.inference.predict(rows, request, select)
        headers = self._headers(prediction.custom_attributes) if prediction.custom_attributes else ()
        return Answer(200, _WRITERS[form](prediction.outputs), form.encode("ascii"), headers)

    def _rows(self, media: MediaType, body: bytes) -> tuple[Rows, Sequence[str] | None]:
        schema = self._served.schema
        match media.name:
            case "text/csv":
                return schema.from_csv(body, label_size=_label_size(media)), None
            case "application/jsonlines":
                return schema.from_json_lines(body), None
            case "application/x-npy":
                return schema.from_matrix(npy.read(body)), None
            case _:
                rows, parameters = schema.from_json(body)
                return rows, self._selection(parameters) if parameters else None

    async def _completed(
        self, completing: FeatureRows, media: MediaType, request: Request
    ) -> tuple[Rows, Sequence[str] | None]:
        """The same, where a table has what rows of JSON leave out."""
        match media.name:
            case "application/jsonlines":
                return await completing.from_json_lines(request.body, request.deadline), None
            case "application/json":
                rows, parameters = await completing.from_json(request.body, request.deadline)
                return rows, self._selection(parameters) if parameters else None
            case _:
                return self._rows(media, request.body)

    def _selection(self, parameters: dict[str, Any]) -> Sequence[str] | None:
        """`parameters.outputs`: names of the outputs that are wanted. Other parameters mean nothing to a model here."""
        wanted = parameters.get("outputs")
        if wanted is None:
            return None
        names = [output.name for output in self._served.model.outputs]
        chosen_names = cast("list[Any]", wanted) if isinstance(wanted, list) else []
        if not chosen_names or not all(name in names for name in chosen_names):
            raise Refused(422, f"parameters.outputs: got {wanted!r:.120}; allowed: a list of {', '.join(names)}")
        return [name for name in names if name in chosen_names]

    def _headers(self, attributes: str) -> tuple[tuple[bytes, bytes], ...]:
        """The header for what the model set; left out if none can carry it (line breaks, no ASCII, too long)."""
        if len(attributes) > CUSTOM_ATTRIBUTES_LENGTH or not (attributes.isascii() and attributes.isprintable()):
            self._served.metrics.count(WARNED_ATTRIBUTES)
            return ()
        return ((CUSTOM_ATTRIBUTES, attributes.encode("ascii")),)


def offers(model: ModelFile) -> tuple[str, ...]:
    """The media types in which the model's outputs can be answered, the usual one first."""
    numbers = all(output.type != "string" for output in model.outputs)
    return (JSON, CSV, JSON_LINES, NPY) if numbers else (JSON, CSV, JSON_LINES)


def _completing(served: Served) -> FeatureRows | None:
    if served.inference.features is None:
        return None
    from model_images.serve.feature_rows import FeatureRows  # few servers have a table

    return FeatureRows(served.schema, served.inference.features)


def _check_readable(media: MediaType, request: Request) -> None:
    if not request.body:
        raise Refused(400, f"the body is empty; send one of {', '.join(READ)}")
    if media.name not in READ:
        got = request.header(b"content-type")
        raise Refused(415, f"Content-Type: got {got!r:.120}; allowed: {', '.join(READ)}")
    charset = media.parameters.get("charset", "utf-8").lower()
    if charset not in CHARSETS:
        raise Refused(415, f"Content-Type: got charset {charset!r:.40}; allowed: utf-8")


def _label_size(media: MediaType) -> int:
    """Columns at a CSV row's beginning that are labels, not inputs: `text/csv; label_size=1`."""
    text = media.parameters.get("label_size", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise Refused(400, f"Content-Type: got label_size {text!r:.40}; allowed: a whole number of columns, from 0")
    return int(text)
