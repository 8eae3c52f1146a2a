"""The SLO alarms of one model: CloudWatch's windows for burn rates. Pure.

A window is one alarm whose period is the window: CloudWatch looks at it anew every minute (its evaluation window
slides, "Alarm evaluation window", read 2026-11-24). All metrics of one alarm share one period, so two windows are two
alarms, and a composite alarm asks for both. A period times the number of periods may be seven days at most, one day
where the period is below an hour.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.model_monitoring.aws_metrics import Count, Counting, EndpointMetrics, failed_calls, slow_calls
from components.model_monitoring.burn_rates import (
    FAST,
    FEWEST_CALLS,
    LATENCY_OBJECTIVE,
    PAGING,
    TRICKLE_DAYS,
    Slo,
    burning_percent,
    window_word,
)
from components.monitoring.aws_alarms import DAY, Alarm

UNPROMISED_AVAILABILITY = 99.0
"""What a release is held to where the model promises nothing."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One objective of the SLO: of all calls, `objective` percent are not bad. `key` begins the names of its alarms."""

    key: str
    word: str  # what a bad call is
    objective: float
    count: Count


def promises(of: Counting, slo: Slo) -> tuple[Promise, ...]:
    """Availability and latency, as two budgets."""
    return (
        Promise(key="errors", word="failed", objective=slo.availability, count=failed_calls(of)),
        Promise(
            key="slow",
            word=f"took longer than {slo.latency_p99_ms} ms",
            objective=LATENCY_OBJECTIVE,
            count=slow_calls(of, slo.latency_p99_ms),
        ),
    )


def burn_pairs(promise: Promise) -> tuple[tuple[Alarm, Alarm], ...]:
    """The long and the short window of each burn rate that means "take the release back"."""
    return tuple(
        (window(promise, rate.factor, rate.long_s), window(promise, rate.factor, rate.short_s)) for rate in PAGING
    )


def trickle(promise: Promise) -> Alarm:
    """Nothing that wakes anybody: each of three days used more than its share of the budget."""
    percent = burning_percent(promise.objective, 1)
    return Alarm(
        key=f"{promise.key}-{TRICKLE_DAYS}d",
        says=(
            f"On each of {TRICKLE_DAYS} days more than {percent:g} % of the calls {promise.word}: the budget of the "
            "SLO will not last its 30 days. No hurry, but nothing has stopped it."
        ),
        metrics=promise.count.metrics,
        expression=promise.count.share(FEWEST_CALLS),
        comparison="GreaterThanThreshold",
        threshold=percent,
        period_s=DAY,
        periods=TRICKLE_DAYS,
        breaching=TRICKLE_DAYS,
        silence="notBreaching",
    )


def release_alarms(endpoint: EndpointMetrics, slo: Slo | None) -> tuple[Alarm, ...]:
    """What SageMaker watches while it shifts traffic: the endpoint's own calls, in the short window of the fast rate.

    Not the composite alarm: it waits for the long window, which an hour of good calls before the release fills.
    """
    held_to = slo.availability if slo else UNPROMISED_AVAILABILITY
    failed = Promise(key="release-errors", word="failed", objective=held_to, count=failed_calls(endpoint))
    if slo is None or endpoint.form == "async":  # a long line is no fault of a release
        return (window(failed, FAST.factor, FAST.short_s),)
    _, slow = promises(endpoint, slo)
    late = Promise(key="release-slow", word=slow.word, objective=slow.objective, count=slow.count)
    return tuple(window(promise, FAST.factor, FAST.short_s) for promise in (failed, late))


def window(promise: Promise, factor: float, seconds: int) -> Alarm:
    """One window of one burn rate."""
    percent = burning_percent(promise.objective, factor)
    return Alarm(
        key=f"{promise.key}-{window_word(seconds)}",
        says=(
            f"In the last {window_word(seconds)} more than {percent:g} % of the calls {promise.word}: the budget of "
            f"the SLO burns {factor:g} times as fast as it may, or half of all calls are bad. Fewer than "
            f"{FEWEST_CALLS} bad calls never count."
        ),
        metrics=promise.count.metrics,
        expression=promise.count.share(FEWEST_CALLS),
        comparison="GreaterThanThreshold",
        threshold=percent,
        period_s=seconds,
        periods=1,
        breaching=1,
        silence="notBreaching",
    )
