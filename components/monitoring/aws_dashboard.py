"""The dashboard of one AWS platform: what a person on call looks at first. Pure.

The text is the `DashboardBody` of CloudWatch's PutDashboard ("Dashboard Body Structure and Syntax" in its API
reference): a grid of 24 columns, every widget with its own region, so that the page shows the same wherever it is
opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

COLUMNS = 24
_HEIGHT = 6
_PERIOD_S = 300

Line = list[object]
"""Namespace, metric, dimension names and values in turn, and options: one line of a graph."""

Widget = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class PlatformView:
    """The names of what is shown. `nodes`: Auto Scaling groups by pool, one a way; `gateways`: NAT gateways by zone."""

    stack: str
    region: str
    cluster: str
    topic: str
    nodes: Mapping[str, tuple[str, ...]]
    gateways: Mapping[str, str]
    alarms: tuple[str, ...]  # ARNs


def dashboard(view: PlatformView) -> str:
    """Alarms on top, then nodes, the control plane, the way out, and whether alarms reach anybody."""
    rows: list[list[Widget | None]] = [
        [_alarms(view)],
        [
            _graph(view, "Machines in each pool that pass their checks", _nodes(view)),
            _graph(view, "Processor use of each pool (%)", _processors(view)),
            _graph(view, "Pods without a node", [_eks(view, "scheduler_pending_pods_UNSCHEDULABLE", "waiting")]),
        ],
        [
            _graph(
                view,
                "Kubernetes API: requests",
                [
                    _eks(view, "apiserver_request_total", "all", stat="Sum"),
                    _eks(view, "apiserver_request_total_4XX", "4xx", stat="Sum"),
                    _eks(view, "apiserver_request_total_429", "429 (throttled)", stat="Sum"),
                    _eks(view, "apiserver_request_total_5XX", "5xx", stat="Sum"),
                ],
            ),
            _graph(
                view,
                "Kubernetes API: slowest hundredth (s)",
                [
                    _eks(view, f"apiserver_request_duration_seconds_{verb}_P99", verb, stat="Maximum")
                    for verb in ("GET", "LIST", "POST", "PUT", "DELETE")
                ],
            ),
            _graph(view, "Kubernetes database (bytes of 8 GiB)", [_eks(view, "apiserver_storage_size_bytes", "size")]),
        ],
        [
            _graph(view, "NAT: bytes out", _nat(view, "BytesOutToDestination")),
            _graph(view, "NAT: connections refused for want of ports", _nat(view, "ErrorPortAllocation")),
            _graph(view, "Alarm messages", _messages(view)),
        ],
    ]
    return json.dumps({"widgets": placed(rows)}, sort_keys=True, separators=(",", ":"))


def placed(rows: list[list[Widget | None]]) -> list[Widget]:
    """Every row fills the width; a graph of nothing (an adopted network has no gateways of ours) leaves its room."""
    placed: list[Widget] = []
    for y, row in enumerate([kept for row in rows if (kept := [widget for widget in row if widget])]):
        width = COLUMNS // len(row)
        for index, widget in enumerate(row):
            placed.append({**widget, "x": index * width, "y": y * _HEIGHT, "width": width, "height": _HEIGHT})
    return placed


def _alarms(view: PlatformView) -> Widget:
    return {"type": "alarm", "properties": {"title": view.stack, "alarms": sorted(view.alarms)}}


def _graph(view: PlatformView, title: str, metrics: list[Line]) -> Widget | None:
    if not metrics:
        return None
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": view.region,
            "metrics": metrics,
            "view": "timeSeries",
            "stacked": False,
            "period": _PERIOD_S,
            "stat": "Average",
            "yAxis": {"left": {"min": 0}},
        },
    }


def _eks(view: PlatformView, metric: str, label: str, *, stat: str = "Maximum") -> Line:
    return ["AWS/EKS", metric, "ClusterName", view.cluster, {"label": label, "stat": stat}]


def _nodes(view: PlatformView) -> list[Line]:
    """A status a minute of each machine: their number less those that failed, over the minutes of a period."""
    lines: list[Line] = []
    for index, (label, group) in enumerate(_groups(view)):
        of: Line = ["AWS/EC2", "StatusCheckFailed", "AutoScalingGroupName", group]
        lines.append([{"expression": f"(c{index} - f{index}) / {_PERIOD_S // 60}", "label": label, "id": f"n{index}"}])
        lines.append([*of, {"id": f"c{index}", "stat": "SampleCount", "visible": False}])
        lines.append([*of, {"id": f"f{index}", "stat": "Sum", "visible": False}])
    return lines


def _processors(view: PlatformView) -> list[Line]:
    return [
        ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", group, {"label": label}] for label, group in _groups(view)
    ]


def _groups(view: PlatformView) -> list[tuple[str, str]]:
    """Each group and its label: its pool, and where that has more than one way the place among them."""
    return [
        (pool if len(groups) == 1 else f"{pool}, way {place}", group)
        for pool, groups in sorted(view.nodes.items())
        for place, group in enumerate(groups, start=1)
    ]


def _nat(view: PlatformView, metric: str) -> list[Line]:
    return [
        ["AWS/NATGateway", metric, "NatGatewayId", gateway, {"label": zone, "stat": "Sum"}]
        for zone, gateway in sorted(view.gateways.items())
    ]


def _messages(view: PlatformView) -> list[Line]:
    return [
        ["AWS/SNS", metric, "TopicName", view.topic, {"label": label, "stat": "Sum"}]
        for metric, label in (
            ("NumberOfNotificationsDelivered", "delivered"),
            ("NumberOfNotificationsFailed", "failed"),
        )
    ]
