"""Every Google provider names environment, stack and jurisdiction in its default labels: they reach all it makes."""

from __future__ import annotations

from pulumi_policy import Severity

from policies.documents import parsed
from policies.labels import LABELS, missing
from policies.rule import Rule

_FIX = "give the provider default_labels with the stack's labels"

RULE = Rule(
    name="gcp-provider-has-default-labels",
    description="Google Cloud providers label what they make with environment, stack and jurisdiction.",
    severity=Severity.MEDIUM,
    tags=("gcp", "labels"),
    fix=f"In the program, {_FIX}.",
    concerns="pulumi:providers:gcp".__eq__,
    judge=lambda provider: missing("defaultLabels", parsed(provider.inputs.get("defaultLabels")), LABELS, _FIX),
    url="https://www.pulumi.com/registry/packages/gcp/api-docs/provider/",
)
