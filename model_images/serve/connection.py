"""One client's connection: HTTP/1.1 read by llhttp (httptools), answered by the application.

The server speaks HTTP itself, in this one file: a body is refused before it is read, slow and endless requests end, a
handler whose client is gone is cancelled, and a request costs half of what it costs behind a general ASGI server.
"""

from __future__ import annotations

import asyncio
import http
import time
import urllib.parse
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, cast

import httptools

from model_images.serve.messages import Answer, Refused, Request, refusal

# Longer than load balancers keep an idle connection (AWS ALB: 60 s): the side that sends next must not find it closed.
KEEP_ALIVE_S = 75.0
HEAD_TIMEOUT_S = 10.0
HEAD_LIMIT_BYTES = 65_536
# How long the rest of a refused body is thrown away: a connection that is closed on unread bytes is reset, and the
# client would lose the answer that says why.
LINGER_S = 2.0
LARGE_BYTES = 65_536
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in http.HTTPStatus}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MODEL_FAILED = refusal(Refused(500, "the model failed"))


class Answering(Protocol):
    """What answers requests: the application, or what stands in for it while the model is being loaded."""

    async def answer(self, request: Request) -> Answer: ...
    def request_id(self, headers: Mapping[bytes, bytes]) -> str: ...
    def refuse(self, status: int, message: str) -> Answer: ...


class Host(Protocol):
    """What a connection needs of its worker."""

    application: Answering
    date: bytes
    request_timeout_s: float
    body_limit_bytes: int

    def opened(self, connection: Connection) -> None: ...
    def closed(self, connection: Connection) -> None: ...
    def closing(self) -> bool:
        """Whether connections are to be closed after their next answer."""
        ...


class Asked(NamedTuple):
    """A whole request, and what its HTTP said of the connection."""

    request: Request
    keep: bool
    old: bool


