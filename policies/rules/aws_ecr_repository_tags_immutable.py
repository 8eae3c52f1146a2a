"""A tag of an ECR repository never names another image than before: a field left out lets tags move."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown
from policies.rule import Rule

_FIX = "set imageTagMutability to IMMUTABLE"


def _judge(resource: Resource) -> Iterator[Finding]:
    value = resource.inputs.get("imageTagMutability")
    if isinstance(value, Unknown):
        yield Finding(path="imageTagMutability", got=NOT_KNOWN_YET, allowed="IMMUTABLE", fix=_FIX, undecided=True)
    elif value != "IMMUTABLE":
        got = "nothing (MUTABLE)" if value is None else str(value)
        yield Finding(path="imageTagMutability", got=got, allowed="IMMUTABLE", fix=_FIX)


RULE = Rule(
    name="aws-ecr-repository-tags-immutable",
    description="Tags of ECR repositories do not move.",
    severity=Severity.HIGH,
    tags=("aws", "images"),
    fix="Set imageTagMutability to IMMUTABLE; give each image a tag of its own.",
    concerns="aws:ecr/repository:Repository".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
)
