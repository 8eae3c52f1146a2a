"""The alarm that most things need: one metric above a threshold for some periods in a row. Pure."""

from __future__ import annotations

from components.monitoring.aws_alarms import FIVE_MINUTES, Alarm, Metric, Silence


def above_threshold(
    key: str,
    says: str,
    metric: Metric,
    *,
    above: float,
    period_s: int = FIVE_MINUTES,
    periods: int = 3,
    breaching: int | None = None,
    silence: Silence = "notBreaching",
) -> Alarm:
    """Raised while the metric lies above `above` in `breaching` of the last `periods`; None: in all of them."""
    return Alarm(
        key=key,
        says=says,
        metrics={"value": metric},
        comparison="GreaterThanThreshold",
        threshold=above,
        period_s=period_s,
        periods=periods,
        breaching=breaching or periods,
        silence=silence,
    )
