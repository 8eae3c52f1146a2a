"""The one way from validated rows to a model's outputs, behind every contract.

A prediction is looked up in the cache where that is quicker than the model, else predicted, alone or in a batch, and a
sample is captured. Cache and capture are never a reason to fail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from model_images.model_file import ModelFile
from model_images.serve.batching import Batcher
from model_images.serve.messages import Refused, Request
from model_images.serve.metrics import CACHE_SKIPPED, Metrics
from model_images.serve.plan import Cost, measured, planned, told
from model_images.serve.rows import Outputs, RowRefused, Rows, Runtime
from model_images.serve.schema import Schema
from model_images.serve.settings import ServerSettings

if TYPE_CHECKING:
    from model_images.serve.cache import Cache
    from model_images.serve.capture import Capture
    from model_images.serve.features import Features

LOG = logging.getLogger("model_images.serve")


class Prediction(msgspec.Struct):
    """What is answered: the outputs that were asked for, in their order, and what the model wants told beside them."""

    outputs: Outputs
    custom_attributes: str | None = None


class Inference:
    """Predicts rows of one model. All on one event loop; `warm_up` comes first."""

    def __init__(
        self, model: ModelFile, digest: str, runtime: Runtime, settings: ServerSettings, metrics: Metrics
    ) -> None:
        self._model = model
        self._runtime = runtime
        self._settings = settings
        self._metrics = metrics
        self._cost = Cost(0.0, 2, 0.0)
        self._batcher = self._batcher_for(self._cost)
        self._cache = _cache(model, digest, settings, metrics) if settings.redis_url else None
        self._capture = _capture(model, digest, settings, metrics) if settings.capture_sink else None
        self.features = _features(model, settings, metrics) if settings.features_table else None

    async def warm_up(self) -> None:
        """Predicts the model's warm-up example, measures, and decides where and how rows are run from now on.

        Raises what the model raises for its own example.
        """
        example, _ = Schema(self._model).from_json(msgspec.json.encode({"instances": self._model.warmup.instances}))
        batching = self._model.batching
        self._cost = await asyncio.to_thread(measured, self._run, example, batching.max_rows)
        await self._batcher.close()
        self._batcher = self._batcher_for(self._cost)
        LOG.info("%s %s: %s", self._model.name, self._model.version, told(self._cost, self._batcher.plan))
        if self._cache is not None:
            await self._cache.warm_up(self._cost)

    def spent(self) -> bool:
        """Whether the model has had its time in this turn of the event loop: what comes now waits for the next."""
        return self._batcher.spent

    def _batcher_for(self, cost: Cost) -> Batcher:
        batching = self._model.batching
        plan = planned(cost, batching.max_rows, batching.max_wait_ms)
        return Batcher(self._run, plan, self._settings.max_queue_rows, self._metrics)

    async def predict(self, rows: Rows, request: Request, select: Sequence[str] | None = None) -> Prediction:
        """The model's outputs for `rows`, those named in `select` or all.

        Raises:
            Refused: 422 if the model refuses a row (it is named), 429 if too many rows wait, 504 at the deadline.
        """
        if self._cache is None:
            prediction = await self._predicted(rows, request.deadline, select)
        elif self._cache.pays(self._cost.of(rows.count)):
            key = self._cache.key(rows, select)
            found = await self._cache.get(key)
            prediction = Prediction(*found) if found else await self._predicted(rows, request.deadline, select)
            if not found:
                self._cache.put(key, prediction.outputs, prediction.custom_attributes)
        else:
            self._metrics.count(CACHE_SKIPPED)
            prediction = await self._predicted(rows, request.deadline, select)
        if self._capture is not None:
            self._capture.offer(request, rows, prediction.outputs)
        return prediction

    async def _predicted(self, rows: Rows, deadline: float, select: Sequence[str] | None) -> Prediction:
        try:
            outputs = await self._batcher.predict(rows, deadline)
        except RowRefused as refused:
            raise Refused(422, f"instances[{refused.row}]: {refused}") from None
        attributes = self._runtime.custom_attributes(rows, outputs)
        if select is not None:
            outputs = {name: outputs[name] for name in select}
        return Prediction(outputs, attributes)

    def _run(self, rows: Rows) -> Outputs:
        outputs = self._runtime.predict(rows)
        for name, array in outputs.items():
            if len(array) != rows.count:
                raise ValueError(f"output {name}: the model answered {len(array)} rows for {rows.count}")
        return outputs

    async def close(self) -> None:
        """Ends what runs beside the requests: captured rows are written, the cache is left."""
        await self._batcher.close()
        if self._cache is not None:
            await self._cache.close()
        if self._capture is not None:
            await self._capture.close()
        if self.features is not None:
            self.features.close()


# They are imported where they are used only: most servers have none, and start sooner.
def _cache(model: ModelFile, digest: str, settings: ServerSettings, metrics: Metrics) -> Cache:
    from model_images.serve.cache import Cache

    return Cache(settings.cache_name or model.name, digest, settings, metrics)


def _capture(model: ModelFile, digest: str, settings: ServerSettings, metrics: Metrics) -> Capture:
    from model_images.serve.capture import Capture

    return Capture(model, digest, settings, metrics)


def _features(model: ModelFile, settings: ServerSettings, metrics: Metrics) -> Features:
    from model_images.serve.features import Features

    return Features(model, settings, metrics)
