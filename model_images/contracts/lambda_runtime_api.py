"""A connection to AWS Lambda's Runtime API: where invocations come from and where their answers go.

Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Calls block, so each loop has a thread and a connection
of its own. There is no time-out: Lambda freezes the environment while the next invocation is awaited.
"""

from __future__ import annotations

import http.client
from http import HTTPStatus

import msgspec

VERSION = "2018-06-01"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"


class RuntimeApiError(Exception):
    """The Runtime API cannot be reached, or says that this environment is at its end: the process has to exit."""


class Invocation(msgspec.Struct, frozen=True):
    """One event as it came. `deadline_ms` counts from 1970; 0 if it was not told."""

    id: str
    event: bytes
    deadline_ms: int
    trace_id: str


class RuntimeApi:
    """`address` is HOST:PORT, as AWS_LAMBDA_RUNTIME_API says it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = http.client.HTTPConnection(address, timeout=None)

    def next(self) -> Invocation:
        """Waits for the next invocation, however long."""
        status, headers, body = self._call("GET", "invocation/next")
        id_ = headers.get("Lambda-Runtime-Aws-Request-Id", "")
        if status != HTTPStatus.OK or not id_:
            raise RuntimeApiError(f"invocation/next answered {status}: {body[:200].decode('utf-8', 'replace')}")
        deadline = headers.get("Lambda-Runtime-Deadline-Ms", "")
        return Invocation(
            id=id_,
            event=body,
            deadline_ms=int(deadline) if deadline.isascii() and deadline.isdigit() and len(deadline) < 16 else 0,
            trace_id=headers.get("Lambda-Runtime-Trace-Id", ""),
        )

    def respond(self, id_: str, body: bytes) -> bool:
        """Hands over an answer; False if the Runtime API does not take it (too large, or too late)."""
        return self._told(f"invocation/{id_}/response", body, {"Content-Type": "application/json"})

    def fail(self, id_: str, kind: str, body: bytes) -> bool:
        """Tells that an invocation failed; `kind` is a category and a reason, `body` the error as JSON."""
        return self._told(f"invocation/{id_}/error", body, _error_headers(kind))

    def fail_start(self, kind: str, body: bytes) -> bool:
        """Tells that the model cannot be served. Nothing more may be asked afterwards: the process exits."""
        return self._told("init/error", body, _error_headers(kind))

    def wait_restored(self) -> None:
        """With SnapStart: tells that the snapshot may be taken, and returns in each environment restored from it."""
        status, _, _ = self._call("GET", "restore/next")
        # What was open before the snapshot leads nowhere afterwards.
        self._connection.close()
        if status != HTTPStatus.OK:
            raise RuntimeApiError(f"restore/next answered {status}")

    def _told(self, path: str, body: bytes, headers: dict[str, str]) -> bool:
        status, _, answer = self._call("POST", path, body, headers)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeApiError(f"{path} answered {status}: {answer[:200].decode('utf-8', 'replace')}")
        return status < HTTPStatus.BAD_REQUEST

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        for attempt in (1, 2):
            try:
                self._connection.request(method, f"/{VERSION}/runtime/{path}", body, headers or {})
                answer = self._connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException) as error:
                # A connection that stood idle may be closed by the other side: tried once more on a new one.
                self._connection.close()
                if attempt == 2:
                    raise RuntimeApiError(f"{self._address}: {path}: {error or type(error).__name__}") from error
        raise RuntimeApiError(f"{self._address}: {path}")


def _error_headers(kind: str) -> dict[str, str]:
    return {"Content-Type": "application/vnd.aws.lambda.error+json", _ERROR_TYPE: kind}
