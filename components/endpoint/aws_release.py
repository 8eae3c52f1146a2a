"""How an endpoint moves from one configuration to the next, and how it is noticed that it did not.

SageMaker watches alarms while it shifts calls to new machines, and shifts them back when one fires. The endpoint is in
service again then, and the provider reports success (hashicorp/terraform-provider-aws#48997). But it ends each update
by reading the endpoint, so its outputs tell what serves: a hook compares them with what was asked for, and fails.
The engine deletes nothing after that, so what serves stays; and since the state holds the live name, the next `up`
tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pulumi
import pulumi_aws as aws

_FEWEST_TO_SPLIT = 2  # a single machine takes all calls or none
_LEAST_SHARE, _MOST_SHARE = 10, 50  # percent of the machines in one step, as SageMaker takes it
_LEAST_S, _MOST_S = 600, 14_400  # MaximumExecutionTimeoutInSeconds, as the provider takes it
_START_S = 3600  # until new machines run and answer


def deployment_config(
    shift: str, *, fewest: int, bake_s: int, alarms: Sequence[pulumi.Input[str]]
) -> aws.sagemaker.EndpointDeploymentConfigArgs:
    """`fewest`: machines of the smallest variant. `bake_s`: how long each step is watched, and the end of all."""
    return aws.sagemaker.EndpointDeploymentConfigArgs(
        blue_green_update_policy=_blue_green(shift, fewest, bake_s),
        auto_rollback_configuration=aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
            alarms=[
                aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(alarm_name=alarm)
                for alarm in alarms
            ]
        )
        if alarms
        else None,
    )


def _blue_green(
    shift: str, fewest: int, bake_s: int
) -> aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs:
    routing = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs
    share = step_share(fewest)
    if shift == "all_at_once" or share is None:
        return _policy(routing(type="ALL_AT_ONCE", wait_interval_in_seconds=0), bake_s, steps=0)
    if shift == "canary":
        size = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs(
            type="CAPACITY_PERCENT", value=share
        )
        return _policy(routing(type="CANARY", wait_interval_in_seconds=bake_s, canary_size=size), bake_s, steps=1)
    size = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationLinearStepSizeArgs(
        type="CAPACITY_PERCENT", value=share
    )
    steps = -(-100 // share)
    return _policy(routing(type="LINEAR", wait_interval_in_seconds=bake_s, linear_step_size=size), bake_s, steps=steps)


def _policy(
    routing: aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs,
    bake_s: int,
    *,
    steps: int,
) -> aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs:
    """The old machines stay for `bake_s` after the last step: until then going back is a matter of seconds."""
    longest = min(max(_START_S + (steps + 1) * bake_s, _LEAST_S), _MOST_S)
    return aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs(
        traffic_routing_configuration=routing,
        termination_wait_in_seconds=bake_s,
        maximum_execution_timeout_in_seconds=longest,
    )


def step_share(fewest: int) -> int | None:
    """Percent of the machines in one step: the least that is a whole machine; None where one machine is all."""
    if fewest < _FEWEST_TO_SPLIT:
        return None
    return min(max(_LEAST_SHARE, -(-100 // fewest)), _MOST_SHARE)


def serves_what_was_asked(endpoint: str, region: str) -> Callable[[pulumi.ResourceHookArgs], None]:
    """What the hook does after the endpoint was made or changed; raises `pulumi.RunError`."""

    def check(args: pulumi.ResourceHookArgs) -> None:
        asked = (args.new_inputs or {}).get("endpointConfigName")
        live = (args.new_outputs or {}).get("endpointConfigName")
        if asked != live:
            raise pulumi.RunError(rolled_back(endpoint, region, asked=str(asked), live=str(live), alarms=_alarms(args)))

    return check


def rolled_back(endpoint: str, region: str, *, asked: str, live: str, alarms: Sequence[str]) -> str:
    """What a person reads: what happened, why perhaps, what serves, what to do."""
    watched = f"one of these alarms fired meanwhile ({', '.join(alarms)}), or " if alarms else ""
    return (
        f"endpoint {endpoint} was rolled back by SageMaker: it serves {live} as before, not {asked}. "
        f"Perhaps {watched}the new machines did not start or answer /ping. Nothing was deleted: callers get the "
        f"answers of the release before. See why: aws sagemaker describe-endpoint --region {region} "
        f"--endpoint-name {endpoint}, and the log group /aws/sagemaker/Endpoints/{endpoint}. Then put the earlier "
        "release back into the stack's file, or release a better one; the same `up` tries this release again"
    )


def _alarms(args: pulumi.ResourceHookArgs) -> list[str]:
    """Names of the alarms that watched."""
    config = cast("Mapping[str, Any]", (args.new_inputs or {}).get("deploymentConfig") or {})
    watched = cast("Mapping[str, Any]", config.get("autoRollbackConfiguration") or {})
    return [str(alarm["alarmName"]) for alarm in cast("list[Mapping[str, Any]]", watched.get("alarms") or [])]
