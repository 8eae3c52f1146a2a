"""Windows and thresholds of error budgets."""

from __future__ import annotations

import pytest

from components.model_monitoring.burn_rates import BUDGET_DAYS, PAGING, BurnRate, Slo, burning_percent, window_word


@pytest.mark.parametrize(("rate", "share"), [*zip(PAGING, (2, 5), strict=True)])
def test_a_page_comes_when_this_share_of_the_budget_is_gone(rate: BurnRate, share: int) -> None:
    assert round(100 * rate.factor * rate.long_s / (BUDGET_DAYS * 86400)) == share


@pytest.mark.parametrize("rate", PAGING)
def test_the_short_window_is_a_twelfth_of_the_long_one(rate: BurnRate) -> None:
    assert rate.long_s == 12 * rate.short_s


@pytest.mark.parametrize(("objective", "factor", "percent"), [(99.9, 14.4, 1.44), (99, 6, 6), (90, 14.4, 50)])
def test_half_of_all_calls_is_always_fast_enough(objective: float, factor: float, percent: float) -> None:
    assert burning_percent(objective, factor) == percent


@pytest.mark.parametrize(("seconds", "word"), [(300, "5m"), (1800, "30m"), (3600, "1h"), (21600, "6h"), (86400, "1d")])
def test_windows_have_short_names(seconds: int, word: str) -> None:
    assert window_word(seconds) == word


@pytest.mark.parametrize(("availability", "latency"), [(100, 120), (89.9, 120), (99.9, 0)])
def test_a_promise_that_nobody_can_keep_or_break_is_refused(availability: float, latency: int) -> None:
    with pytest.raises(ValueError, match="got"):
        Slo(availability=availability, latency_p99_ms=latency)
