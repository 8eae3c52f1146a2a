"""How fast a model may use up what its SLO leaves it: windows and thresholds, on any cloud. Pure.

A model that promises 99.9 % has an error budget: a thousandth of the calls of 30 days. A burn rate of 1 uses it up in
exactly these 30 days. An alarm looks at a long window, so that a blip wakes nobody, and at a short one of a twelfth of
it, so that the alarm ends soon after the trouble does (Site Reliability Workbook, chapter 5, "Alerting on SLOs").
"""

from __future__ import annotations

from dataclasses import dataclass

BUDGET_DAYS = 30
FEWEST_CALLS = 3
"""So many calls must be bad in a window before it counts: one failed call at night wakes nobody."""

LATENCY_OBJECTIVE = 99.0
"""The latency of an SLO is that of 99 of 100 calls."""

_HALF = 50.0


@dataclass(frozen=True, kw_only=True)
class Slo:
    """`availability`: percent of calls without a server error. `latency_p99_ms`: 99 of 100 calls are as fast."""

    availability: float
    latency_p99_ms: int

    def __post_init__(self) -> None:
        if not 90 <= self.availability < 100:
            raise ValueError(f"availability: got {self.availability}; allowed: 90 to below 100 percent")
        if self.latency_p99_ms < 1:
            raise ValueError(f"latency_p99_ms: got {self.latency_p99_ms}; allowed: 1 or more")


@dataclass(frozen=True, kw_only=True)
class BurnRate:
    """Raised while the budget burns `factor` times as fast as it may in both windows."""

    factor: float
    long_s: int
    short_s: int


FAST = BurnRate(factor=14.4, long_s=3600, short_s=300)  # 2 % of the budget is gone in an hour
SLOW = BurnRate(factor=6, long_s=6 * 3600, short_s=1800)  # 5 % of it in six hours
PAGING = (FAST, SLOW)

TRICKLE_DAYS = 3
"""Days on each of which more was used than a day's share: 10 % of the budget is gone, and nothing stopped it."""


def burning_percent(objective: float, factor: float) -> float:
    """Percent of bad calls above which a budget burns `factor` times as fast as it may.

    Half of all calls is always fast enough: with a low objective the product lies beyond 100, which no outage reaches.
    """
    return round(min(factor * (100 - objective), _HALF), 6)


def window_word(seconds: int) -> str:
    """A window as in the names of alarms: 5m, 1h, 1d."""
    for unit, length in (("d", 86400), ("h", 3600)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds // 60}m"
