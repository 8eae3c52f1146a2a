"""A model's monitoring: windows that only together mean "roll back", and one alarm that says it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from components.model_monitoring.aws import AwsModelMonitoringArgs, health_alarm_name, rollback_alarm_names
from components.model_monitoring.aws_metrics import EndpointMetrics, FunctionMetrics, KubernetesMetrics, StreamMetrics
from tests.components.model_monitoring.parts import (
    API,
    ARGS,
    EVERY,
    ON_KUBERNETES,
    ON_LAMBDA,
    PODS,
    QUEUE,
    SLO,
    STACK,
    TOPIC,
    WITHOUT_SLO,
    alarms,
    monitored,
)

WINDOWS = {"1h": (3600, 1.44), "5m": (300, 1.44), "6h": (21600, 0.6), "30m": (1800, 0.6)}


def rule(args: AwsModelMonitoringArgs = ARGS) -> str:
    return monitored(args).one("CompositeAlarm")["alarmRule"]


def named(key: str) -> str:
    return f"{STACK}-fraud-{key}"


@pytest.mark.parametrize(("word", "window"), [*WINDOWS.items()])
def test_each_window_of_a_burn_rate_is_one_alarm_over_one_period(word: str, window: tuple[int, float]) -> None:
    alarm = alarms()[f"errors-{word}"]
    periods = {query["metric"]["period"] for query in alarm["metricQueries"] if "metric" in query}
    assert (periods, alarm["threshold"], alarm["evaluationPeriods"]) == ({window[0]}, window[1], 1)


def test_a_window_alone_tells_nobody() -> None:
    quiet = {key for key, alarm in alarms().items() if not alarm.get("alarmActions")}
    assert quiet == {f"{kind}-{word}" for kind in ("errors", "slow") for word in WINDOWS} | {
        "release-errors-5m",
        "release-slow-5m",
    }


def test_the_composite_asks_for_both_windows_of_a_rate() -> None:
    pairs = re.findall(r'\(ALARM\("([^"]+)"\) AND ALARM\("([^"]+)"\)\)', rule())
    assert pairs == [
        (named(f"{kind}-{long}"), named(f"{kind}-{short}"))
        for kind in ("errors", "slow")
        for long, short in (("1h", "5m"), ("6h", "30m"))
    ]


@pytest.mark.parametrize("args", [*EVERY])
def test_the_composite_names_alarms_that_stand_before_it(args: AwsModelMonitoringArgs) -> None:
    graph = monitored(args)
    [composite] = graph.all("CompositeAlarm") or [None]
    if composite is None:
        return
    standing = {alarm["name"]: alarm.urn for alarm in graph.all("MetricAlarm")}
    children = set(re.findall(r'ALARM\("([^"]+)"\)', composite["alarmRule"]))
    assert children
    assert {standing[name] for name in children} <= composite.dependencies


def test_the_composite_tells_the_topic() -> None:
    composite = monitored().one("CompositeAlarm")
    assert (composite["alarmActions"], composite["okActions"]) == ([TOPIC], [TOPIC])
    assert composite["alarmName"] == named("roll-back")


def test_one_failed_call_at_night_wakes_nobody() -> None:
    expression = alarms()["errors-5m"]["metricQueries"][-1]["expression"]
    assert expression == "IF((FILL(f0, 0)) >= 3, 100 * (FILL(f0, 0)) / (FILL(c0, 0)), 0)"


def test_slow_calls_are_those_outside_the_percentile_rank_of_the_target() -> None:
    queries = {query["id"]: query for query in alarms()["slow-1h"]["metricQueries"]}
    assert queries["w0"]["metric"]["stat"] == "PR(:120)"
    assert queries["w0"]["metric"]["metricName"] == "Latency"
    assert "(100 - FILL(w0, 100)) / 100" in queries["result"]["expression"]


def test_an_endpoint_counts_both_variants_and_its_latency_in_microseconds() -> None:
    queries = {query["id"]: query for query in alarms()["release-slow-5m"]["metricQueries"]}
    assert {queries[key]["metric"]["stat"] for key in ("w0", "w1")} == {"PR(:120000)"}
    assert [queries[key]["metric"]["dimensions"]["VariantName"] for key in ("c0", "c1")] == ["stable", "candidate"]


def test_an_asynchronous_call_is_over_when_it_is_answered_not_when_the_api_took_it() -> None:
    waiting = EndpointMetrics(endpoint="e", variants=("stable",), form="async")
    args = replace(ARGS, measured=(API, waiting), slo=replace(SLO, latency_p99_ms=60_000))
    queries = {query["id"]: query for query in alarms(args)["slow-1h"]["metricQueries"]}
    assert queries["w0"]["metric"]["metricName"] == "TotalProcessingTime"
    assert queries["w0"]["metric"]["stat"] == "PR(:60000)"  # told in milliseconds, unlike the model's own time
    assert rollback_alarm_names(args) == (named("release-errors-5m"),)
    assert "backlog" in alarms(args)


def test_refused_executions_of_a_function_are_failed_calls() -> None:
    args = replace(ON_LAMBDA, measured=ON_LAMBDA.measured[1:])
    queries = {query["id"]: query for query in alarms(args)["errors-1h"]["metricQueries"]}
    assert queries["r0"]["metric"]["metricName"] == "Throttles"
    assert queries["result"]["expression"].count("FILL(r0, 0)") == 3  # twice bad, once a call


@pytest.mark.parametrize("args", EVERY)
def test_no_alarm_looks_at_more_than_cloudwatch_allows(args: AwsModelMonitoringArgs) -> None:
    """Ten metrics and expressions; seven days in all, one day where a period is below an hour."""
    for key, alarm in alarms(args).items():
        queries = alarm.get("metricQueries", [])
        periods = {query["metric"]["period"] for query in queries if "metric" in query} or {alarm.get("period")}
        [period] = periods
        assert len(queries) <= 10, key
        assert period * alarm["evaluationPeriods"] <= (604_800 if period >= 3600 else 86_400), key


@pytest.mark.parametrize("args", EVERY)
def test_every_alarm_says_what_silence_means(args: AwsModelMonitoringArgs) -> None:
    words = {"breaching": "counts as the alarm", "notBreaching": "counts as good", "ignore": "leaves the state"}
    for alarm in alarms(args).values():
        assert words[alarm["treatMissingData"]] in alarm["alarmDescription"]
        assert len(alarm["alarmDescription"]) <= 1024


def test_silence_rolls_nobody_back() -> None:
    children = set(re.findall(r'ALARM\("([^"]+)"\)', rule()))
    told = {alarm["name"]: alarm["treatMissingData"] for alarm in alarms().values()}
    assert {told[name] for name in children} == {"notBreaching"}


def test_route_53_can_follow_the_health_alarm() -> None:
    """One plain metric, no percentile, no expression, no "M out of N": else Route 53 refuses the alarm."""
    health = alarms()["api-failing"]
    assert monitored().outputs["health_alarm"] == health["name"] == health_alarm_name(ARGS)
    assert (health["metricName"], health["statistic"], health["period"]) == ("5XXError", "Average", 60)
    assert "metricQueries" not in health
    assert "datapointsToAlarm" not in health


def test_answers_to_health_checkers_hide_no_failed_calls() -> None:
    routed = replace(API, route=("POST", "/invocations"))
    health = alarms(replace(ARGS, measured=(routed,)))["api-failing"]
    assert health["dimensions"] == {
        "ApiName": API.api,
        "Stage": "live",
        "Method": "POST",
        "Resource": "/invocations",
    }


def test_sagemaker_gets_metric_alarms_on_its_own_endpoint() -> None:
    names = monitored().outputs["rollback_alarms"]
    assert names == list(rollback_alarm_names(ARGS)) == [named("release-errors-5m"), named("release-slow-5m")]
    for key in ("release-errors-5m", "release-slow-5m"):
        metrics = [query["metric"] for query in alarms()[key]["metricQueries"] if "metric" in query]
        assert {metric["dimensions"]["EndpointName"] for metric in metrics} == {f"{STACK}-fraud"}


def test_a_release_is_watched_although_nothing_is_promised() -> None:
    assert rollback_alarm_names(WITHOUT_SLO) == (named("release-errors-5m"),)
    assert alarms(WITHOUT_SLO)["release-errors-5m"]["threshold"] == 14.4


def test_without_an_api_there_is_nothing_that_a_front_door_could_follow() -> None:
    assert health_alarm_name(ON_KUBERNETES) is None
    assert "health_alarm" not in monitored(ON_KUBERNETES).outputs


def test_pods_without_a_ready_replica_mean_roll_back_by_themselves() -> None:
    assert rule(ON_KUBERNETES) == f'ALARM("{named("no-replica")}")'
    alarm = alarms(ON_KUBERNETES)["no-replica"]
    assert (alarm["comparisonOperator"], alarm["threshold"]) == ("LessThanThreshold", 1)


def test_a_worker_alone_has_no_alarm_that_means_roll_back() -> None:
    args = replace(WITHOUT_SLO, measured=(StreamMetrics(stream="clicks"),))
    graph = monitored(args)
    assert graph.all("CompositeAlarm") == ()
    assert "roll_back" not in graph.outputs
    [lag] = graph.all("MetricAlarm")
    assert lag["metricQueries"][0]["metric"]["metricName"] == "GetRecords.IteratorAgeMilliseconds"


def test_use_of_an_endpoint_s_processors_is_a_sum_over_all_of_them() -> None:
    found = alarms()
    assert found["stable-processors"]["threshold"] == 4 * 90
    assert found["stable-accelerators"]["threshold"] == 90
    assert found["stable-memory"]["threshold"] == 90


def test_a_model_s_alarms_carry_its_label() -> None:
    graph = monitored()
    tagged = [*graph.all("MetricAlarm"), *graph.all("CompositeAlarm")]
    assert {alarm["tags"]["homeport:model"] for alarm in tagged} == {"fraud"}


def test_a_preview_declares_the_same() -> None:
    assert {one.urn for one in monitored(preview=True).resources} == {one.urn for one in monitored().resources}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measured": ()}, "measured: got nothing"),
        ({"measured": (API, API)}, "measured: got ApiMetrics, ApiMetrics; allowed"),
        ({"measured": (QUEUE, QUEUE)}, "measured: got QueueMetrics of calls, QueueMetrics of calls"),
        ({"measured": (PODS,)}, "slo: got one for KubernetesMetrics"),
    ],
)
def test_what_cannot_be_watched_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARGS, **change)


@pytest.mark.parametrize(
    "make",
    [
        lambda: EndpointMetrics(endpoint="e", variants=()),
        lambda: EndpointMetrics(endpoint="e", variants=("a", "b", "c")),
        lambda: EndpointMetrics(endpoint="e", variants=("a",), cpus=0),
        lambda: FunctionMetrics(function="f", alias="live", timeout_s=901, memory_mib=512),
        lambda: KubernetesMetrics(cluster="c", namespace="n", deployments={}),
        lambda: StreamMetrics(stream="clicks", kind="msk"),
    ],
)
def test_what_is_not_there_cannot_be_measured(make: Any) -> None:
    with pytest.raises(ValueError, match="got"):
        make()
