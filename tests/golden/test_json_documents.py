"""The other JSON documents of every stack: dashboards, lifecycles of images, patterns of events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from moto.ecr.policy_validation import EcrLifecyclePolicyValidator
from moto.events.models import EventPatternParser

from tests.golden.graphs import STACKS, graph_of
from tests.recorder import Recorded
from tools.offline.cloud.holding import texts

# "Dashboard Body Structure and Syntax", CloudWatch API reference, read in part 2026-11-24: what a widget may say.
_PLACED = {"type", "x", "y", "width", "height", "properties"}
_MOST_WIDGETS, _COLUMNS, _MOST_LINES = 500, 24, 500
_REQUIRED = {"metric": {"region", "metrics"}, "alarm": {"alarms"}, "text": {"markdown"}, "log": {"region", "query"}}
_VIEWS = {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"}
_PERIOD = re.compile(r"-PT?\d+[HMDW]")


def _all(token: str) -> Iterator[Recorded]:
    return (one for stack in STACKS for one in graph_of(stack).resources if one.type == token)


def test_cloudwatch_takes_every_dashboard() -> None:
    shown = list(_all("aws:cloudwatch/dashboard:Dashboard"))
    assert shown
    assert [f"{one.name}: {what}" for one in shown for what in _mistakes(json.loads(one["dashboardBody"]))] == []


def test_ecr_takes_every_lifecycle() -> None:
    rules = list(_all("aws:ecr/lifecyclePolicy:LifecyclePolicy"))
    assert rules
    for one in rules:
        EcrLifecyclePolicyValidator(one["policy"]).validate()


def test_eventbridge_takes_every_pattern() -> None:
    patterns = list(_all("aws:cloudwatch/eventRule:EventRule"))
    assert patterns
    for one in patterns:
        if "eventPattern" in one.inputs:
            EventPatternParser(one["eventPattern"]).parse()


def test_every_property_that_looks_like_json_is_json() -> None:
    for stack in STACKS:
        for one in graph_of(stack).resources:
            for text in texts(one.inputs):
                if text.startswith(("{", "[{")) and '"' in text:
                    json.loads(text)


def test_a_widget_that_cloudwatch_would_refuse_is_found() -> None:
    good: dict[str, Any] = {"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6}
    lines = [["AWS/X", "Y", "Z", "z"]]
    for properties, change, said in (
        ({"region": "eu-west-1"}, {}, "needs metrics"),
        ({"region": "eu-west-1", "metrics": lines}, {"x": 20}, "beyond the grid"),
        ({"region": "eu-west-1", "metrics": lines, "view": "map"}, {}, "view"),
        ({"region": "eu-west-1", "metrics": [["AWS/X", "Y", "Z"]]}, {}, "dimension without a value"),
        ({"region": "eu-west-1", "metrics": [[{"expression": "a + b"}]]}, {}, "no line has the id a"),
        ({"region": "eu-west-1", "metrics": lines, "start": "30d"}, {}, "start"),
    ):
        found = list(_mistakes({"widgets": [{**good, "properties": properties, **change}]}))
        assert any(said in what for what in found), (said, found)
    assert not list(_mistakes({"widgets": [{**good, "properties": {"region": "eu-west-1", "metrics": lines}}]}))


def _mistakes(body: Mapping[str, Any]) -> Iterator[str]:
    widgets = body["widgets"]
    if len(widgets) > _MOST_WIDGETS:
        yield f"{len(widgets)} widgets; allowed: {_MOST_WIDGETS}"
    for widget in widgets:
        if set(widget) - _PLACED:
            yield f"unknown: {sorted(set(widget) - _PLACED)}"
        if not 1 <= widget["width"] <= _COLUMNS - widget["x"]:
            yield "a widget lies beyond the grid"
        missing = _REQUIRED[widget["type"]] - set(widget["properties"])
        if missing:
            yield f"a widget of type {widget['type']} needs {', '.join(sorted(missing))}"
        elif widget["type"] == "metric":
            yield from _of_graph(widget["properties"])


def _of_graph(properties: Mapping[str, Any]) -> Iterator[str]:
    if properties.get("view", "timeSeries") not in _VIEWS:
        yield f"view {properties['view']}; allowed: {sorted(_VIEWS)}"
    if "start" in properties and not _PERIOD.fullmatch(properties["start"]):
        yield f"start {properties['start']}; allowed: a span such as -PT6H or -P30D"
    if properties.get("period", 60) % 60:
        yield f"period {properties['period']}; allowed: whole minutes"
    lines = properties["metrics"]
    if not 1 <= len(lines) <= _MOST_LINES:
        yield f"{len(lines)} lines; allowed: 1 to {_MOST_LINES}"
    idents = {line[-1]["id"] for line in lines if isinstance(line[-1], dict) and "id" in line[-1]}
    for line in lines:
        yield from _of_line(line, idents)


def _of_line(line: list[Any], idents: set[str]) -> Iterator[str]:
    names = [part for part in line if isinstance(part, str)]
    last: Any = line[-1]
    options: Mapping[str, Any] = cast("Mapping[str, Any]", last) if isinstance(last, dict) else {}
    if "expression" not in options:
        if len(names) < 2:
            yield f"{line} names no metric"
        elif len(names) % 2:
            yield f"{line} has a dimension without a value"
    elif not options["expression"].startswith("SEARCH"):
        for used in re.findall(r"\b[a-z]\w*", options["expression"]):
            if used not in idents:
                yield f"no line has the id {used}"
