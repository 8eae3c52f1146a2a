"""The same inputs as bytes into the socket of a running server, also broken where HTTP itself is."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass

from tests.model_images.fuzz.campaign import GROWTH_MIB, HANG_S, Failure, drawn, resident_mib
from tests.model_images.fuzz.checks import Wrong
from tests.model_images.fuzz.inputs import Input
from tests.model_images.fuzz.pool import broken_bytes, chance
from tests.model_images.live import LiveServer

AT_ONCE = 16
# A request that is broken may leave the server waiting for more of it, or keeping the connection: the sending side is
# closed after the answer's beginning, or when there is none by then.
PATIENCE_S = 0.1
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) ")


@dataclass
class Sent:
    """The bytes of one connection; `whole` if they are a request that HTTP has no objection to."""

    data: bytes
    whole: bool


def as_bytes(draw: random.Random, given: Input) -> Sent:
    """A request as it goes over the wire, one in three times broken."""
    chunked = chance(draw, 4)
    headers = {"host": "model", "connection": "close", **given.headers}
    headers |= {"transfer-encoding": "chunked"} if chunked else {"content-length": str(len(given.body))}
    lines = [f"{given.method} {given.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"
    body = _chunks(draw, given.body) if chunked else given.body
    if chance(draw, 3):
        broken = broken_bytes(draw, head)
        return Sent(broken + body if chance(draw, 2) else broken, whole=False)
    # What is not of HTTP's alphabet in method, path or header values may be refused by the parser.
    return Sent(head + body, whole=given.valid and not given.stacked)


def fuzz_wire(server: LiveServer, inputs: int, seed: int) -> Counter[int]:
    """Sends that many inputs; how often each status came (0: closed without an answer).

    Raises:
        Failure: if a whole request is not answered, an answer is no HTTP or a server error, or a worker died or grew.
    """
    workers = server.workers()
    statuses = asyncio.run(_send_all(server.port, range(inputs // 10), seed))
    settled = sum(map(resident_mib, workers))
    statuses += asyncio.run(_send_all(server.port, range(inputs // 10, inputs), seed))
    if server.workers() != workers:
        raise Failure(f"workers were {workers}, are {server.workers()}; log:\n{server.log[-3000:]}")
    grown = sum(map(resident_mib, workers)) - settled
    if grown > GROWTH_MIB:
        raise Failure(f"the workers' memory grew by {grown:.0f} MiB after the first tenth of {inputs} inputs")
    if server.get("/readyz").status != 200:
        raise Failure("not ready after the last input")
    if "Traceback" in server.log:
        raise Failure(f"a traceback in the log:\n{server.log[-3000:]}")
    return statuses


async def _send_all(port: int, chosen: range, seed: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    numbers = iter(chosen)

    async def send() -> None:
        for number in numbers:
            given = drawn(seed, number)
            sent = as_bytes(random.Random(number), given)
            try:
                async with asyncio.timeout(HANG_S):
                    statuses[_status(sent, await _exchange(port, sent))] += 1
            except (Wrong, TimeoutError) as error:
                said = f"{type(error).__name__}: {error}\nseed {seed}, input {number}: {sent.data[:2000]!r}"
                raise Failure(said) from error

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    return statuses


async def _exchange(port: int, sent: Sent) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        writer.write(sent.data)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANG_S if sent.whole else PATIENCE_S):
                answer = await reader.read(65_536)
        writer.write_eof()
        while part := await reader.read(65_536):
            answer += part
    except OSError:
        # Reset: the server had closed before it had read all of it.
        pass
    finally:
        writer.close()
    return answer


def _status(sent: Sent, answer: bytes) -> int:
    found = _STATUS.match(answer)
    if found is None:
        if answer or sent.whole:
            raise Wrong(f"answered with {answer[:200]!r}")
        return 0
    status = int(found[1])
    # 429: 16 clients ask at once. 501 and 505 are for what is no HTTP/1.1.
    if status in {500, 502, 503, 504} or (sent.whole and status not in {200, 429}):
        raise Wrong(f"answered with {answer[:500]!r}")
    return status


def _chunks(draw: random.Random, body: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while place < len(body):
        part = body[place : place + draw.randint(1, max(1, len(body)))]
        parts.append(b"%x\r\n%b\r\n" % (len(part), part))
        place += len(part)
    return b"".join(parts) + b"0\r\n\r\n"
