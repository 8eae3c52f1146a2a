"""What contracts read and answer: one request, one answer, and the refusals in between."""

from __future__ import annotations

import time

import msgspec

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"


class Request(msgspec.Struct):
    """One request, whichever way it came: over HTTP or as a Lambda event. Header names are in lower case.

    `id` is the prediction id: answered in `x-prediction-id`, kept with captured rows, so that labels can be joined.
    `deadline` is on the clock of `time.monotonic`, in seconds.
    """

    method: str
    path: str
    headers: dict[bytes, bytes]
    body: bytes
    id: str
    query: bytes = b""
    deadline: float = 0.0

    def header(self, name: bytes) -> str:
        """A header's text, empty if it is not there; bytes that are no ASCII become `?`."""
        return self.headers.get(name, b"").decode("ascii", "replace")

    def seconds_left(self) -> float:
        """Seconds until nobody waits for the answer any more."""
        return self.deadline - time.monotonic()


class Answer(msgspec.Struct):
    """One answer. `headers` come on top of content type and length."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Refused(Exception):
    """A request that is not answered with a prediction: HTTP status and one line that says why and what is allowed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def refusal(refused: Refused) -> Answer:
    """The answer to a refused request: `{"error": ...}`."""
    headers = ((b"retry-after", b"1"),) if refused.status in {429, 503} else ()
    return Answer(refused.status, msgspec.json.encode({"error": refused.message}), JSON, headers)
