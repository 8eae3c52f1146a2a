"""What predicts: a SageMaker endpoint, a Lambda function, or a server inside the network. One answer for each row.

Failures come in three kinds, since each wants something else: a refused request holds a row that no model answers, a
broken one may (the model raised), and of an unavailable target nothing is known.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

Json = Any
CONTENT_TYPE = "application/json"
_UNAVAILABLE_STATUS = (408, 425, 429, 502, 503, 504)
# Error types of model_images/contracts/lambda_events.py and of Lambda itself, by what they mean.
_REFUSED_TYPES = ("Request.", "Answer.TooLarge")
_UNAVAILABLE_TYPES = ("Server.", "Start.")


class TargetError(Exception):
    """No answer; the text is one line."""


class RefusedError(TargetError):
    """The target read the request and will never answer it."""


class BrokenError(TargetError):
    """The model failed over the request."""


class UnavailableError(TargetError):
    """Busy, away, or not ours to call: the same request may be answered later."""


class Target(Protocol):
    """Sends one body, and gives the answer's body."""

    def send(self, body: bytes) -> bytes:
        """Raises a TargetError."""
        ...


def predict(target: Target, rows: Sequence[Json]) -> list[Json]:
    """One prediction a row, in order. Raises a TargetError."""
    answer = target.send(json.dumps({"instances": list(rows)}, separators=(",", ":")).encode())
    try:
        predictions = json.loads(answer)["predictions"]
        count = len(predictions)
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenError(f"the answer holds no predictions: {answer[:100]!r}") from error
    if count != len(rows):
        raise BrokenError(f"{count} predictions for {len(rows)} rows")
    return list(predictions)


def _by_status(status: int, text: str) -> TargetError:
    if status in _UNAVAILABLE_STATUS or status in (401, 403, 404):  # these three are ours to mend, no row's fault
        return UnavailableError(f"status {status}: {text}")
    return RefusedError(f"status {status}: {text}") if status < 500 else BrokenError(f"status {status}: {text}")


def _line(raw: object) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return " ".join(text.split())[:300]


class Endpoint:
    """A SageMaker endpoint; its variants divide the calls by their weights."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def send(self, body: bytes) -> bytes:
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self._name, ContentType=CONTENT_TYPE, Accept=CONTENT_TYPE, Body=body
            )
            return answer["Body"].read()
        except ClientError as error:
            told = cast("Mapping[str, Json]", error.response)
            status = told.get("OriginalStatusCode")
            if told["Error"]["Code"] == "ModelError" and isinstance(status, int):
                raise _by_status(status, _line(told.get("OriginalMessage"))) from error
            raise UnavailableError(_line(error)) from error
        except BotoCoreError as error:
            raise UnavailableError(_line(error)) from error


class Function:
    """A Lambda function, by the ARN of an alias, which divides the calls by its weights."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn

    def send(self, body: bytes) -> bytes:
        try:
            answer = self._client.invoke(FunctionName=self._arn, Payload=body)
            payload = answer["Payload"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidRequestContentException", "RequestTooLargeException"):
                raise RefusedError(_line(error)) from error
            raise UnavailableError(_line(error)) from error
        except BotoCoreError as error:
            raise UnavailableError(_line(error)) from error
        if answer.get("FunctionError"):
            raise _by_error_type(payload)
        return payload


def _by_error_type(payload: bytes) -> TargetError:
    try:
        told = json.loads(payload)
        kind, text = str(told.get("errorType", "")), _line(told.get("errorMessage", ""))
    except (ValueError, AttributeError):
        return BrokenError(_line(payload))
    if kind.startswith(_REFUSED_TYPES):
        return RefusedError(f"{kind}: {text}")
    # An environment that ran out of time or memory may have done so over this very request.
    return (
        UnavailableError(f"{kind}: {text}") if kind.startswith(_UNAVAILABLE_TYPES) else BrokenError(f"{kind}: {text}")
    )


class Server:
    """A model's server by its address; the connection is kept."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        self._path = f"{parts.path.rstrip('/')}/invocations"
        host, port = str(parts.hostname), parts.port
        self._connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout_s)
        )

    def send(self, body: bytes) -> bytes:
        try:
            self._connection.request("POST", self._path, body, {"Content-Type": CONTENT_TYPE, "Accept": CONTENT_TYPE})
            answer = self._connection.getresponse()
            status, payload = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()  # the next request opens another one
            raise UnavailableError(_line(error) or type(error).__name__) from error
        if status != 200:
            raise _by_status(status, _line(payload))
        return payload
