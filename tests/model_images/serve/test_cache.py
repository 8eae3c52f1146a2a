"""The prediction cache, with a real server behind it: right answers always, and never a reason to fail."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.cache.aws_users import access
from model_images.model_file import ModelFile
from model_images.serve.inference import Inference
from model_images.serve.metrics import CACHE_ERROR, CACHE_HIT, CACHE_MISS, CACHE_SKIPPED, Metrics
from model_images.serve.rows import Outputs, Rows
from model_images.serve.schema import Schema
from tests.model_images.serve.redis_server import RedisServer
from tests.model_images.serve.small_models import MIXED, Doubler, inference_of, model_of, numbers, request_of

GUARD_S = 20
SLOW_ENOUGH = 0.01


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


class Served:
    """A slow model behind the cache; `digest` says which model it is, `factor` what it answers."""

    def __init__(
        self,
        url: str,
        digest: str = "sha256:1",
        runtime: Doubler | None = None,
        model: ModelFile | None = None,
        cache_name: str = "",
    ) -> None:
        self.runtime = runtime or Doubler(run_s=SLOW_ENOUGH)
        self.metrics = Metrics.alone()
        self.inference: Inference = inference_of(
            self.runtime, model, digest, self.metrics, redis_url=url, cache_name=cache_name
        )

    async def __aenter__(self) -> Served:
        await self.inference.warm_up()
        self.runtime.seen.clear()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.inference.close()

    async def ask(self, *values: float, select: list[str] | None = None) -> list[Any]:
        return await self.ask_rows(numbers(*values), select)

    async def ask_rows(self, rows: Rows, select: list[str] | None = None) -> list[Any]:
        prediction = await self.inference.predict(rows, request_of(), select)
        return next(iter(prediction.outputs.values())).tolist()

    async def found(self, rows: Rows, answer: list[Any], select: list[str] | None = None) -> None:
        """Asks until the cache answers, since a busy machine may be over its budget; all answers must be right."""
        hits, seen = self.counts[0], -1
        while self.counts[0] == hits:
            seen = len(self.runtime.seen)
            assert await self.ask_rows(rows, select) == answer
            await asyncio.sleep(0.01)  # a prediction is kept some time after its answer
        assert len(self.runtime.seen) == seen

    @property
    def counts(self) -> tuple[float, float, float, float]:
        """Hits, misses, errors, and requests that did not ask the cache."""
        hit, miss = self.metrics.total(CACHE_HIT), self.metrics.total(CACHE_MISS)
        return hit, miss, self.metrics.total(CACHE_ERROR), self.metrics.total(CACHE_SKIPPED)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(GUARD_S):
            await work()

    asyncio.run(guarded())


def test_a_models_keys_are_its_own_and_a_user_held_to_them_is_enough(redis: RedisServer) -> None:
    rights = access("fraud-detector").replace("+client|setinfo", "")  # servers before 7.2 do not know it
    assert b"+OK" in redis.told("ACL", "SETUSER", "model", ">word", rights)
    url = redis.url.replace("redis://", "redis://model:word@")

    async def work() -> None:
        async with Served(url, cache_name="fraud-detector") as served:
            await served.found(numbers(1.0), [2.0])
        async with Served(url) as other:  # under the model's own name
            assert await other.ask(1.0) == [2.0]
            assert other.counts[:2] == (0, 0)

    run(work)
    keys = redis.told("KEYS", "*")
    assert keys.count(b"prediction:") == keys.count(b"prediction:fraud-detector:") == 1


def test_a_cache_keeps_models_of_one_digest_apart(redis: RedisServer) -> None:
    async def work() -> None:
        async with Served(redis.url, cache_name="one") as one, Served(redis.url, cache_name="other") as other:
            await one.found(numbers(1.0), [2.0])
            assert await other.ask(1.0) == [2.0]
            assert other.counts[0] == 0

    run(work)


def test_the_same_rows_are_predicted_once(redis: RedisServer) -> None:
    async def work() -> None:
        async with Served(redis.url) as served:
            await served.found(numbers(1.0, 2.0), [2.0, 4.0])
            hits = served.counts[0]
            assert await served.ask(1.0) == [2.0]
            assert served.counts[0] == hits

    run(work)


def test_two_digests_never_share_an_answer(redis: RedisServer) -> None:
    class Tripler(Doubler):
        def predict(self, rows: Rows) -> Outputs:
            return {"double": 1.5 * super().predict(rows)["double"]}

    async def work() -> None:
        async with Served(redis.url) as old, Served(redis.url, "sha256:2", Tripler(run_s=SLOW_ENOUGH)) as new:
            for _ in range(3):
                await old.found(numbers(1.0), [2.0])
                await new.found(numbers(1.0), [3.0])

    run(work)


def test_rows_in_another_spelling_are_found(redis: RedisServer) -> None:
    model = model_of(*MIXED, warmup={"instances": [[1, 1, True, "pro"]]})
    schema = Schema(model)
    body = b'{ "instances":[{"plan":"free","amount":1.0,"hour":3,"foreign-card":true}], "parameters": {"id": "x"}}'

    async def work() -> None:
        async with Served(redis.url, model=model) as served:
            await served.found(schema.from_json(b'{"instances": [[1, 3, true, "\\u0066ree"]]}')[0], [2.0])
            seen = list(served.runtime.seen)
            await served.found(schema.from_json(body)[0], [2.0])
            await served.found(schema.from_csv(b"1e0,3.0,1,free"), [2.0])
            hits = served.counts[0]
            assert await served.ask_rows(schema.from_csv(b"1,3,1,pro")) == [2.0]
            assert served.counts[0] == hits
            assert len(served.runtime.seen) > len(seen)

    run(work)


def test_other_outputs_of_the_same_rows_are_another_answer(redis: RedisServer) -> None:
    class Several(Doubler):
        def predict(self, rows: Rows) -> Outputs:
            double = super().predict(rows)["double"]
            return {"double": double, "half": double / 4}

    async def work() -> None:
        async with Served(redis.url, runtime=Several(run_s=SLOW_ENOUGH)) as served:
            for _ in range(2):
                await served.found(numbers(1.0), [0.5], select=["half"])
                await served.found(numbers(1.0), [2.0], select=["double"])
                await served.found(numbers(1.0), [2.0])

    run(work)


def kept_key(redis: RedisServer) -> str:
    [key] = [line for line in redis.told("KEYS", "*").split(b"\r\n") if line.startswith(b"prediction:")]
    return key.decode()


def test_a_prediction_is_kept_for_the_time_that_is_told(redis: RedisServer) -> None:
    async def work() -> None:
        async with Served(redis.url) as served:
            await served.found(numbers(1.0), [2.0])
        assert 0 < int(redis.told("TTL", kept_key(redis)).strip(b":\r\n")) <= 60

    run(work)


def test_a_cache_that_is_not_there_costs_no_error_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"redis://user:secret@127.0.0.1:{free.getsockname()[1]}/0"

    async def work() -> None:
        with caplog.at_level(logging.INFO):
            async with Served(url) as served:
                assert await served.ask(1.0) == [2.0]
                assert served.counts == (0, 0, 0, 1)

    run(work)
    told = [line for line in caplog.messages if "cache" in line]
    assert len(told) == 1
    assert told[0].startswith("cache: not there (ConnectionError: ")
    assert "secret" not in caplog.text


def test_a_url_that_cannot_be_read_is_refused_without_its_value() -> None:
    with pytest.raises(ValueError, match=r"^REDIS_URL: got a URL that cannot be read; allowed: ") as raised:
        Served("redis://user:secret@host:many/0")
    assert "secret" not in str(raised.value)


def test_a_server_killed_in_mid_load_costs_no_error_and_no_wrong_answer(redis: RedisServer) -> None:
    over = asyncio.Event()

    async def client(served: Served, number: int) -> None:
        while not over.is_set():
            number += 1
            value = float(number % 7)
            prediction = await served.inference.predict(numbers(value), request_of())
            assert prediction.outputs["double"].tolist() == [2 * value]

    async def work() -> None:
        async with Served(redis.url) as served:
            load = asyncio.gather(*(client(served, number) for number in range(8)))
            while not served.counts[0]:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(redis.kill)
            await asyncio.sleep(0.1)
            over.set()
            await load
            assert served.counts[3] > 0

    run(work)


def test_a_server_that_comes_back_is_used_again(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        async with Served(redis.url) as served:
            await served.found(numbers(1.0), [2.0])
            await asyncio.to_thread(redis.kill)
            assert await served.ask(1.0) == [2.0]
            await asyncio.to_thread(redis.start)
            await served.found(numbers(3.0), [6.0])

    with caplog.at_level(logging.INFO):
        run(work)
    told = [line.split(" (")[0].split(",")[0] for line in caplog.messages if line.startswith("cache: ")]
    assert told[1:] == ["cache: not there", "cache: back"]


def test_a_server_that_hangs_holds_no_request_up(redis: RedisServer) -> None:
    async def work() -> None:
        async with Served(redis.url) as served:
            await served.found(numbers(1.0), [2.0])
            await asyncio.to_thread(redis.pause, 3_600_000)
            # It would be an hour: the guard of this test is seconds.
            for _ in range(3):
                assert await served.ask(1.0) == [2.0]
            assert served.counts[2] >= 1
            assert served.counts[3] >= 1

    run(work)


def test_what_others_wrote_is_no_answer(redis: RedisServer) -> None:
    async def work() -> None:
        async with Served(redis.url) as served:
            await served.found(numbers(1.0), [2.0])
            key = kept_key(redis)
            for rubbish in ("rubbish", "x" * 5000):
                redis.told("SET", key, rubbish)
                assert await served.ask(1.0) == [2.0]

    run(work)


def test_a_wrong_password_costs_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    redis = RedisServer(tmp_path, "--requirepass", "right")

    async def work() -> None:
        async with Served(redis.url.replace("//", "//:wrong@")) as served:
            assert await served.ask(1.0) == [2.0]
        async with Served(redis.url.replace("//", "//:right@")) as served:
            await served.found(numbers(1.0), [2.0])

    try:
        with caplog.at_level(logging.INFO):
            run(work)
    finally:
        redis.kill()
    assert "wrong" not in caplog.text
    assert "AuthenticationError" in caplog.text
