"""The dashboard of one model: whether its callers are served, how much is left of its SLO, and what it lives on. Pure.

From top to bottom: alarms; calls, errors and latency against the SLO; budget left and what a thousand calls take;
versions side by side; saturation. What is not measured is not drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from components.model_monitoring.aws_burn_rates import Promise, promises
from components.model_monitoring.aws_dashboard_parts import limits, spent, versions
from components.model_monitoring.aws_lines import HOUR, formula, hidden, line, number
from components.model_monitoring.aws_metrics import Counting, Measured, counting, failed_calls, latencies
from components.model_monitoring.burn_rates import BUDGET_DAYS, Slo
from components.monitoring.aws_alarms import FIVE_MINUTES
from components.monitoring.aws_dashboard import Line, Widget, placed

_PERCENTILES = ("p50", "p90", "p99")


@dataclass(frozen=True, kw_only=True)
class ModelView:
    """What is shown. `alarms`: ARNs."""

    model: str
    region: str
    measured: tuple[Measured, ...]
    slo: Slo | None
    alarms: tuple[str, ...]


def dashboard(view: ModelView) -> str:
    """The `DashboardBody` of CloudWatch's PutDashboard."""
    counted = counting(view.measured)
    rows: list[list[Widget | None]] = [
        [_alarms(view)],
        _calls(view, counted) if counted else [],
        _budget(view, counted) if counted else [],
        [_graph(view, title, lines) for title, lines in versions(view.measured)],
        [_graph(view, title, lines) for title, lines in limits(view.measured)],
    ]
    return json.dumps({"widgets": placed([row for row in rows if row])}, sort_keys=True, separators=(",", ":"))


def _alarms(view: ModelView) -> Widget:
    return {"type": "alarm", "properties": {"title": view.model, "alarms": sorted(view.alarms)}}


def _calls(view: ModelView, of: Counting) -> list[Widget | None]:
    failed = failed_calls(of)
    shown = [formula(failed.calls, "all", "all"), formula(failed.bad, "bad", "failed")]
    promised = (100 - view.slo.availability, "SLO") if view.slo else None
    target = (float(view.slo.latency_p99_ms), "SLO, p99") if view.slo else None
    share = formula(failed.share(1), "share", "failed")
    graphs: list[Widget | None] = [
        _graph(view, "Calls in 5 minutes", [*shown, *hidden(failed.metrics)]),
        _graph(view, "Failed calls (%)", [share, *hidden(failed.metrics)], mark=promised),
        _graph(view, "Latency (ms)", list(_latency(of)), mark=target),
    ]
    return graphs


def _latency(of: Counting) -> Iterable[Line]:
    for index, (label, metric, units) in enumerate(latencies(of)):
        for percentile in _PERCENTILES:
            ident = f"{percentile}s{index}"
            word = f"{label} {percentile}"
            if units == 1:
                yield line(metric, id=ident, label=word, stat=percentile)
            else:
                yield formula(f"{ident}raw / {units}", ident, word)
                yield line(metric, id=f"{ident}raw", stat=percentile, visible=False)


def _budget(view: ModelView, of: Counting) -> list[Widget | None]:
    left = [_left(view, promise) for promise in promises(of, view.slo)] if view.slo else []
    return [*left, *(_graph(view, title, lines, period_s=HOUR) for title, lines in spent(view.measured, of))]


def _left(view: ModelView, promise: Promise) -> Widget:
    """One number for the last 30 days, whatever time the page shows; below nought the promise is broken."""
    count = promise.count
    share = f"({count.bad}) / ({count.calls})"
    allowed = round((100 - promise.objective) / 100, 8)
    title = "availability" if promise.key == "errors" else "latency"
    text = f"100 * (1 - ({share}) / {number(allowed)})"
    return {
        "type": "metric",
        "properties": {
            "title": f"Budget left of {BUDGET_DAYS} days: {title} (%)",
            "region": view.region,
            "metrics": [formula(text, "left", "left"), *hidden(count.metrics)],
            "view": "singleValue",
            "setPeriodToTimeRange": True,
            "start": f"-P{BUDGET_DAYS}D",
            "sparkline": False,
        },
    }


def _graph(
    view: ModelView,
    title: str,
    lines: list[Line],
    *,
    mark: tuple[float, str] | None = None,
    period_s: int = FIVE_MINUTES,
) -> Widget:
    properties: dict[str, object] = {
        "title": title,
        "region": view.region,
        "metrics": lines,
        "view": "timeSeries",
        "stacked": False,
        "period": period_s,
        "stat": "Average",
        "yAxis": {"left": {"min": 0}},
    }
    if mark:
        value, label = mark
        properties["annotations"] = {"horizontal": [{"value": round(value, 6), "label": label}]}
    return {"type": "metric", "properties": properties}
