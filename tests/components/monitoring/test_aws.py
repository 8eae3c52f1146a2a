"""Monitoring of a platform: every alarm reaches the topic, logs end and are encrypted, the dashboard shows what is."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

from tests.components.monitoring.parts import ARGS, STACK, TOPIC, record_monitoring
from tests.recorder import Graph


@cache
def monitoring() -> Graph:
    return record_monitoring()


def test_every_alarm_speaks_to_the_topic_when_it_is_raised_and_when_it_is_over() -> None:
    alarms = monitoring().all("MetricAlarm")
    assert len(alarms) == 8
    assert {(tuple(a["alarmActions"]), tuple(a["okActions"])) for a in alarms} == {((TOPIC,), (TOPIC,))}
    assert monitoring().outputs["alarm_channel"] == TOPIC


def test_every_alarm_says_what_no_data_means_and_its_description_repeats_it() -> None:
    words = {
        "breaching": "No data counts as the alarm.",
        "notBreaching": "No data counts as good.",
        "ignore": "No data leaves the state as it is.",
    }
    for alarm in monitoring().all("MetricAlarm"):
        assert alarm["alarmDescription"].endswith(words[alarm["treatMissingData"]]), alarm.name


def test_as_many_bad_periods_as_the_table_says_raise_an_alarm() -> None:
    ports = monitoring().one("MetricAlarm", "monitoring-nat-ports-eu-west-1a")
    assert (ports["evaluationPeriods"], ports["datapointsToAlarm"]) == (5, 3)


def test_exactly_one_query_of_each_alarm_is_judged() -> None:
    for alarm in monitoring().all("MetricAlarm"):
        judged = [query for query in alarm["metricQueries"] if query["returnData"]]
        assert len(judged) == 1, alarm.name


def test_healthy_machines_of_a_pool_are_those_checked_less_those_that_failed() -> None:
    alarm = monitoring().one("MetricAlarm", "monitoring-nodes-system")
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (2, "LessThanThreshold")
    queries = {query["id"]: query for query in alarm["metricQueries"]}
    assert queries["result"]["expression"] == "(FILL(checked0, 0) - FILL(failed0, 0)) / 5"
    assert {key: queries[key]["metric"]["stat"] for key in queries if key != "result"} == {
        "checked0": "SampleCount",
        "failed0": "Sum",
    }
    assert queries["checked0"]["metric"]["dimensions"] == {"AutoScalingGroupName": "eks-system-1"}


def test_alarms_bear_the_stack_in_their_names() -> None:
    assert all(alarm["name"].startswith(f"{STACK}-") for alarm in monitoring().all("MetricAlarm"))


def test_container_logs_are_encrypted_and_end() -> None:
    groups = {g["name"]: (g["kmsKeyId"], g["retentionInDays"]) for g in monitoring().all("LogGroup")}
    kinds = ("application", "dataplane", "host", "performance")
    assert groups == {f"/aws/containerinsights/{STACK}/{kind}": (ARGS.logs_key_arn, 30) for kind in kinds}


def test_logs_are_protected_when_the_environment_says_so() -> None:
    graph = record_monitoring(replace(ARGS, protect_logs=True))
    assert {g["deletionProtectionEnabled"] for g in graph.all("LogGroup")} == {True}


def test_what_aws_health_says_reaches_the_topic_without_a_role() -> None:
    graph = monitoring()
    rule, target = graph.one("EventRule"), graph.one("EventTarget")
    assert json.loads(rule["eventPattern"])["source"] == ["aws.health"]
    assert (target["arn"], target["rule"], "roleArn" in target.inputs) == (TOPIC, f"{STACK}-health", False)
    assert json.loads(target["inputTransformer"]["inputTemplate"]).startswith("AWS Health")


def test_the_dashboard_shows_every_alarm_and_bears_the_stack_s_name() -> None:
    graph = monitoring()
    body = json.loads(graph.one("Dashboard")["dashboardBody"])
    [shown] = [widget for widget in body["widgets"] if widget["type"] == "alarm"]
    assert sorted(graph.outputs["alarms"].values()) == shown["properties"]["alarms"]
    [machines] = [w["properties"] for w in body["widgets"] if "pass their checks" in w["properties"]["title"]]
    drawn = {
        line[3]: machines["metrics"][index - 1][0]["label"]
        for index, line in enumerate(machines["metrics"])
        if line[-1].get("stat") == "SampleCount"
    }
    assert drawn == {
        "eks-system-1": "system",
        "eks-l4-spot": "gpu-l4, way 1",
        "eks-l4-on": "gpu-l4, way 2",
        "eks-h100": "gpu-h100",
    }
    gateways = [
        line[3] for w in body["widgets"] for line in w["properties"].get("metrics", []) if line[0] == "AWS/NATGateway"
    ]
    assert set(gateways) == set(ARGS.gateways.values())
    assert graph.one("Dashboard")["dashboardName"] == STACK


def test_without_a_budget_nothing_is_said_of_costs() -> None:
    graph = record_monitoring(replace(ARGS, budget_usd=None))
    assert [r.type for r in graph.resources if "budgets" in r.type or "costexplorer" in r.type] == []


def test_an_adopted_network_has_no_alarm_of_gateways() -> None:
    graph = record_monitoring(replace(ARGS, gateways={}))
    assert not any("nat-ports" in alarm.name for alarm in graph.all("MetricAlarm"))


def test_a_preview_declares_the_same() -> None:
    before = {(r.type, r.name) for r in record_monitoring(preview=True).resources}
    assert before == {(r.type, r.name) for r in monitoring().resources}
