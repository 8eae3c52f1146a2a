"""The one stage of an API, and how its two routes are limited and measured.

Where the target is a model in the cluster, the stage's variables say on which port it listens, and a canary lends
another one to a part of the calls: shifting calls changes the stage only and deploys nothing. Settings are made one
after the other, as API Gateway refuses two changes of a stage at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.aws_callers import Rate
from components.api.aws_definition import HEALTH_PATH, INVOKE_PATH, STAGE
from components.api.aws_integrations import BACKEND, STABLE
from components.api.targets import LinkTarget, Target

# Route 53 asks about twice a second with all of its checkers; the rest is for people.
HEALTH_RATE = Rate(per_second=20, burst=40)


@dataclass(frozen=True, kw_only=True)
class StageArgs:
    api_id: pulumi.Input[str]
    deployment_id: pulumi.Input[str]
    target: Target
    access_logs_arn: pulumi.Input[str]
    log_format: str
    tags: Mapping[str, str]


def stage(name: str, args: StageArgs, opts: pulumi.ResourceOptions) -> aws.apigateway.Stage:
    """Traces nothing: traces leave headers and addresses in another service."""
    return aws.apigateway.Stage(
        name,
        rest_api=args.api_id,
        deployment=args.deployment_id,
        stage_name=STAGE,
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn=args.access_logs_arn, format=args.log_format
        ),
        variables=_variables(args.target),
        canary_settings=_canary(args),
        xray_tracing_enabled=False,
        tags=args.tags,
        opts=opts,
    )


def methods(
    name: str,
    api_id: pulumi.Input[str],
    stage_name: pulumi.Input[str],
    rate: Rate | None,
    opts: pulumi.ResourceOptions,
) -> tuple[aws.apigateway.MethodSettings, ...]:
    """Metrics for each route, so that health checks do not count as calls; no log of the execution, which holds bodies.

    `rate` holds for all calls together; None: as far as the account's own limit goes.
    """
    made: list[aws.apigateway.MethodSettings] = []
    for word, path, limit in (("invoke", f"{INVOKE_PATH}/POST", rate), ("ping", f"{HEALTH_PATH}/GET", HEALTH_RATE)):
        setting = aws.apigateway.MethodSettings(
            f"{name}-{word}",
            rest_api=api_id,
            stage_name=stage_name,
            method_path=path.removeprefix("/"),
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                metrics_enabled=True,
                logging_level="OFF",
                data_trace_enabled=False,
                throttling_rate_limit=float(limit.per_second) if limit else None,
                throttling_burst_limit=limit.burst if limit else None,
            ),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(made))),
        )
        made.append(setting)
    return tuple(made)


def _variables(target: Target) -> dict[str, pulumi.Output[str]] | None:
    if not isinstance(target, LinkTarget):
        return None
    address = pulumi.Output.concat(target.host, ":", pulumi.Output.from_input(target.stable_port).apply(str))
    return {BACKEND: address, STABLE: address}


def _canary(args: StageArgs) -> aws.apigateway.StageCanarySettingsArgs | None:
    target = args.target
    if not isinstance(target, LinkTarget) or target.candidate_port is None or not target.candidate_weight:
        return None
    port = pulumi.Output.from_input(target.candidate_port).apply(str)
    return aws.apigateway.StageCanarySettingsArgs(
        deployment_id=args.deployment_id,
        percent_traffic=float(target.candidate_weight),
        stage_variable_overrides={BACKEND: pulumi.Output.concat(target.host, ":", port)},
    )
