"""The inference core as contracts see it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import numpy as np
import pytest

from model_images.serve.inference import Inference, Prediction
from model_images.serve.messages import Refused
from model_images.serve.metrics import PREDICT_SECONDS, ROWS_TOTAL, Metrics
from model_images.serve.rows import Outputs, Rows
from tests.model_images.serve.small_models import Doubler, inference_of, model_of, numbers, request_of

BATCHES: dict[str, Any] = {"batching": {"max_rows": 8, "max_wait_ms": 1}}


def warm(inference: Inference) -> None:
    asyncio.run(inference.warm_up())


def predicted(inference: Inference, *values: float, select: list[str] | None = None) -> Prediction:
    return asyncio.run(inference.predict(numbers(*values), request_of(), select))


def test_outputs_come_with_what_the_model_wants_told() -> None:
    class Attributed(Doubler):
        def custom_attributes(self, rows: Rows, outputs: Outputs) -> str | None:
            return f"rows={rows.count}"

    prediction = predicted(inference_of(Attributed()), 1.0, 2.0)
    assert prediction.outputs["double"].tolist() == [2.0, 4.0]
    assert prediction.custom_attributes == "rows=2"


def test_only_the_outputs_that_are_asked_for_come_and_in_that_order() -> None:
    class Several(Doubler):
        def predict(self, rows: Rows) -> Outputs:
            return {name: np.zeros(rows.count) for name in "abc"}

    assert list(predicted(inference_of(Several()), 1.0).outputs) == ["a", "b", "c"]
    assert list(predicted(inference_of(Several()), 1.0, select=["c", "a"]).outputs) == ["c", "a"]


def test_a_row_that_the_model_refuses_is_named() -> None:
    model = Doubler()
    model.refused = 7.0
    with pytest.raises(Refused, match=r"^instances\[2\]: x is not to this model's taste$") as refused:
        predicted(inference_of(model), 1.0, 2.0, 7.0)
    assert refused.value.status == 422


def test_a_model_that_answers_too_few_rows_is_an_error_of_the_model() -> None:
    class Short(Doubler):
        def predict(self, rows: Rows) -> Outputs:
            return {"double": np.zeros(1)}

    with pytest.raises(ValueError, match="output double: the model answered 1 rows for 2"):
        predicted(inference_of(Short()), 1.0, 2.0)


def test_rows_and_time_in_the_model_are_counted() -> None:
    metrics = Metrics.alone()
    predicted(inference_of(Doubler(), metrics=metrics), 1.0, 2.0)
    assert metrics.total(ROWS_TOTAL) == 2
    assert f"{PREDICT_SECONDS}_count 1" in metrics.text("m", "1", "d").decode()


def test_a_quick_model_runs_on_the_event_loop_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    model = Doubler()
    inference = inference_of(model)
    with caplog.at_level(logging.INFO):
        warm(inference)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("tiny 1.0: ")
    assert "us for 64: runs on the event loop up to " in caplog.messages[0]
    model.threads.clear()
    predicted(inference, 1.0)
    assert model.threads == {"MainThread"}


def test_a_slow_model_runs_in_a_thread_and_its_requests_together(caplog: pytest.LogCaptureFixture) -> None:
    model = Doubler(run_s=0.002)
    inference = inference_of(model, model_of({"name": "x", "type": "float64"}, **BATCHES))

    async def run() -> list[Prediction]:
        with caplog.at_level(logging.INFO):
            await inference.warm_up()
        model.threads.clear()
        model.seen.clear()
        return await asyncio.gather(*(inference.predict(numbers(float(x)), request_of()) for x in range(8)))

    answers = asyncio.run(run())
    assert [one.outputs["double"].tolist() for one in answers] == [[2.0 * x] for x in range(8)]
    assert caplog.messages[0].endswith("runs in a thread; requests are put together up to 8 rows")
    assert (model.threads, model.seen) == ({"model_0"}, [8])


def test_a_model_that_takes_one_row_at_a_time_gets_one_row_at_a_time(caplog: pytest.LogCaptureFixture) -> None:
    model = Doubler()
    model.error = lambda values: ValueError("one row only") if len(values) > 1 else None
    inference = inference_of(model)
    with caplog.at_level(logging.INFO):
        warm(inference)
    assert caplog.messages[0].endswith("requests are not put together (one row at a time)")
    assert predicted(inference, 1.0, 2.0, 3.0).outputs["double"].tolist() == [2.0, 4.0, 6.0]


def test_a_model_that_fails_its_own_example_does_not_become_warm() -> None:
    model = Doubler()
    model.error = lambda _: ValueError("no such customer")
    with pytest.raises(ValueError, match="no such customer"):
        warm(inference_of(model))


def test_probes_are_answered_while_a_slow_model_is_at_work() -> None:
    model = Doubler(run_s=0.1)

    async def run() -> int:
        inference = inference_of(model)
        await inference.warm_up()
        task = asyncio.create_task(inference.predict(numbers(1.0), request_of()))
        turns = 0
        while not task.done():
            turns += 1
            await asyncio.sleep(0.001)
        return turns

    assert asyncio.run(run()) > 5
