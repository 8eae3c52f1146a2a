"""Environments of a function that are kept warm, for one published version each.

Never on an alias: Lambda refuses provisioned concurrency there while the alias divides calls between two versions
("Invalid alias configuration for Provisioned Concurrency"). A new version is warm before the alias leads to it, and the
old one cools down only after that.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

_DIMENSION = "lambda:function:ProvisionedConcurrency"
_USED_AT_MOST = 0.7  # share of the warm environments that are busy before there are more of them


@dataclass(frozen=True, kw_only=True)
class AwsWarmArgs:
    """`fewest` are warm at all times, and up to `most` while calls need them."""

    function: pulumi.Input[str]
    version: pulumi.Input[str]
    fewest: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.fewest <= self.most:
            raise ValueError(f"fewest: got {self.fewest}, most {self.most}; allowed: 1 or more, and no more than most")


class AwsWarm(pulumi.ComponentResource):
    """`ready`: give it to `depends_on` of what sends calls there."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: AwsWarmArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:serverless:AwsWarm", name, None, opts)
        scaled = args.most > args.fewest
        # The number that Application Auto Scaling has set is not taken back by the next `up`; its lower end holds it.
        left_alone = ["provisionedConcurrentExecutions"] if scaled else None
        warm = aws.lambda_.ProvisionedConcurrencyConfig(
            f"{name}-warm",
            function_name=args.function,
            qualifier=args.version,
            provisioned_concurrent_executions=args.fewest,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=left_alone),
        )
        self.ready = warm
        if scaled:
            _follow_calls(name, args, pulumi.ResourceOptions(parent=self, depends_on=[warm]))
        self.register_outputs({})


def _follow_calls(name: str, args: AwsWarmArgs, opts: pulumi.ResourceOptions) -> None:
    target = aws.appautoscaling.Target(
        f"{name}-target",
        service_namespace="lambda",
        scalable_dimension=_DIMENSION,
        resource_id=pulumi.Output.concat("function:", args.function, ":", args.version),
        min_capacity=args.fewest,
        max_capacity=args.most,
        opts=opts,
    )
    aws.appautoscaling.Policy(
        f"{name}-policy",
        name="warm-environments-in-use",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=_USED_AT_MOST,
            predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type="LambdaProvisionedConcurrencyUtilization"
            ),
        ),
        opts=opts,
    )
