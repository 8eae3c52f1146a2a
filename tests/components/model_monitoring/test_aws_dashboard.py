"""A model's dashboard keeps to CloudWatch's documented structure, and shows what there is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from components.model_monitoring.aws import AwsModelMonitoringArgs
from components.monitoring.aws_dashboard import COLUMNS
from tests.components.model_monitoring.parts import ARGS, EVERY, ON_KUBERNETES, ON_LAMBDA, monitored

# "Dashboard Body Structure and Syntax", CloudWatch API reference, read in part 2026-11-24.
PROPERTIES = {
    *("title", "region", "metrics", "view", "stacked", "period", "stat", "yAxis", "annotations"),
    *("setPeriodToTimeRange", "start", "sparkline"),
}
OPTIONS = {"label", "stat", "id", "visible", "expression"}
IDENT = re.compile(r"[a-z][A-Za-z0-9_]*")
WORDS = {"FILL", "IF", "PERIOD", "SEARCH"}


def widgets(args: AwsModelMonitoringArgs = ARGS) -> list[dict[str, Any]]:
    return json.loads(monitored(args).one("Dashboard")["dashboardBody"])["widgets"]


def graphs(args: AwsModelMonitoringArgs = ARGS) -> dict[str, dict[str, Any]]:
    shown = [widget["properties"] for widget in widgets(args) if widget["type"] == "metric"]
    return {graph["title"]: graph for graph in shown}


@pytest.mark.parametrize("args", EVERY)
def test_widgets_lie_on_the_grid_and_none_covers_another(args: AwsModelMonitoringArgs) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(args):
        assert widget["x"] + widget["width"] <= COLUMNS
        assert widget["width"] >= 3, "too narrow to read"
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("args", EVERY)
def test_only_documented_properties_and_options_are_used(args: AwsModelMonitoringArgs) -> None:
    for graph in graphs(args).values():
        assert set(graph) <= PROPERTIES
        assert graph["region"] == "eu-west-1"
        assert graph["view"] in ("timeSeries", "singleValue")
        for *names, options in graph["metrics"]:
            assert set(options) <= OPTIONS
            assert "expression" in options if not names else len(names) >= 4 and len(names) % 2 == 0


@pytest.mark.parametrize("args", EVERY)
def test_an_expression_uses_lines_of_its_own_graph_which_are_named_once(args: AwsModelMonitoringArgs) -> None:
    for title, graph in graphs(args).items():
        idents = [line[-1]["id"] for line in graph["metrics"] if "id" in line[-1]]
        assert len(set(idents)) == len(idents), title
        assert all(IDENT.fullmatch(ident) for ident in idents), title
        for line in graph["metrics"]:
            text = line[-1].get("expression", "")
            used: set[str] = set() if text.startswith("SEARCH") else set(re.findall(r"[a-z]\w*", text))
            assert used <= set(idents), title


@pytest.mark.parametrize("args", EVERY)
def test_metric_math_has_no_exponents_and_no_unknown_function(args: AwsModelMonitoringArgs) -> None:
    for graph in graphs(args).values():
        for line in graph["metrics"]:
            text = line[-1].get("expression", "")
            assert not re.search(r"\de[+-]?\d", text)
            assert set(re.findall(r"\b([A-Z]+)\(", text)) <= WORDS


def test_a_person_sees_alarms_calls_budget_versions_and_limits_in_this_order() -> None:
    titles = [widget["properties"]["title"] for widget in widgets()]
    assert titles == [
        "fraud",
        "Calls in 5 minutes",
        "Failed calls (%)",
        "Latency (ms)",
        "Budget left of 30 days: availability (%)",
        "Budget left of 30 days: latency (%)",
        "1000 calls: machine hours",
        "Versions: calls in 5 minutes",
        "Versions: failed calls in 5 minutes",
        "Versions: slowest hundredth (microseconds)",
        "Saturation (% of the alarm's threshold)",
        "Behind and left over (% of the alarm's threshold)",
    ]


def test_the_slo_is_drawn_as_a_line() -> None:
    marks = {
        title: graph["annotations"]["horizontal"][0]["value"]
        for title, graph in graphs().items()
        if "annotations" in graph
    }
    assert marks == {"Failed calls (%)": 0.1, "Latency (ms)": 120}


def test_the_budget_is_that_of_thirty_days_whatever_the_page_shows() -> None:
    left = graphs()["Budget left of 30 days: availability (%)"]
    assert (left["start"], left["setPeriodToTimeRange"], left["view"]) == ("-P30D", True, "singleValue")
    assert left["metrics"][0][0]["expression"] == "100 * (1 - ((FILL(f0, 0)) / (FILL(c0, 0))) / 0.001)"


def test_every_alarm_is_on_the_page() -> None:
    graph = monitored()
    [shown] = [widget["properties"]["alarms"] for widget in widgets() if widget["type"] == "alarm"]
    assert shown == sorted(one.outputs["arn"] for one in (*graph.all("MetricAlarm"), *graph.all("CompositeAlarm")))


def test_versions_of_a_function_are_found_by_search() -> None:
    [line] = graphs(ON_LAMBDA)["Versions: calls in 5 minutes"]["metrics"]
    assert "ExecutedVersion" in line[0]["expression"]
    assert 'MetricName="Invocations"' in line[0]["expression"]


def test_what_a_thousand_calls_take_is_in_the_unit_that_is_billed() -> None:
    [spent, *_] = graphs(ON_LAMBDA)["1000 calls: GB-seconds"]["metrics"]
    assert spent[0]["expression"] == "1000 * (FILL(u0, 0)) / (500) / (FILL(c0, 0))"  # of 2 GiB, in ms


def test_pods_alone_show_replicas_but_no_calls() -> None:
    titles = set(graphs(ON_KUBERNETES))
    assert "Versions: replicas that are ready" in titles
    assert not any("calls" in title.lower() for title in titles)


def test_without_a_promise_no_budget_is_left() -> None:
    assert not any("Budget" in title for title in graphs(replace(ARGS, slo=None)))
