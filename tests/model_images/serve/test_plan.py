"""Where and how rows run, decided from what the warm-up costs."""

from __future__ import annotations

import pytest

from model_images.serve.plan import Cost, Plan, measured, planned, told
from tests.model_images.serve.small_models import Doubler, numbers


@pytest.mark.parametrize(
    ("cost", "plan"),
    [
        # onnxruntime, a small forest: quicker than putting requests together.
        (Cost(10e-6, 64, 86e-6), Plan(64, 821, gather=False, max_wait_s=0.002)),
        # scikit-learn, the same forest: nearly all of it is there once a call.
        (Cost(372e-6, 64, 412e-6), Plan(64, 990, gather=True, max_wait_s=0.002)),
        (Cost(20e-3, 64, 25e-3), Plan(64, 0, gather=True, max_wait_s=0.002)),
        # Each row costs the same: nothing is gained together.
        (Cost(20e-3, 4, 80e-3), Plan(64, 0, gather=False, max_wait_s=0.002)),
        (Cost(0.9e-3, 64, 57.6e-3), Plan(64, 1, gather=False, max_wait_s=0.002)),
        (Cost(100e-6, 64, 100e-6), Plan(64, 4096, gather=True, max_wait_s=0.002)),
        # One row at a time is all that it takes.
        (Cost(100e-6), Plan(1, 1, gather=False, max_wait_s=0.002)),
    ],
)
def test_a_plan_follows_the_cost(cost: Cost, plan: Plan) -> None:
    assert planned(cost, 64, 2) == plan


def test_the_decision_is_told_in_a_line() -> None:
    cost = Cost(372e-6, 64, 412e-6)
    assert told(cost, planned(cost, 64, 2)) == (
        "372 us for 1 row, 412 us for 64: runs on the event loop up to 990 rows, above in a thread; "
        "requests are put together up to 64 rows"
    )
    cost = Cost(20e-3, 4, 80e-3)
    assert told(cost, planned(cost, 64, 2)) == (
        "20000 us for 1 row, 80000 us for 4: runs in a thread; requests are not put together "
        "(it would save less than it costs)"
    )


def test_the_cost_is_measured_with_as_many_rows_as_run_together() -> None:
    model = Doubler()
    assert measured(model.predict, numbers(1.0, 2.0, 3.0), 16).rows == 16
    assert model.seen[0] == 3
    assert set(model.seen[1:]) == {1, 16}


def test_a_slow_model_is_measured_with_few_rows() -> None:
    model = Doubler(run_s=0.06)
    cost = measured(model.predict, numbers(1.0), 64)
    assert cost.rows == 4
    assert cost.one_s >= 0.06
    assert len(model.seen) == 3


def test_a_model_for_one_row_is_measured_with_one() -> None:
    model = Doubler()
    assert measured(model.predict, numbers(1.0), 1).rows == 1
    assert set(model.seen) == {1}
