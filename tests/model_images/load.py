"""A load generator that tells what became of every single request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class Load:
    """Clients that ask one after another, and what they saw.

    A request is lost if its connection stood and it was sent, but no whole answer came. A connection that is refused is
    none: nobody took the request, and the client may ask elsewhere.
    """

    port: int
    request: bytes
    statuses: dict[int, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    refused: int = 0
    stopped: bool = False

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())

    async def run(self, clients: int) -> None:
        """Until `stopped`, or until the server takes no more connections."""
        await asyncio.gather(*(self._client() for _ in range(clients)))

    async def _client(self) -> None:
        while not self.stopped:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.refused += 1
                return
            try:
                while not self.stopped and await self._ask(reader, writer):
                    pass
            except (OSError, asyncio.IncompleteReadError) as error:
                self.lost.append(repr(error))
            finally:
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection may be used again."""
        writer.write(self.request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        status = int(head.split(b" ")[1])
        self.statuses[status] = self.statuses.get(status, 0) + 1
        return b"connection: close" not in head


def post(path: str, body: bytes) -> bytes:
    """The bytes of a request with a JSON body."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """The bytes of a request without a body."""
    return f"GET {path} HTTP/1.1\r\nhost: test\r\n\r\n".encode()
