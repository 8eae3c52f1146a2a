"""Every AWS provider names environment, stack and jurisdiction in its default tags, which reach all that it makes."""

from __future__ import annotations

from pulumi_policy import Severity

from policies.documents import parsed
from policies.labels import AWS_TAGS, missing
from policies.reading import value_at
from policies.rule import Rule

_FIX = "give the provider default_tags with the stack's labels"

RULE = Rule(
    name="aws-provider-has-default-tags",
    description="AWS providers tag what they make with environment, stack and jurisdiction.",
    severity=Severity.MEDIUM,
    tags=("aws", "labels"),
    fix=f"In the program, {_FIX}.",
    concerns="pulumi:providers:aws".__eq__,
    judge=lambda provider: missing(
        "defaultTags.tags", value_at(parsed(provider.inputs.get("defaultTags")), "tags"), AWS_TAGS, _FIX
    ),
    url="https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerdefaulttags",
)
