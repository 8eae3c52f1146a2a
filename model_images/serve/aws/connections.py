"""Plain HTTP with connections that are kept: one question, one answer read whole. Redirects are answers like others."""

from __future__ import annotations

import http.client
import socket
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

# Answers are parts of objects, pages of lists, items: never larger by what is asked for here.
MOST_BYTES = 64 << 20
KEPT = 16
_GONE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class HttpAnswer(NamedTuple):
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Connections to one host, for several threads at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname or "", parts.port
        self._idle: deque[http.client.HTTPConnection] = deque()

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """The answer to a request that may be asked twice: a kept connection may be closed by the other side.

        Raises:
            OSError: if there is no connection or no whole answer; no wait is longer than `timeout_s`.
        """
        try:
            connection, fresh = self._idle.pop(), False
        except IndexError:
            connection, fresh = self._kind(self._host, self._port, timeout=timeout_s), True
        try:
            return self._asked(connection, method, target, headers, body, timeout_s)
        except _GONE:
            if fresh:
                raise
            self.close()  # they are probably all as old
            connection = self._kind(self._host, self._port, timeout=timeout_s)
            return self._asked(connection, method, target, headers, body, timeout_s)

    def _asked(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> HttpAnswer:
        kept = False
        try:
            _opened(connection).settimeout(timeout_s)
            connection.request(method, target, body or None, dict(headers))
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise OSError(f"an answer of more than {MOST_BYTES} bytes")
            if answer.length:  # the library takes an end for the end of the answer
                raise ConnectionAbortedError("the answer ended in the middle")
            kept = not answer.will_close and len(self._idle) < KEPT
            return HttpAnswer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
        except ValueError:
            # Never the library's words: they hold the header, a token for example.
            raise OSError("a path or header that HTTP does not carry") from None
        except http.client.HTTPException as error:
            if isinstance(error, OSError):
                raise
            raise OSError(f"no HTTP that can be read: {type(error).__name__}") from error
        finally:
            if kept:
                self._idle.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Closes what is idle."""
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        self.close()


def _opened(connection: http.client.HTTPConnection) -> socket.socket:
    if cast("socket.socket | None", connection.sock) is None:
        connection.connect()  # it sets TCP_NODELAY
    return cast("socket.socket", connection.sock)
