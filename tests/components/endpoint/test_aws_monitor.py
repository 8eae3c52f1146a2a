"""Drift: captures compared with a baseline at full hours, by a job that reaches nothing else."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.endpoint.aws_monitor import AwsModelMonitor, AwsModelMonitorArgs, monitor_cron
from components.labels import Labels
from tests.components.endpoint.parts import BOUNDARY, FILES, KEY, NAME, NETWORK, STACK
from tests.recorder import Graph, record

IMAGE = "468650794304.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-model-monitor-analyzer:latest"


@cache
def monitor() -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        args = AwsModelMonitorArgs(
            stack=STACK,
            model="fraud",
            account="123456789012",
            region="eu-west-1",
            endpoint=NAME,
            baseline="spring",
            schedule="0 */6 * * *",
            image=IMAGE,
            files=FILES,
            network=NETWORK,
            permissions_boundary_arn=BOUNDARY,
            labels=Labels(environment="demo", stack=STACK, jurisdiction="eu"),
        )
        AwsModelMonitor("fraud-drift", args, pulumi.ResourceOptions(provider=provider))

    return record(program)


def test_captures_are_compared_with_the_named_baseline() -> None:
    job = monitor().one("DataQualityJobDefinition")
    assert job["dataQualityBaselineConfig"] == {
        "constraintsResource": {"s3Uri": "s3://demo-predictions/baselines/fraud/spring/constraints.json"},
        "statisticsResource": {"s3Uri": "s3://demo-predictions/baselines/fraud/spring/statistics.json"},
    }
    assert job["dataQualityJobInput.endpointInput.endpointName"] == NAME
    output = job["dataQualityJobOutputConfig"]
    assert output["kmsKeyId"] == KEY
    assert output["monitoringOutputs"]["s3Output"]["s3Uri"] == "s3://demo-predictions/baselines/fraud/reports/"


def test_the_job_is_cut_off_and_ends_before_the_next_begins() -> None:
    job = monitor().one("DataQualityJobDefinition")
    assert job["networkConfig.enableNetworkIsolation"] is True
    assert len(job["networkConfig.vpcConfig.subnets"]) == 2
    assert job["stoppingCondition.maxRuntimeInSeconds"] < 3600


def test_a_changed_definition_has_another_name_and_the_schedule_follows_it() -> None:
    job = monitor().one("DataQualityJobDefinition")
    assert job.outputs["name"].startswith(f"{NAME}-drift-")
    schedule = monitor().one("MonitoringSchedule")
    assert schedule["name"] == f"{NAME}-drift"
    config = schedule["monitoringScheduleConfig"]
    assert config["monitoringJobDefinitionName"] == job.outputs["name"]
    assert config["scheduleConfig"]["scheduleExpression"] == "cron(0 0/6 ? * * *)"


def test_the_role_reads_captures_writes_reports_and_pulls_the_image_of_aws() -> None:
    rights: dict[str, Any] = {
        statement["Sid"]: statement for statement in json.loads(monitor().one("RolePolicy")["policy"])["Statement"]
    }
    assert rights["Image"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:468650794304:repository/sagemaker-model-monitor-analyzer"
    ]
    assert rights["CapturesRead"]["Resource"] == ["arn:aws:s3:::demo-predictions/capture/fraud/*"]
    assert rights["ReportsWrite"]["Resource"] == ["arn:aws:s3:::demo-predictions/baselines/fraud/reports/*"]


@pytest.mark.parametrize(
    ("cron", "written"),
    [
        ("0 * * * *", "*"),
        ("0 6 * * *", "6"),
        ("0 */6 * * *", "0/6"),
        ("0 */12 * * *", "0/12"),
        ("0 5,17 * * *", "5/12"),
    ],
)
def test_hours_are_written_as_monitors_take_them(cron: str, written: str) -> None:
    assert monitor_cron(cron) == f"cron(0 {written} ? * * *)"


@pytest.mark.parametrize("cron", ["30 * * * *", "0 6 * * 1", "0 6-8 * * *", "0 6,9 * * *"])
def test_what_monitors_do_not_take_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="schedule: got"):
        monitor_cron(cron)
