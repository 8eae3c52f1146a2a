"""The table of alarms: which stand, and that silence means what it should."""

from __future__ import annotations

from components.monitoring.aws_alarms import Alarm, platform_alarms

NODES = {"system": (2, ["eks-system"]), "gpu-l4": (1, ["eks-l4-spot", "eks-l4-on"]), "gpu-h100": (0, ["eks-h100"])}


def alarms() -> dict[str, Alarm]:
    found = platform_alarms(
        cluster="c", nodes=NODES, gateways={"eu-west-1a": "nat-1", "eu-west-1b": "nat-2"}, certificate_arn="arn"
    )
    assert len({alarm.key for alarm in found}) == len(found)
    return {alarm.key: alarm for alarm in found}


def test_each_gateway_and_each_pool_that_must_have_nodes_has_its_alarm() -> None:
    assert set(alarms()) == {
        "nodes-system",
        "nodes-gpu-l4",
        "api-errors",
        "api-silent",
        "api-database",
        "pods-without-node",
        "nat-ports-eu-west-1a",
        "nat-ports-eu-west-1b",
        "certificate-expiry",
    }


def test_a_pool_is_well_as_long_as_its_ways_together_have_enough_machines() -> None:
    """The first way may have nothing to give: machines of the others count, and a group without any counts as none."""
    alarm = alarms()["nodes-gpu-l4"]
    well = "FILL(checked0, 0) - FILL(failed0, 0) + FILL(checked1, 0) - FILL(failed1, 0)"
    assert (alarm.expression, alarm.comparison, alarm.threshold) == (f"({well}) / 5", "LessThanThreshold", 1)
    groups = {key: metric.dimensions["AutoScalingGroupName"] for key, metric in alarm.metrics.items()}
    assert groups == {f"{key}{n}": name for n, name in enumerate(NODES["gpu-l4"][1]) for key in ("checked", "failed")}
    assert {alarm.metrics[f"checked{n}"].statistic for n in (0, 1)} == {"SampleCount"}


def test_silence_is_an_alarm_only_where_something_always_speaks() -> None:
    speaking = {key for key, alarm in alarms().items() if alarm.silence == "breaching"}
    assert speaking == {"nodes-system", "nodes-gpu-l4", "api-silent"}


def test_no_alarm_waits_for_more_than_it_looks_at() -> None:
    assert all(1 <= alarm.breaching <= alarm.periods for alarm in alarms().values())


def test_an_alarm_looks_at_a_day_at_most() -> None:
    """CloudWatch refuses more: periods times length, for periods below an hour; a daily metric is looked at once."""
    assert all(alarm.period_s * alarm.periods <= 86400 for alarm in alarms().values())


def test_an_expression_names_every_metric_that_it_needs() -> None:
    for alarm in alarms().values():
        assert (alarm.expression is None) == (len(alarm.metrics) == 1), alarm.key
        assert all(key in (alarm.expression or key) for key in alarm.metrics), alarm.key


def test_an_alarm_is_raised_where_its_words_say() -> None:
    found = alarms()
    errors, waiting, expiry = found["api-errors"], found["pods-without-node"], found["certificate-expiry"]
    assert (errors.expression, errors.threshold) == ("100 * failed / asked", 5)  # percent
    assert (expiry.comparison, expiry.threshold) == ("LessThanThreshold", 30)  # ACM renews before that
    [pods] = waiting.metrics.values()
    assert pods.statistic == "Minimum"  # in every minute: pods that wait for a moment are what an autoscaler is for
    assert (waiting.comparison, waiting.threshold, waiting.breaching) == ("GreaterThanThreshold", 0, 3)
    assert found["api-database"].threshold == 8 * 1024**3 * 4 // 5


def test_every_description_fits_cloudwatch() -> None:
    assert all(0 < len(alarm.description) <= 1024 for alarm in alarms().values())
