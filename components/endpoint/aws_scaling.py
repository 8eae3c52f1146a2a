"""Automatic scaling of an endpoint's stable variant: what it follows, and fewest at times of the day.

Only the stable variant is a target: AWS refuses updates that do not suit a target, and a candidate goes with its trial.
For the same reason a target's machine changes in two steps: without scaling first (fewest and most the same), then the
machine ("Update endpoints that use auto scaling", developer guide).

Owns no alarms but those that Application Auto Scaling makes for itself, and the one that wakes an endpoint without
machines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.endpoint.machines import EndpointMachine
from components.endpoint.scale import EndpointScale, FewestFrom, Metric
from components.endpoint.types import EndpointMode
from components.naming import physical_name
from components.schedules import aws_cron

_NAMESPACE = "sagemaker"
_MACHINES, _WARM = "sagemaker:variant:DesiredInstanceCount", "sagemaker:variant:DesiredProvisionedConcurrency"
_OUT_S, _IN_S = 60, 300  # more at once, fewer with patience
_WARM_SHARE = 0.7  # how much of the warm concurrency is in use before more is made


@dataclass(frozen=True, kw_only=True)
class AwsEndpointScalingArgs:
    endpoint: pulumi.Input[str]  # of the endpoint that stands: scaling comes after it, and goes before it
    endpoint_name: str
    variant: str
    mode: EndpointMode
    scale: EndpointScale
    machine: EndpointMachine | None
    tags: Mapping[str, str]


class AwsEndpointScaling(pulumi.ComponentResource):
    """The target, a policy for each thing that is followed, and an action for each time."""

    def __init__(self, name: str, args: AwsEndpointScalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:endpoint:AwsEndpointScaling", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        scale, serverless = args.scale, args.mode is EndpointMode.SERVERLESS
        self._target = aws.appautoscaling.Target(
            f"{name}-target",
            service_namespace=_NAMESPACE,
            resource_id=pulumi.Output.format("endpoint/{0}/variant/{1}", args.endpoint, args.variant),
            scalable_dimension=_WARM if serverless else _MACHINES,
            min_capacity=scale.fewest,
            max_capacity=scale.most,
            tags=args.tags,
            opts=self._child,
        )
        if serverless:
            self._follow("warm", warm())
        else:
            for metric, target in sorted(scale.targets.items()):
                self._follow(metric, followed(metric, target, args))
        for row in scale.schedule:
            self._at(row)
        if scale.fewest == 0 and args.mode is EndpointMode.ASYNC:
            self._wake()
        self.register_outputs({"target": self._target.arn})

    def _follow(
        self, key: str, configuration: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
    ) -> None:
        key = key.replace("_", "-")
        aws.appautoscaling.Policy(
            f"{self._name}-{key}",
            name=physical_name(self._args.endpoint_name, key, longest=255),
            policy_type="TargetTrackingScaling",
            service_namespace=self._target.service_namespace,
            resource_id=self._target.resource_id,
            scalable_dimension=self._target.scalable_dimension,
            target_tracking_scaling_policy_configuration=configuration,
            opts=self._child,
        )

    def _at(self, row: FewestFrom) -> None:
        key = hashlib.sha256(f"{row.cron} {row.timezone}".encode()).hexdigest()[:8]
        aws.appautoscaling.ScheduledAction(
            f"{self._name}-at-{key}",
            name=physical_name(self._args.endpoint_name, key, longest=255),
            service_namespace=self._target.service_namespace,
            resource_id=self._target.resource_id,
            scalable_dimension=self._target.scalable_dimension,
            schedule=aws_cron(row.cron),
            timezone=row.timezone,
            scalable_target_action=aws.appautoscaling.ScheduledActionScalableTargetActionArgs(min_capacity=row.fewest),
            opts=self._child,
        )

    def _wake(self) -> None:
        """The first machine: target tracking divides by machines, and there is none."""
        policy = aws.appautoscaling.Policy(
            f"{self._name}-wake",
            name=physical_name(self._args.endpoint_name, "wake", longest=255),
            policy_type="StepScaling",
            service_namespace=self._target.service_namespace,
            resource_id=self._target.resource_id,
            scalable_dimension=self._target.scalable_dimension,
            step_scaling_policy_configuration=aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
                adjustment_type="ChangeInCapacity",
                metric_aggregation_type="Average",
                cooldown=_IN_S,
                step_adjustments=[
                    aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                        metric_interval_lower_bound="0", scaling_adjustment=1
                    )
                ],
            ),
            opts=self._child,
        )
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-wake",
            name=physical_name(self._args.endpoint_name, "wake", longest=255),
            alarm_description=f"{self._args.endpoint_name}: calls wait and no machine runs",
            namespace="AWS/SageMaker",
            metric_name="HasBacklogWithoutCapacity",
            dimensions={"EndpointName": self._args.endpoint_name},
            statistic="Average",
            period=60,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="missing",
            alarm_actions=[policy.arn],
            tags=self._args.tags,
            opts=self._child,
        )


def warm() -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs:
    """A serverless endpoint keeps more warm as more of it is in use."""
    specification = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type="SageMakerVariantProvisionedConcurrencyUtilization"
    )
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
        target_value=_WARM_SHARE,
        predefined_metric_specification=specification,
        scale_out_cooldown=_OUT_S,
        scale_in_cooldown=_IN_S,
    )


def followed(
    metric: Metric, target: int, args: AwsEndpointScalingArgs
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs:
    """One policy. SageMaker sums the use of cores and accelerators, so a percent counts once for each of them."""
    configuration = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
    machine = args.machine
    if metric == "queue_length" and args.mode is not EndpointMode.ASYNC:
        calls = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
            predefined_metric_type="SageMakerVariantInvocationsPerInstance"
        )
        return configuration(
            target_value=target,
            predefined_metric_specification=calls,
            scale_out_cooldown=_OUT_S,
            scale_in_cooldown=_IN_S,
        )
    of_machines = "/aws/sagemaker/Endpoints"
    namespace, name, factor = {
        "cpu_utilization": (of_machines, "CPUUtilization", machine.cpus if machine else 1),
        "memory_utilization": (of_machines, "MemoryUtilization", 1),
        "gpu_utilization": (of_machines, "GPUUtilization", machine.accelerators if machine else 1),
        "queue_length": ("AWS/SageMaker", "ApproximateBacklogSizePerInstance", 1),
    }[metric]
    dimensions = {"EndpointName": args.endpoint_name}
    if metric != "queue_length":
        dimensions["VariantName"] = args.variant
    specification = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
        namespace=namespace,
        metric_name=name,
        statistic="Average",
        dimensions=[
            aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs(
                name=key, value=value
            )
            for key, value in dimensions.items()
        ],
    )
    return configuration(
        target_value=target * factor,
        customized_metric_specification=specification,
        scale_out_cooldown=_OUT_S,
        scale_in_cooldown=_IN_S,
    )
