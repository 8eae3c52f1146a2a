"""Only an alarm on one plain metric can be declared as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.monitoring.aws_alarms import Alarm, Metric
from components.monitoring.aws_metric_alarm import plain_metric

METRIC = Metric(namespace="AWS/ApiGateway", name="5XXError", statistic="Average", dimensions={"ApiName": "x"})
ALARM = Alarm(
    key="x",
    says="x",
    metrics={"value": METRIC},
    comparison="GreaterThanThreshold",
    threshold=0.5,
    period_s=60,
    periods=3,
    breaching=3,
    silence="notBreaching",
)


def test_one_metric_is_plain() -> None:
    assert plain_metric(ALARM) == METRIC


@pytest.mark.parametrize(
    "more", [{"breaching": 2}, {"metrics": {"a": METRIC, "b": METRIC}, "expression": "a + b"}, {"expression": "value"}]
)
def test_anything_more_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="alarm x: got more than a plain metric"):
        plain_metric(replace(ALARM, **more))
