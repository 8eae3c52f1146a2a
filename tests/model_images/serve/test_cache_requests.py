"""Which requests are looked up in the cache, and that the log says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from model_images.serve.metrics import CACHE_ERROR, CACHE_HIT, CACHE_MISS, CACHE_SKIPPED, Metrics
from tests.model_images.serve.redis_server import RedisServer
from tests.model_images.serve.small_models import Doubler, inference_of, numbers, request_of


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


def looked_up(redis: RedisServer, model: Doubler, requests: str = "slower") -> tuple[float, float]:
    """Of one request of one row: how often it was looked up, and how often not."""
    metrics = Metrics.alone()

    async def work() -> None:
        inference = inference_of(model, metrics=metrics, redis_url=redis.url, cache_requests=requests)
        await inference.warm_up()
        await inference.predict(numbers(1.0), request_of())
        await inference.close()

    asyncio.run(work())
    asked = sum(metrics.total(series) for series in (CACHE_HIT, CACHE_MISS, CACHE_ERROR))
    return asked, metrics.total(CACHE_SKIPPED)


def said(caplog: pytest.LogCaptureFixture) -> str:
    return next(line for line in caplog.messages if line.startswith("cache: "))


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_of_a_model_that_is_slower_every_request_is(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    assert looked_up(redis, Doubler(run_s=0.05)) == (1, 0)
    assert said(caplog).endswith(" us away; every request is looked up")


def test_of_a_model_that_is_quicker_none_is(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    assert looked_up(redis, Doubler()) == (0, 1)
    assert said(caplog).endswith(" looked up, the model is quicker than that (CACHE_REQUESTS=all: every request is)")


def test_who_asks_for_all_gets_all(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    assert looked_up(redis, Doubler(), "all") == (1, 0)
    assert "every request is looked up, though the model is quicker" in said(caplog)
