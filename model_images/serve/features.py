"""Inputs that a row leaves out, looked up by the row's key in a DynamoDB table, off the event loop.

Keys of several requests that come while calls are under way are asked for together, each once; a key for which nobody
waits any more is not asked for. Nothing is kept: the next request sees what the table holds then. A table that does not
answer is left alone for a moment, and whoever needs it is told so at once: a prediction from half of the inputs would
be none.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from model_images.model_file import ModelFile
from model_images.serve.aws.dynamodb import MOST_KEYS, Attribute, Key, Table
from model_images.serve.aws.errors import AwsError
from model_images.serve.messages import Refused
from model_images.serve.metrics import FEATURES_ERROR, FEATURES_FOUND, FEATURES_MISSING, FEATURES_SECONDS, Metrics
from model_images.serve.settings import ServerSettings

LOG = logging.getLogger("model_images.serve")
# Calls under way at the same time, of one worker.
TRIPS = 8
# After a failure nobody waits for the table for so long.
ALONE_S = 0.5
# The key itself is not one: a number for a table of texts, for example.
_WRONG_KEY = "ValidationException"

Item = dict[str, Attribute]


class Looked(NamedTuple):
    """What became of one key: its item, or None if the table has none."""

    item: Item | None
    error: AwsError | None = None


@dataclass(eq=False)
class _Lookup:
    """One key that is asked for, and how many rows wait for it."""

    future: asyncio.Future[Looked]
    waiters: int = 0


class Features:
    """One worker's hand on the table."""

    def __init__(self, model: ModelFile, settings: ServerSettings, metrics: Metrics) -> None:
        """Connects to nothing yet. Raises AwsError if no region is named."""
        self.key = settings.features_key
        self.table = settings.features_table or ""
        self._source = Table(self.table, self.key, (given.name for given in model.inputs), settings.aws)
        self._timeout_s = settings.features_timeout_s
        self._metrics = metrics
        self._threads = ThreadPoolExecutor(TRIPS, "features")
        self._lookups: dict[Key, _Lookup] = {}
        self._waiting: dict[str, deque[Key]] = {"S": deque(), "N": deque()}
        self._trips: set[asyncio.Task[None]] = set()
        self._alone_until = 0.0
        self._failing = False

    async def of(self, keys: Sequence[Key], deadline: float) -> list[Item | None]:
        """The items of these keys, None where there is none.

        Raises:
            Refused: 503 if the table cannot be read in time, 422 if it refuses a key.
        """
        began = time.monotonic()
        if began < self._alone_until:
            self._metrics.count(FEATURES_ERROR, len(keys))
            raise self._unavailable()
        lookups = [self._lookup(key) for key in keys]
        self._send()
        left_s = min(self._timeout_s, deadline - began) if deadline else self._timeout_s
        try:
            # Not cancelled with this request: others may wait for the same keys.
            _, late = await asyncio.wait({lookup.future for lookup in lookups}, timeout=left_s)
        finally:
            for lookup in lookups:
                lookup.waiters -= 1
        self._metrics.observe(FEATURES_SECONDS, time.monotonic() - began)
        looked = [
            Looked(None, AwsError("no answer in time")) if lookup.future in late else lookup.future.result()
            for lookup in lookups
        ]
        for place, (_, error) in enumerate(looked):
            if error is not None:
                self._metrics.count(FEATURES_ERROR, len(keys))
                if error.code == _WRONG_KEY:
                    raise Refused(422, f"{self.key}: got {keys[place][1]!r:.80}: {self.table} refuses it: {error}")
                raise self._unavailable()
        found = [item for item, _ in looked]
        missing = found.count(None)
        self._metrics.count(FEATURES_FOUND, len(found) - missing)
        self._metrics.count(FEATURES_MISSING, missing)
        return found

    def _lookup(self, key: Key) -> _Lookup:
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = _Lookup(asyncio.get_running_loop().create_future())
            self._waiting[key[0]].append(key)
        lookup.waiters += 1
        return lookup

    def _send(self) -> None:
        """Begins as many calls as there may be. Keys of two types never share one: the table refuses one of them."""
        for waiting in self._waiting.values():
            while len(self._trips) < TRIPS and (keys := self._next(waiting)):
                trip = asyncio.get_running_loop().create_task(self._trip(keys))
                self._trips.add(trip)
                trip.add_done_callback(self._ended)

    def _next(self, waiting: deque[Key]) -> list[Key]:
        """Keys for one call. Those of requests that have gone are left out, or a slow table would never catch up."""
        keys: list[Key] = []
        while waiting and len(keys) < MOST_KEYS:
            key = waiting.popleft()
            if self._lookups[key].waiters:
                keys.append(key)
            else:
                del self._lookups[key]
        return keys

    def _ended(self, trip: asyncio.Task[None]) -> None:
        self._trips.discard(trip)
        if not trip.cancelled():
            self._send()

    async def _trip(self, keys: list[Key]) -> None:
        until = time.monotonic() + self._timeout_s
        loop = asyncio.get_running_loop()
        items: dict[Key, Item] = {}
        failure: AwsError | None = AwsError("the lookup was ended")
        try:
            items = await loop.run_in_executor(self._threads, self._source.items, keys, until)
            failure = None
            self._told_back()
        except AwsError as error:
            failure = error
            if error.code != _WRONG_KEY:
                self._told_failing(error)
        finally:
            for key in keys:
                future = self._lookups.pop(key).future
                if not future.done():
                    future.set_result(Looked(items.get(key), failure))

    def _told_failing(self, error: AwsError) -> None:
        self._alone_until = time.monotonic() + ALONE_S
        if not self._failing:
            LOG.warning("features: %s cannot be read (%s); requests that need it are answered 503", self.table, error)
        self._failing = True

    def _told_back(self) -> None:
        if self._failing:
            LOG.info("features: %s can be read again", self.table)
        self._failing = False

    def _unavailable(self) -> Refused:
        return Refused(503, f"features: {self.table} cannot be read now; ask again, or send all inputs")

    def close(self) -> None:
        """Ends what is under way."""
        for trip in self._trips:
            trip.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._source.close()
