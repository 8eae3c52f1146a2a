"""What AWS Lambda hands over, as requests, and answers in the form that each sender reads. Pure.

Senders are told apart by what only they write: API Gateway's REST API (1.0), its HTTP API and function URLs (2.0), an
Application Load Balancer; all else is a direct invocation, whose event is a body like SageMaker's and Vertex AI's, and
whose prediction id is Lambda's request id.
Sources: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, docs.aws.amazon.com/lambda/latest/dg/services-alb.html.
"""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import unquote, urlencode

import msgspec

from model_images.serve.messages import JSON, Answer, Refused, Request

Sender = Literal["direct", "rest", "http", "balancer"]
# docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB each way, synchronously.
ANSWER_LIMIT_BYTES = 6 * 1024 * 1024
DIRECT_PATH = "/invocations"
# A category and a reason each, as the Runtime API wants it.
ERROR_TYPES = {
    400: "Request.Unreadable",
    413: "Answer.TooLarge",
    422: "Request.RowRefused",
    429: "Server.Busy",
    500: "Model.Failed",
    504: "Server.DeadlinePassed",
}
_TEXT_TYPES = (b"text/", b"application/json", b"application/jsonlines")


class _Http(msgspec.Struct):
    method: str = "GET"


class _Context(msgspec.Struct):
    elb: Any = None
    http: _Http | None = None
    stage: str | None = None


class _Event(msgspec.Struct, rename="camel"):
    """Keys of all senders' events together; others are passed over unread."""

    request_context: _Context | None = None
    version: Any = None
    http_method: str | None = None
    path: str | None = None
    raw_path: str | None = None
    raw_query_string: str | None = None
    query_string_parameters: dict[str, str | None] | None = None
    multi_value_query_string_parameters: dict[str, list[str] | None] | None = None
    headers: dict[str, str | None] | None = None
    multi_value_headers: dict[str, list[str] | None] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


class Event(msgspec.Struct):
    """A request and who sent it; `multi_value` if the sender reads headers as lists only."""

    sender: Sender
    request: Request
    multi_value: bool = False


_EVENT = msgspec.json.Decoder(_Event)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_event(payload: bytes, id_: str, deadline: float) -> Event:
    """The request in an event. Raises Refused (400) for one that looks like a sender's but is not."""
    sender, found = _told_apart(payload)
    if sender == "direct":
        request = Request("POST", DIRECT_PATH, {b"content-type": JSON}, payload, id_, deadline=deadline)
        return Event(sender, request)
    method, path, query = _line(sender, found, found.request_context or _Context())
    if not (method.isascii() and method.isalpha()):
        raise Refused(400, f"event: the HTTP method is {method!r:.40}; allowed: letters")
    request = Request(method, path, _headers(found), _body(found), id_, query, deadline)
    return Event(sender, request, sender == "balancer" and found.multi_value_headers is not None)


def error(status: int, message: str, kind: str = "") -> tuple[str, bytes]:
    """Error type (from the status if none is given) and body for the Runtime API's error routes; no stack trace."""
    kind = kind or ERROR_TYPES.get(status, f"Request.Status{status}")
    return kind, msgspec.json.encode({"errorMessage": message, "errorType": kind, "stackTrace": []})


def error_of(answer: Answer) -> tuple[str, bytes]:
    """The same for an answer that is a refusal."""
    try:
        message = msgspec.json.decode(answer.body, type=dict[str, str]).get("error", "")
    except msgspec.MsgspecError:
        message = ""
    return error(answer.status, message or f"answered with status {answer.status}")


def write_answer(event: Event, answer: Answer) -> bytes:
    """An answer in the form that the event's sender reads; a direct one is its body alone."""
    if event.sender == "direct":
        return answer.body
    headers = [(b"content-type", answer.content_type), (b"x-prediction-id", event.request.id.encode()), *answer.headers]
    texts = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    text = _text(answer)
    told: dict[str, Any] = {
        "statusCode": answer.status,
        "body": base64.b64encode(answer.body).decode("ascii") if text is None else text,
        "isBase64Encoded": text is None,
    }
    if event.multi_value:
        told["multiValueHeaders"] = {name: [value] for name, value in texts}
    else:
        told["headers"] = dict(texts)
    if event.sender == "balancer":
        told["statusDescription"] = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    return msgspec.json.encode(told)


def _told_apart(payload: bytes) -> tuple[Sender, _Event]:
    try:
        found = _EVENT.decode(payload)
    except msgspec.ValidationError as error_:
        if not _from_proxy(payload):
            return "direct", _Event()
        what, _, place = str(error_).partition(" - at `$")
        raise Refused(400, f"event{place.rstrip('`')}: {what[:1].lower()}{what[1:]}") from error_
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "direct", _Event()
    context = found.request_context
    if context is None:
        return "direct", found
    if context.elb is not None:
        return "balancer", found
    if context.http is not None:
        return "http", found
    return ("rest" if found.http_method is not None else "direct"), found


def _from_proxy(payload: bytes) -> bool:
    """Whether an event whose types do not fit was still meant as a sender's."""
    try:
        return "requestContext" in _OBJECT.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False


def _line(sender: Sender, event: _Event, context: _Context) -> tuple[str, str, bytes]:
    """Method, path and query."""
    if sender == "http":
        # Only a stage that is not the default one stands in the path, and no route of ours begins with it.
        path, stage = event.raw_path or "/", f"/{context.stage}"
        if context.stage not in {None, "", "$default"} and (path == stage or path.startswith(f"{stage}/")):
            path = path[len(stage) :] or "/"
        method = (context.http or _Http()).method
        return method, unquote(path), (event.raw_query_string or "").encode()
    query = _pairs(event.multi_value_query_string_parameters, event.query_string_parameters)
    # A load balancer hands over what the client wrote; the REST API decodes it.
    text = "&".join(f"{name}={value}" for name, value in query) if sender == "balancer" else urlencode(query)
    path = event.path or "/"
    return event.http_method or "GET", unquote(path) if sender == "balancer" else path, text.encode()


def _headers(event: _Event) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in _pairs(event.multi_value_headers, event.headers):
        key, text = name.lower().encode(), value.encode()
        found[key] = found[key] + b", " + text if key in found else text
    return found


def _pairs(many: dict[str, list[str] | None] | None, single: dict[str, str | None] | None) -> list[tuple[str, str]]:
    """Names and values; lists go before single values, which repeat the last of a list."""
    if many:
        return [(name, value) for name, values in many.items() for value in values or ()]
    return [(name, value) for name, value in (single or {}).items() if value is not None]


def _body(event: _Event) -> bytes:
    text = event.body or ""
    if not event.is_base64_encoded:
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error_:
        raise Refused(400, "event.body: not base64, as isBase64Encoded says") from error_


def _text(answer: Answer) -> str | None:
    """The body as text; None if only base64 carries it."""
    if not answer.content_type.startswith(_TEXT_TYPES):
        return None
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        return None
