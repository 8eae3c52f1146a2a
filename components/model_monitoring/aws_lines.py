"""Lines of CloudWatch's graphs, from metrics. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from components.monitoring.aws_alarms import Metric
from components.monitoring.aws_dashboard import Line

HOUR = 3600


def line(metric: Metric, **options: object) -> Line:
    """Namespace, name and dimensions in turn, then the options; the metric's statistic unless they say another."""
    dimensions = [word for pair in metric.dimensions.items() for word in pair]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, **options}]


def hidden(metrics: Mapping[str, Metric]) -> list[Line]:
    """What expressions of the same graph are made of."""
    return [line(metric, id=key, visible=False) for key, metric in metrics.items()]


def formula(expression: str, ident: str, label: str) -> Line:
    """A line of metric math over others of its graph."""
    return [{"expression": expression, "id": ident, "label": label}]


def number(value: float) -> str:
    """As metric math reads it: no exponent."""
    return f"{value:.8f}".rstrip("0").rstrip(".")
