"""Rows of several requests together: what runs when, and that no request pays for another."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from model_images.serve.batching import Batcher
from model_images.serve.messages import Refused
from model_images.serve.metrics import BATCH_ROWS, QUEUE_ROWS, ROWS_TOTAL, Metrics
from model_images.serve.plan import Plan
from model_images.serve.rows import Outputs, RowRefused
from tests.model_images.serve.small_models import Doubler, numbers

IN_THREAD = Plan(together=4, inline=0, gather=True)
ON_LOOP = Plan(together=4, inline=100, gather=True)
GUARD_S = 10


def batcher_of(model: Doubler, plan: Plan, max_queue_rows: int = 256, metrics: Metrics | None = None) -> Batcher:
    return Batcher(model.predict, plan, max_queue_rows, metrics or Metrics.alone())


def values(outputs: Outputs) -> list[float]:
    return outputs["double"].tolist()


def answered(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """What comes of all of them at once, errors too."""

    async def run() -> list[Any]:
        async with asyncio.timeout(GUARD_S):
            return [
                values(one) if isinstance(one, dict) else one
                for one in await asyncio.gather(*work, return_exceptions=True)
            ]

    return asyncio.run(run())


def no_deadline(batcher: Batcher, *all_values: tuple[float, ...]) -> list[Coroutine[Any, Any, Outputs]]:
    return [batcher.predict(numbers(*one), 0.0) for one in all_values]


@pytest.mark.parametrize("plan", [IN_THREAD, ON_LOOP])
def test_each_request_gets_its_own_rows_back(plan: Plan) -> None:
    model = Doubler()
    asked = [(1.0,), (2.0, 3.0), (4.0,), (5.0, 6.0, 7.0), (8.0,)]
    assert answered(*no_deadline(batcher_of(model, plan), *asked)) == [[2 * x for x in one] for one in asked]
    assert model.seen == [4, 4]


def test_rows_run_on_the_event_loop_up_to_the_plans_limit_and_above_it_in_a_thread() -> None:
    model = Doubler()
    batcher = batcher_of(model, Plan(together=4, inline=3, gather=False))
    answered(*no_deadline(batcher, (1.0, 2.0, 3.0)))
    assert model.threads == {"MainThread"}
    answered(*no_deadline(batcher, (1.0, 2.0, 3.0, 4.0)))
    assert model.threads == {"MainThread", "model_0"}


def test_a_request_that_fills_a_batch_does_not_wait_for_others() -> None:
    model = Doubler()
    answered(*no_deadline(batcher_of(model, ON_LOOP), (1.0,), (1.0, 2.0, 3.0, 4.0), (5.0,)))
    assert model.seen == [4, 2]


def test_requests_are_not_put_together_where_nothing_is_gained() -> None:
    model = Doubler()
    answered(*no_deadline(batcher_of(model, Plan(together=4, inline=0, gather=False)), (1.0,), (2.0,), (3.0,)))
    assert model.seen == [1, 1, 1]


def test_a_large_request_runs_in_parts_and_is_answered_as_one() -> None:
    model = Doubler()
    large = tuple(float(x) for x in range(10))
    assert answered(*no_deadline(batcher_of(model, IN_THREAD), large)) == [[2 * x for x in large]]
    assert model.seen == [4, 4, 2]


def test_a_refused_row_of_a_large_request_is_named_by_its_place_in_the_whole() -> None:
    model = Doubler()
    model.refused = 7.0
    [refused] = answered(*no_deadline(batcher_of(model, IN_THREAD), tuple(float(x) for x in range(10))))
    assert isinstance(refused, RowRefused)
    assert refused.row == 7


@pytest.mark.parametrize("plan", [IN_THREAD, ON_LOOP])
@pytest.mark.parametrize("error", [ValueError("no"), type("Odd", (Exception,), {})("odd"), None])
def test_one_bad_row_fails_its_own_request_and_no_other(plan: Plan, error: Exception | None) -> None:
    model = Doubler()
    if error is None:
        model.refused = 3.0
    else:
        model.error = lambda values: error if 3.0 in values else None
    answers = answered(*no_deadline(batcher_of(model, plan), *((float(x),) for x in range(8))))
    bad = answers.pop(3)
    assert answers == [[2.0 * x] for x in range(8) if x != 3]
    assert bad is error if error else isinstance(bad, RowRefused)


class Held:
    """A batcher whose model holds back: one request runs, others gather until `release`."""

    def __init__(self, max_queue_rows: int = 4, plan: Plan = IN_THREAD) -> None:
        self.gate = threading.Event()
        self.model = Doubler(gate=self.gate)
        self.metrics = Metrics.alone()
        self.batcher = batcher_of(self.model, plan, max_queue_rows, self.metrics)

    async def ask(self, *all_values: float, left_s: float = 30.0) -> asyncio.Task[Outputs]:
        """Asks, and comes back once the request waits or runs."""
        task = asyncio.create_task(self.batcher.predict(numbers(*all_values), time.monotonic() + left_s))
        await asyncio.sleep(0.01)
        return task

    async def begin(self) -> asyncio.Task[Outputs]:
        first = await self.ask(0.0)
        assert await asyncio.to_thread(self.model.began.wait, GUARD_S)
        return first


def test_what_comes_while_the_model_is_at_work_runs_together() -> None:
    async def run() -> None:
        held = Held()
        tasks = [await held.begin(), await held.ask(1.0), await held.ask(2.0, 3.0)]
        assert held.metrics.total(QUEUE_ROWS) == 3
        held.gate.set()
        assert [values(await task) for task in tasks] == [[0.0], [2.0], [4.0, 6.0]]
        assert held.model.seen == [1, 3]
        assert held.metrics.total(QUEUE_ROWS) == 0
        assert held.metrics.total(ROWS_TOTAL) == 4
        assert f"{BATCH_ROWS}_count 2" in held.metrics.text("m", "1", "d").decode()

    asyncio.run(run())


def test_a_full_queue_answers_429_at_once_and_the_others_are_served() -> None:
    async def run() -> None:
        held = Held()
        tasks = [await held.begin(), await held.ask(1.0, 2.0, 3.0)]
        with pytest.raises(Refused, match=r"queue: got 2 rows while 3 wait; allowed: 4 \(MAX_QUEUE_ROWS\)") as refused:
            await held.batcher.predict(numbers(4.0, 5.0), 0.0)
        assert refused.value.status == 429
        held.gate.set()
        assert [values(await task) for task in tasks] == [[0.0], [2.0, 4.0, 6.0]]

    asyncio.run(run())


def test_a_request_larger_than_the_queue_is_taken_while_nobody_waits() -> None:
    async def run() -> None:
        held = Held()
        tasks = [await held.begin(), await held.ask(*range(6))]
        held.gate.set()
        assert [len(values(await task)) for task in tasks] == [1, 6]

    asyncio.run(run())


def test_a_client_that_went_away_leaves_the_queue_and_its_rows_never_run() -> None:
    async def run() -> None:
        held = Held()
        first, gone = await held.begin(), await held.ask(1.0, 2.0, 3.0)
        gone.cancel()
        await asyncio.sleep(0.01)
        last = await held.ask(4.0, 5.0)
        held.gate.set()
        assert values(await first) == [0.0]
        assert values(await last) == [8.0, 10.0]
        assert held.model.seen == [1, 2]

    asyncio.run(run())


def test_a_deadline_answers_504_while_the_model_is_at_work_and_what_waited_never_runs() -> None:
    async def run() -> None:
        held = Held()
        first, late = await held.begin(), await held.ask(1.0, left_s=0.02)
        with pytest.raises(Refused, match="deadline: passed before the model answered") as refused:
            await late
        assert refused.value.status == 504
        held.gate.set()
        await first
        assert values(await held.batcher.predict(numbers(5.0), 0.0)) == [10.0]
        assert held.model.seen == [1, 1]

    asyncio.run(run())


def test_a_large_request_that_nobody_waits_for_stops_between_two_parts() -> None:
    async def run() -> None:
        held = Held()
        large = await held.ask(*range(12))
        assert await asyncio.to_thread(held.model.began.wait, GUARD_S)
        large.cancel()
        await asyncio.sleep(0.01)
        held.gate.set()
        assert values(await held.batcher.predict(numbers(5.0), 0.0)) == [10.0]
        assert held.model.seen == [4, 1]

    asyncio.run(run())


@pytest.mark.parametrize("plan", [IN_THREAD, ON_LOOP, Plan(together=4, inline=100, gather=False)])
def test_a_deadline_that_has_passed_is_answered_504_before_anything_runs(plan: Plan) -> None:
    model = Doubler()
    [late] = answered(batcher_of(model, plan).predict(numbers(1.0), time.monotonic() - 1))
    assert isinstance(late, Refused)
    assert late.status == 504
    assert model.seen == []


def test_under_load_a_free_model_waits_for_as_many_as_came_last_but_not_longer_than_told() -> None:
    async def run() -> None:
        held = Held(max_queue_rows=256, plan=Plan(together=4, inline=0, gather=True, max_wait_s=0.2))
        tasks = [await held.begin(), *[await held.ask(float(x)) for x in range(1, 6)]]
        held.gate.set()
        assert [values(await task) for task in tasks[:5]] == [[2.0 * x] for x in range(5)]
        # Four rows ran last and one is left: it waits for others.
        more = [asyncio.create_task(held.batcher.predict(numbers(9.0), 0.0)) for _ in range(3)]
        assert [values(await task) for task in (tasks[5], *more)] == [[10.0], [18.0], [18.0], [18.0]]
        assert held.model.seen == [1, 4, 4]
        assert values(await held.batcher.predict(numbers(7.0), 0.0)) == [14.0]

    asyncio.run(run())


def test_closing_lets_nobody_hang() -> None:
    async def run() -> None:
        held = Held()
        tasks = [await held.begin(), await held.ask(1.0)]
        await held.batcher.close()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        held.gate.set()
        assert [getattr(outcome, "status", outcome) for outcome in outcomes] == [503, 503]

    asyncio.run(run())


@given(
    sizes=some.lists(some.integers(1, 9), min_size=1, max_size=12),
    inline=some.sampled_from([0, 3, 50]),
    gather=some.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_however_requests_are_put_together_each_gets_its_own(sizes: list[int], inline: int, gather: bool) -> None:
    model = Doubler()
    starts = np.cumsum([0, *sizes])
    asked = [
        tuple(float(x) for x in range(begin, begin + size)) for begin, size in zip(starts[:-1], sizes, strict=True)
    ]
    batcher = batcher_of(model, Plan(together=4, inline=inline, gather=gather), max_queue_rows=1000)
    assert answered(*no_deadline(batcher, *asked)) == [[2 * x for x in one] for one in asked]
    assert sum(model.seen) == sum(sizes)
    assert max(model.seen) <= max(4, inline)


def test_what_nobody_waits_for_is_left_out_of_a_batch_that_others_wait_for() -> None:
    async def run() -> None:
        held = Held(max_queue_rows=100)
        first, gone, last = await held.begin(), await held.ask(1.0, 2.0), await held.ask(3.0)
        gone.cancel()
        await asyncio.sleep(0.01)
        held.gate.set()
        assert values(await first) == [0.0]
        assert values(await last) == [6.0]
        assert held.model.seen == [1, 1]

    asyncio.run(run())
