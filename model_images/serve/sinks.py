"""Where captured lines go: files in a folder, or an address that takes them by POST. Both raise OSError."""

from __future__ import annotations

import os
import socket
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

FILE_BYTES = 2**26
POST_S, TRIES, PAUSE_S = 5.0, 3, 0.5


class FileSink:
    """Appends to files of the folder, one after another of about 64 MiB each; their names hold host and process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begin = f"capture-{socket.gethostname()}-{os.getpid()}-{int(time.time())}"
        self._counter = count(1)
        self._path: Path | None = None

    def __call__(self, lines: bytes) -> None:
        if self._path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = self._folder / f"{self._begin}-{next(self._counter):04d}.jsonl"
        with self._path.open("ab") as file:
            file.write(lines)
            if file.tell() >= FILE_BYTES:
                self._path = None


class HttpSink:
    """Posts lines as `application/jsonlines`; an answer of 2xx means that they are kept, others are tried again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"

    def __call__(self, lines: bytes) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._post(lines)
            except OSError:
                if not left:
                    raise
                time.sleep(PAUSE_S)
            else:
                return

    def _post(self, lines: bytes) -> None:
        # Here, since TLS and HTTP are not small to import and most servers capture nothing.
        from http.client import HTTPConnection, HTTPException, HTTPSConnection

        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=POST_S)
        try:
            connection.request("POST", self._target, lines, {"Content-Type": "application/jsonlines"})
            answer = connection.getresponse()
            if answer.status // 100 != 2:
                raise OSError(f"it answered {answer.status}")
        except HTTPException as error:
            raise OSError(f"it answered no HTTP: {type(error).__name__}") from error
        finally:
            connection.close()
