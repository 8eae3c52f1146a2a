"""Who may call a model's API, and how often: a key for each caller, below one plan of use.

Rate, burst and quota hold for each key by itself. API Gateway counts them at its best, not exactly. A key's value is
given, not made here: the same caller shows the same key in every region of a jurisdiction, or its calls would fail
where a failing region's calls go. Two keys of a region never have the same value; API Gateway refuses the second. So
a caller changes its key without a gap by being two callers for a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import physical_name

_SHORTEST_KEY, _LONGEST_KEY = 20, 128


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Calls a second in the long run, and at once."""

    per_second: int
    burst: int

    def __post_init__(self) -> None:
        if self.per_second < 1 or self.burst < 1:
            raise ValueError(f"rate: got {self.per_second} a second, burst {self.burst}; allowed: 1 or more of both")


@dataclass(frozen=True, kw_only=True)
class AwsCallersArgs:
    """`keys`: by caller, the key's value, a secret of 20 to 128 characters."""

    stack: str
    model: str
    api_id: pulumi.Input[str]
    stage: pulumi.Input[str]
    keys: Mapping[str, pulumi.Input[str]]
    rate: Rate | None = None
    quota_per_day: int | None = None
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("keys: got no caller; allowed: one or more")
        if self.quota_per_day is not None and self.quota_per_day < 1:
            raise ValueError(f"quota_per_day: got {self.quota_per_day}; allowed: 1 or more")


class AwsCallers(pulumi.ComponentResource):
    """The plan, and a key for each caller, named after the model and the caller."""

    def __init__(self, name: str, args: AwsCallersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsCallers", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        plan = aws.apigateway.UsagePlan(
            f"{name}-plan",
            name=physical_name(args.stack, args.model, longest=128),
            description=f"{args.stack}: callers of {args.model}",
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=args.api_id, stage=args.stage)],
            throttle_settings=_throttle(args.rate),
            quota_settings=_quota(args.quota_per_day),
            tags=args.tags,
            opts=child,
        )
        for caller, value in sorted(args.keys.items()):
            key = aws.apigateway.ApiKey(
                f"{name}-{caller}",
                name=physical_name(args.stack, args.model, caller, longest=128),
                description=f"{args.stack}: {caller}, who calls {args.model}",
                value=_checked(caller, value),
                tags=args.tags,
                opts=child,
            )
            aws.apigateway.UsagePlanKey(
                f"{name}-{caller}", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id, opts=child
            )
        self.register_outputs({"plan": plan.id})


def _checked(caller: str, value: pulumi.Input[str]) -> pulumi.Output[str]:
    """The value, secret whatever it was given as."""

    def check(key: str) -> str:
        if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
            raise pulumi.RunError(
                f"the key of caller {caller!r} has {len(key)} characters; "
                f"allowed: {_SHORTEST_KEY} to {_LONGEST_KEY}, drawn by chance"
            )
        return key

    return pulumi.Output.secret(value).apply(check)


def _throttle(rate: Rate | None) -> aws.apigateway.UsagePlanThrottleSettingsArgs | None:
    if rate is None:
        return None
    return aws.apigateway.UsagePlanThrottleSettingsArgs(rate_limit=float(rate.per_second), burst_limit=rate.burst)


def _quota(per_day: int | None) -> aws.apigateway.UsagePlanQuotaSettingsArgs | None:
    return None if per_day is None else aws.apigateway.UsagePlanQuotaSettingsArgs(limit=per_day, period="DAY")
