"""The dashboard's document keeps to CloudWatch's grid and syntax."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from components.monitoring.aws_dashboard import COLUMNS, PlatformView, dashboard

VIEW = PlatformView(
    stack="demo-aws-eu-west-1",
    region="eu-west-1",
    cluster="demo-aws-eu-west-1",
    topic="demo-aws-eu-west-1-alarms",
    nodes={"system": ("eks-system",), "gpu-l4": ("eks-l4",)},
    gateways={"eu-west-1a": "nat-1"},
    alarms=("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:b", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"),
)
# "Dashboard Body Structure and Syntax", CloudWatch API reference, from knowledge.
METRIC_FIELDS = {"title", "region", "metrics", "view", "stacked", "period", "stat", "yAxis"}
LINE_OPTIONS = {"label", "stat", "id", "visible", "expression"}


def widgets(view: PlatformView = VIEW) -> list[dict[str, Any]]:
    return json.loads(dashboard(view))["widgets"]


def test_every_widget_lies_on_the_grid_and_none_covers_another() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets():
        assert widget["x"] + widget["width"] <= COLUMNS
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        taken |= cells


def test_every_graph_says_its_region_and_knows_only_fields_of_cloudwatch() -> None:
    graphs = [widget["properties"] for widget in widgets() if widget["type"] == "metric"]
    assert len(graphs) == 9
    assert all(graph["region"] == "eu-west-1" and set(graph) <= METRIC_FIELDS for graph in graphs)


def test_every_line_names_a_metric_and_pairs_of_dimensions_or_is_an_expression() -> None:
    for widget in widgets():
        for line in widget["properties"].get("metrics", []):
            *names, options = line
            assert set(options) <= LINE_OPTIONS
            assert "expression" in options if not names else len(names) >= 4 and len(names) % 2 == 0


def test_an_expression_uses_lines_of_its_own_graph() -> None:
    [nodes] = [w["properties"]["metrics"] for w in widgets() if "pass their checks" in w["properties"]["title"]]
    ids = {line[-1]["id"] for line in nodes}
    assert ids == {"n0", "c0", "f0", "n1", "c1", "f1"}
    assert [line[0]["expression"] for line in nodes if len(line) == 1] == ["(c0 - f0) / 5", "(c1 - f1) / 5"]


def test_what_does_not_exist_is_not_drawn_and_the_rest_fills_the_row() -> None:
    shown = widgets(replace(VIEW, gateways={}))
    assert not any("NAT" in widget["properties"]["title"] for widget in shown)
    [last] = [widget for widget in shown if widget["properties"]["title"] == "Alarm messages"]
    assert (last["x"], last["width"]) == (0, COLUMNS)


def test_the_text_does_not_depend_on_the_order_of_what_is_shown() -> None:
    turned = replace(VIEW, nodes={pool: VIEW.nodes[pool] for pool in sorted(VIEW.nodes)}, alarms=VIEW.alarms[::-1])
    assert dashboard(turned) == dashboard(VIEW)
