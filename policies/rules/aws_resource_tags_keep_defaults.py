"""A resource's own tags never give another environment, stack or jurisdiction than its provider's default tags."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import Finding
from policies.labels import AWS_TAGS
from policies.reading import Resource, mapping_at
from policies.rule import Rule

_FIX = "leave the tag to the provider's default tags"


def _judge(resource: Resource) -> Iterator[Finding]:
    own = mapping_at(resource.inputs.get("tags"))
    default_tags = parsed(resource.provider.inputs.get("defaultTags")) if resource.provider else None
    defaults = mapping_at(default_tags, "tags")
    for key in AWS_TAGS:
        value, default = own.get(key), defaults.get(key)
        if isinstance(value, str) and isinstance(default, str) and value != default:
            yield Finding(path=f"tags.{key}", got="another value than the provider's", allowed=repr(default), fix=_FIX)


RULE = Rule(
    name="aws-resource-tags-keep-defaults",
    description="Own tags of AWS resources do not contradict the tags of their stack.",
    severity=Severity.MEDIUM,
    tags=("aws", "labels"),
    fix=f"In the resource's tags, {_FIX}.",
    concerns=lambda token: token.startswith("aws:"),
    judge=_judge,
    url="https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
)
