"""The web access list in front of every API of a region: whom it turns away, and what it writes down.

Rules that read bodies count only in the common group: a body is a question to a model, of up to 10 MB (the group's own
limit is 8 KB), and a text with HTML or paths in it is a fair question. Those for known attacks on servers stay in
force. What is turned away is logged without headers that hold secrets and without query strings; what passes is not
logged here, and no request is kept as a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

RETENTION_DAYS = 30
FEWEST_REQUESTS = 10  # WAF takes no lower limit
_WINDOW_S = 300
# Counted apart from calls, whatever their limit: Route 53's checkers ask every model of the region every ten seconds,
# each checker from one address. So many are a hundred models.
HEALTH_PER_5_MINUTES = 3000
_TOO_MANY = 429
_SECRET_HEADERS = ("authorization", "cookie", "x-api-key")
# The rules of AWSManagedRulesCommonRuleSet that read bodies (AWS WAF developer guide, "Core rule set", from
# knowledge, 2026-11).
COUNTED_RULES = (
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "SizeRestrictions_BODY",
)
# In this order, before the rate rule: managed group -> the rules in it that count only.
MANAGED_GROUPS: dict[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": COUNTED_RULES,
}


def web_log_group(stack: str) -> str:
    """Its beginning is fixed by WAF. The logs key names it."""
    return f"aws-waf-logs-{stack}"


@dataclass(frozen=True, kw_only=True)
class AwsWebAclArgs:
    """`requests_per_5_minutes`: of one address; many people behind one address share it."""

    stack: str
    logs_key_arn: pulumi.Input[str]
    requests_per_5_minutes: int
    protect_logs: bool = False

    def __post_init__(self) -> None:
        if self.requests_per_5_minutes < FEWEST_REQUESTS:
            raise ValueError(
                f"requests_per_5_minutes: got {self.requests_per_5_minutes}; allowed: {FEWEST_REQUESTS} or more"
            )


class AwsWebAcl(pulumi.ComponentResource):
    """Lets through what no rule turns away. `arn` is what stages of APIs are tied to."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AwsWebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:gateway:AwsWebAcl", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        access_list = aws.wafv2.WebAcl(
            f"{name}-list",
            name=args.stack,
            description=f"{args.stack}: in front of the APIs of models",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                *_managed(),
                _rate("rate-per-address", len(MANAGED_GROUPS), "POST", args.requests_per_5_minutes),
                _rate("health-per-address", len(MANAGED_GROUPS) + 1, "GET", HEALTH_PER_5_MINUTES),
            ],
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=args.stack, sampled_requests_enabled=False
            ),
            opts=child,
        )
        group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=web_log_group(args.stack),
            retention_in_days=RETENTION_DAYS,
            kms_key_id=args.logs_key_arn,
            deletion_protection_enabled=args.protect_logs,
            opts=child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=access_list.arn,
            log_destination_configs=[group.arn],
            redacted_fields=_redacted(),
            logging_filter=_only_refused(),
            opts=child,
        )
        self.arn = access_list.arn
        self.register_outputs({"arn": access_list.arn})


def _managed() -> list[aws.wafv2.WebAclRuleArgs]:
    return [
        aws.wafv2.WebAclRuleArgs(
            name=group,
            priority=priority,
            override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                    vendor_name="AWS", name=group, rule_action_overrides=[_count(rule) for rule in counted]
                )
            ),
            visibility_config=_seen(group),
        )
        for priority, (group, counted) in enumerate(MANAGED_GROUPS.items())
    ]


def _count(rule: str) -> aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    count = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    return aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
        name=rule,
        action_to_use=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
            count=count
        ),
    )


def _rate(name: str, priority: int, method: str, limit: int) -> aws.wafv2.WebAclRuleArgs:
    answer = aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=_TOO_MANY)
    return aws.wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs(custom_response=answer)),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP",
                limit=limit,
                evaluation_window_sec=_WINDOW_S,
                scope_down_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs(
                    byte_match_statement=_by(method)
                ),
            )
        ),
        visibility_config=_seen(name),
    )


def _by(method: str) -> aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementArgs:
    match = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementArgs
    field = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementFieldToMatchArgs
    whole = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementFieldToMatchMethodArgs
    as_it_is = aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementTextTransformationArgs
    return match(
        field_to_match=field(method=whole()),
        positional_constraint="EXACTLY",
        search_string=method,
        text_transformations=[as_it_is(priority=0, type="NONE")],
    )


def _seen(metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def _redacted() -> list[aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs]:
    headers = [
        aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
            single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
        )
        for header in _SECRET_HEADERS
    ]
    query = aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
        query_string=aws.wafv2.WebAclLoggingConfigurationRedactedFieldQueryStringArgs()
    )
    return [*headers, query]


def _only_refused() -> aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    blocked = aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs(
        action_condition=aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs(
            action="BLOCK"
        )
    )
    return aws.wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP", requirement="MEETS_ANY", conditions=[blocked]
            )
        ],
    )