class Connection(asyncio.Protocol):
    """Times are on `time.monotonic`; the worker calls `close_if_late` now and then, which costs no timer a request."""

    _transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self._host = host
        self._parser: Any = httptools.HttpRequestParser(self)
        self._running: asyncio.Task[None] | None = None
        self._waiting: deque[Asked] = deque()  # pipelined: read, not begun
        self._late_at = time.monotonic() + KEEP_ALIVE_S
        self._reading = self._in_head = self._discarding = self._last = False
        self._fresh = False  # this piece began a request or held some of its body
        self._paused = self._unread = False  # reading stopped; the client does not take what was answered
        self._head_bytes = self._body_bytes = 0
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []

    # The transport's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._host.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the protocol's signature
        self._host.closed(self)
        self._waiting.clear()
        self._parser = None  # the two hold each other
        if self._running is not None:
            self._running.cancel()  # nobody waits any more

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            return
        self._fresh = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._last = True  # answered as HTTP/1.1; what follows is another protocol
        except httptools.HttpParserError:
            self._refuse(400, "HTTP: the request is not readable; allowed: HTTP/1.1")
            return
        if self._reading and not self._fresh:
            # A piece within the head, or after the body: a trailer, or a chunk that says more of itself than it holds.
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._refuse(431, f"head: got more than {HEAD_LIMIT_BYTES} bytes; allowed: {HEAD_LIMIT_BYTES}")

    def pause_writing(self) -> None:
        self._unread = True

    def resume_writing(self) -> None:
        self._unread = False
        if self._running is None and not self._transport.is_closing():
            self._go_on()

    # The parser's side.

    def on_message_begin(self) -> None:
        self._reading = self._in_head = self._fresh = True
        self._head_bytes = self._body_bytes = 0
        self._url, self._headers, self._body = b"", {}, []
        self._late_at = time.monotonic() + min(HEAD_TIMEOUT_S, self._host.request_timeout_s)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer comes too late to say anything of the body
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._in_head = False
        headers = self._headers
        length = headers.get(b"content-length")
        if length is None and b"transfer-encoding" not in headers:
            return
        self._late_at = time.monotonic() + self._host.request_timeout_s
        if length is not None and int(length) > self._host.body_limit_bytes:
            self._refuse_body(length.decode("ascii"))
        elif b"expect" in headers and headers[b"expect"].lower() == b"100-continue":
            self._transport.write(CONTINUE)

    def on_body(self, body: bytes) -> None:
        self._fresh, self._head_bytes = True, 0
        if self._discarding:
            return
        self._body.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > self._host.body_limit_bytes:
            self._refuse_body(f"more than {self._host.body_limit_bytes}")

    def on_message_complete(self) -> None:
        self._reading = False
        if self._discarding:
            self._transport.close()
            return
        url = httptools.parse_url(self._url)
        path = url.path.decode("ascii")
        body = self._body
        request = Request(
            self._parser.get_method().decode("ascii"),
            urllib.parse.unquote(path) if "%" in path else path,
            self._headers,
            body[0] if len(body) == 1 else b"".join(body),
            self._host.application.request_id(self._headers),
            url.query or b"",
            time.monotonic() + self._host.request_timeout_s,
        )
        asked = Asked(request, self._parser.should_keep_alive(), self._parser.get_http_version() == "1.0")
        if self._running is None and not self._unread:
            self._begin(asked)
        else:
            self._waiting.append(asked)
            self._paused = True
            self._transport.pause_reading()

    # Answers.

    def _begin(self, asked: Asked) -> None:
        self._running = asyncio.get_running_loop().create_task(self._serve(asked))

    async def _serve(self, asked: Asked) -> None:
        answer = MODEL_FAILED  # of what is raised, asyncio writes the traceback to the log
        try:
            answer = await self._host.application.answer(asked.request)
        finally:
            self._running = None
            if not self._transport.is_closing():
                self._answer(answer, asked)

    def _answer(self, answer: Answer, asked: Asked) -> None:
        busy = self._reading or bool(self._waiting)
        keep = asked.keep and (busy or not (self._last or self._host.closing()))
        self._write(answer, asked.request, old=asked.old, keep=keep)
        self._late_at = time.monotonic() + (KEEP_ALIVE_S if not self._reading else self._host.request_timeout_s)
        if not keep:
            self._transport.close()
        elif busy or self._paused:
            self._go_on()

    def _go_on(self) -> None:
        """Begins what was asked meanwhile, else reads on; not before the client has read what it was answered."""
        if self._unread:
            return
        if self._waiting:
            self._begin(self._waiting.popleft())
        elif self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _write(self, answer: Answer, request: Request | None, *, keep: bool = False, old: bool = False) -> None:
        body = b"" if request is not None and request.method == "HEAD" else answer.body
        parts = [
            STATUS_LINES[answer.status],
            self._host.date,
            b"content-type: ",
            answer.content_type,
            b"\r\ncontent-length: ",
            str(len(answer.body)).encode("ascii"),
        ]
        if request is not None:
            parts += (b"\r\nx-prediction-id: ", request.id.encode("ascii"))
        for name, value in answer.headers:
            parts += (b"\r\n", name, b": ", value)
        if not keep:
            parts.append(b"\r\nconnection: close\r\n\r\n")
        else:
            parts.append(b"\r\nconnection: keep-alive\r\n\r\n" if old else b"\r\n\r\n")
        if len(body) <= LARGE_BYTES:
            parts.append(body)
            self._transport.write(b"".join(parts))
        else:  # not copied once more
            self._transport.write(b"".join(parts))
            self._transport.write(body)

    def _refuse_body(self, got: str) -> None:
        """Answers before the body was read, and reads its rest into nothing."""
        self._body = []
        if self._running is not None or self._waiting:
            self._stop_reading()
            return
        self._discarding = True
        self._late_at = time.monotonic() + LINGER_S
        limit = self._host.body_limit_bytes
        self._write(self._host.application.refuse(413, f"body: got {got} bytes; allowed: {limit}"), None)

    def _refuse(self, status: int, message: str) -> None:
        """Answers what is no request, and closes; a request that is being answered is answered first."""
        if self._running is not None or self._waiting:
            self._stop_reading()
            return
        if not self._transport.is_closing():
            if not self._discarding:
                self._write(self._host.application.refuse(status, message), None)
            self._transport.close()

    def _stop_reading(self) -> None:
        self._last, self._reading, self._in_head = True, False, False
        self._parser = None

    # The worker's side.

    def close_if_late(self, now: float) -> None:
        """Ends a connection whose client does not finish a request, does not read its answer, or is idle too long."""
        if now <= self._late_at or self._running is not None:
            return
        if self._in_head and not self._transport.is_closing():
            self._refuse(408, "head: not complete in time")
        elif self._transport.is_closing() or self._reading or self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def close_soon(self) -> None:
        """Closes now if nothing is asked, else after the answer."""
        self._last = True
        if self._running is None and not self._reading and not self._waiting:
            self._transport.close()
