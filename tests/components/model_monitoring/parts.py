"""Models whose monitoring is recorded: one by each way of serving."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.labels import Labels
from components.model_monitoring.aws import AwsModelMonitoring, AwsModelMonitoringArgs
from components.model_monitoring.aws_metrics import (
    ApiMetrics,
    EndpointMetrics,
    FunctionMetrics,
    KubernetesMetrics,
    QueueMetrics,
    StreamMetrics,
)
from components.model_monitoring.burn_rates import Slo
from tests.recorder import Graph, record

STACK = "demo-aws-eu-west-1-models"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:demo-aws-eu-west-1-alarms"
API = ApiMetrics(api=f"{STACK}-fraud", stage="live")
ENDPOINT = EndpointMetrics(endpoint=f"{STACK}-fraud", variants=("stable", "candidate"), cpus=4, accelerators=1)
FUNCTION = FunctionMetrics(function=f"{STACK}-fraud", alias="live", timeout_s=29, memory_mib=2048, reserved=50)
PODS = KubernetesMetrics(cluster="demo", namespace="model-fraud", deployments={"stable": "fraud"})
STREAM = StreamMetrics(stream="demo-clicks", function=f"{STACK}-fraud-worker")
QUEUE = QueueMetrics(queue=f"{STACK}-fraud-dead")
SLO = Slo(availability=99.9, latency_p99_ms=120)
ARGS = AwsModelMonitoringArgs(
    stack=STACK,
    region="eu-west-1",
    model="fraud",
    measured=(API, ENDPOINT, QUEUE),
    topic_arn=TOPIC,
    labels=Labels(environment="demo", stack=STACK, jurisdiction="eu"),
    slo=SLO,
)
WITHOUT_SLO = replace(ARGS, slo=None)
ON_KUBERNETES = replace(WITHOUT_SLO, measured=(PODS,))
ON_LAMBDA = replace(ARGS, measured=(API, FUNCTION, STREAM))
EVERY = (ARGS, WITHOUT_SLO, ON_KUBERNETES, ON_LAMBDA, replace(ARGS, measured=(ENDPOINT,)))


def monitored(args: AwsModelMonitoringArgs = ARGS, *, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsModelMonitoring("fraud-monitoring", args, pulumi.ResourceOptions(provider=provider))
        pulumi.export("rollback_alarms", list(made.rollback_alarms))
        pulumi.export("health_alarm", made.outputs.health_alarm)
        pulumi.export("roll_back", made.outputs.roll_back)

    return record(program, preview=preview)


def alarms(args: AwsModelMonitoringArgs = ARGS) -> dict[str, dict[str, Any]]:
    """Inputs of each metric alarm by what it watches."""
    found = monitored(args).all("MetricAlarm")
    return {alarm.name.removeprefix("fraud-monitoring-"): alarm.inputs for alarm in found}
