"""Predictions kept in Valkey or Redis: of every request, or of those that the model takes longer for than a look there.

An answer is found by the model's digest, the rows as the model sees them and the outputs asked for: never by the body
as it was spelled, never by an id. All keys of a model begin alike, so that a cache can keep models apart. A cache that
is slow or down is left alone: requests go on without it, and it is asked again in the background.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from model_images.serve.arrays import ROWS_LIMIT
from model_images.serve.kept import Found, read, written
from model_images.serve.metrics import CACHE_ERROR, CACHE_HIT, CACHE_MISS, Metrics
from model_images.serve.plan import Cost
from model_images.serve.rows import Outputs, Rows
from model_images.serve.settings import ServerSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis

LOG = logging.getLogger("model_images.serve")
# What a request may wait for the cache, and what a connection may take before it is given up.
BUDGET_S = 0.005
CONNECTION_S = 0.25
LATE_TURNS = 4
# What a lookup gets that the cache did not answer: nothing is ever kept as empty bytes.
NO_ANSWER = b""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
ENTRY_BYTES = 2**20
# Predictions on their way into the cache, in bytes: further ones are not kept.
PENDING_BYTES = 2**24
TRIES = 5

Asked = list[tuple[bytes, asyncio.Future[bytes | None]]]


class Cache:
    """One worker's hand on the cache. Its trips are shared: lookups that come together are one command."""

    def __init__(self, name: str, digest: str, settings: ServerSettings, metrics: Metrics) -> None:
        """`name` is whose keys they are. Connects to nothing yet. Raises ValueError for a URL that cannot be read."""
        self._client = _client(settings)
        self._prefix = f"prediction:{name}:".encode()
        self._digest = digest.encode()
        self._all = settings.cache_requests == "all"
        self._ttl_s = settings.cache_ttl_s
        self._metrics = metrics
        self._up = False
        self._trip_s = 0.0
        self._trip: asyncio.Task[list[bytes | None]] | None = None
        self._asked: Asked = []
        self._pending: list[tuple[bytes, bytes]] = []
        self._pending_bytes = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def warm_up(self, cost: Cost) -> None:
        """Looks whether the cache is there and how far away, and says in the log which requests are looked up."""
        trip = asyncio.create_task(self._measure())
        await asyncio.wait({trip})
        if (error := trip.exception()) is not None:
            self._lost(error)
            return
        self._up = True
        LOG.info("cache: %.0f us away; %s", self._trip_s * 1e6, self._told(cost))

    def _told(self, cost: Cost) -> str:
        """Which requests are looked up, in words: nobody should wonder where the keys are."""
        short_s = self._trip_s - cost.one_s
        if self._all and short_s > 0:
            return "every request is looked up, though the model is quicker (CACHE_REQUESTS=slower: leave those out)"
        if short_s <= 0:
            return "every request is looked up"
        rows = math.floor(short_s / cost.row_s) + 2 if cost.row_s else ROWS_LIMIT + 1
        which = f"requests of {rows} rows and more are" if rows <= ROWS_LIMIT else "nothing is"
        return f"{which} looked up, the model is quicker than that (CACHE_REQUESTS=all: every request is)"

    def pays(self, model_s: float) -> bool:
        """Whether a look into the cache is worth it for rows that the model takes that long for."""
        return self._up and (self._all or model_s > self._trip_s)

    def key(self, rows: Rows, select: Sequence[str] | None) -> bytes:
        """Where the prediction of these rows lies, for this model only."""
        whole = hashlib.sha256(self._digest)
        whole.update(msgspec.msgpack.encode((rows.count, select)))
        for array in rows.columns.values() if rows.matrix is None else (rows.matrix,):
            if array.dtype.kind == "O":
                whole.update(msgspec.msgpack.encode(array.tolist()))
            else:
                whole.update(np.ascontiguousarray(array).data)
        return self._prefix + whole.hexdigest().encode()

    async def get(self, key: bytes) -> Found | None:
        """What is kept under `key`, None if nothing is or the cache does not answer in time."""
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._asked.append((key, future))
        self._start("ask", self._ask)
        value = await future
        found = read(value)
        if value != NO_ANSWER:
            self._metrics.count(CACHE_MISS if found is None else CACHE_HIT)
        return found

    def put(self, key: bytes, outputs: Outputs, custom_attributes: str | None) -> None:
        """Keeps a prediction, some time after this call; not if it is large or too many are on their way."""
        value = written(outputs, custom_attributes)
        if self._up and 0 < len(value) <= ENTRY_BYTES and self._pending_bytes + len(value) <= PENDING_BYTES:
            self._pending.append((key, value))
            self._pending_bytes += len(value)
            self._start("keep", self._keep)

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self._tasks:
            self._tasks[name] = asyncio.get_running_loop().create_task(self._until_done(name, work))

    async def _until_done(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            # At once, not in a callback: what is asked for after the last look must start the work anew.
            del self._tasks[name]

    async def _ask(self) -> None:
        """Looks up what is asked for until nothing is."""
        while self._asked:
            asked, self._asked = self._asked, []
            try:
                await self._answer(asked)
            finally:
                self._release(asked)

    async def _answer(self, asked: Asked) -> None:
        trip = self._trip = asyncio.create_task(self._values([key for key, _ in asked]))
        await asyncio.wait({trip}, timeout=BUDGET_S)
        for _ in range(LATE_TURNS):
            # The loop itself may have been late, with the answer lying there.
            if not trip.done():
                await asyncio.sleep(0)
        if not trip.done():
            # All who wait go on, and nobody asks before this trip is over.
            self._up = False
            self._release(asked + self._asked)
            self._asked = []
            await asyncio.wait({trip})
        if (error := trip.exception()) is not None:
            self._lost(error)
            return
        self._up = True
        for (_, future), value in zip(asked, trip.result(), strict=True):
            if not future.done():
                future.set_result(value)

    async def _keep(self) -> None:
        """Writes what is to be kept until nothing is."""
        while self._pending and self._up:
            pending, self._pending, self._pending_bytes = self._pending, [], 0
            pipeline = self._client.pipeline(transaction=False)
            for key, value in pending:
                pipeline.set(key, value, ex=self._ttl_s)
            [outcome] = await asyncio.gather(pipeline.execute(), return_exceptions=True)
            if isinstance(outcome, BaseException):
                self._lost(outcome)

    async def _values(self, keys: list[bytes]) -> list[bytes | None]:
        return cast("list[bytes | None]", await self._client.mget(keys))

    def _release(self, asked: Asked) -> None:
        """Lets who still waits go on without the cache."""
        for _, future in asked:
            if not future.done():
                self._metrics.count(CACHE_ERROR)
                future.set_result(NO_ANSWER)

    def _lost(self, error: BaseException) -> None:
        if "return" not in self._tasks:
            LOG.warning("cache: not there (%s); requests go on without it", _why(error))
        self._up = False
        self._pending, self._pending_bytes = [], 0
        self._release(self._asked)
        self._asked = []
        self._start("return", self._return)

    async def _return(self) -> None:
        """Asks for the cache now and then until it is back."""
        pause = FIRST_PAUSE_S
        while not self._up:
            await asyncio.sleep(pause)
            trip = asyncio.create_task(self._measure())
            await asyncio.wait({trip})
            if trip.exception() is None:
                self._up = True
                LOG.info("cache: back, %.0f us away", self._trip_s * 1e6)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _measure(self) -> None:
        await self._client.get(self._prefix)
        trips: list[float] = []
        for _ in range(TRIES):
            began = time.perf_counter()
            await self._client.get(self._prefix)
            trips.append(time.perf_counter() - began)
        self._trip_s = min(trips)

    async def close(self) -> None:
        """Ends what is under way and leaves the cache."""
        for task in (*self._tasks.values(), self._trip):
            if task is not None:
                task.cancel()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CONNECTION_S):
                await self._client.aclose()


def _client(settings: ServerSettings) -> Redis:
    # Here, since most servers have no cache and the library takes as long to import as the rest of the server.
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    url, login = settings.redis_url or "", None
    if settings.redis_auth:
        from model_images.serve.aws.elasticache import CacheLogin, user_and_address

        user, url = user_and_address(url)
        login = CacheLogin(user, settings.redis_cluster, settings.aws)
    try:
        return cast("Any", Redis).from_url(
            url,
            credential_provider=login,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=CONNECTION_S,
            socket_connect_timeout=CONNECTION_S,
            protocol=2,
            max_connections=4,
        )
    except ValueError:
        # Never the value: it may hold a password.
        raise ValueError("REDIS_URL: got a URL that cannot be read; allowed: redis://HOST:PORT/NUMBER") from None


def _why(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0].rstrip('.') if str(error) else 'no answer'}"
