"""What GitHub's two roles may do with managed endpoints (SageMaker) and their monitors.

Setting up and taking down; neither role calls a model, nor reads what one was asked. Names tell what is ours: all begin
with the environment's, also those that the engine makes up.
"""

from __future__ import annotations

from components.aws_policies import Statement
from components.naming import aws_partition

ENDPOINT_SERVICES = ("sagemaker",)


def _calls(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


ENDPOINT_READS = (
    *_calls("sagemaker", "DescribeDataQualityJobDefinition DescribeEndpoint DescribeEndpointConfig DescribeModel"),
    *_calls("sagemaker", "DescribeMonitoringSchedule ListMonitoringExecutions ListTags"),
)
# Scaling is set up in the caller's name: it must be able to change what it hands over (UpdateEndpointWeights...).
_CHANGES = """
AddTags CreateDataQualityJobDefinition CreateEndpoint CreateEndpointConfig CreateModel CreateMonitoringSchedule
DeleteDataQualityJobDefinition DeleteEndpoint DeleteEndpointConfig DeleteModel DeleteMonitoringSchedule DeleteTags
StopMonitoringSchedule UpdateEndpoint UpdateEndpointWeightsAndCapacities UpdateMonitoringSchedule
"""
_KINDS = ("data-quality-job-definition/", "endpoint-config/", "endpoint/", "model/", "monitoring-schedule/")


def endpoint_changes(environment: str, *, region: str, account: str) -> tuple[Statement, ...]:
    """Setting up and taking down. `region`: any of the account's partition."""
    arns = f"arn:{aws_partition(region).name}:sagemaker:*:{account}"
    return (
        Statement(
            sid="Endpoints",
            actions=_calls("sagemaker", _CHANGES),
            resources=tuple(f"{arns}:{kind}{environment}-*" for kind in _KINDS),
        ),
    )
