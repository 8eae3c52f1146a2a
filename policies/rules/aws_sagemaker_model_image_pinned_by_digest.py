"""A SageMaker model names the images of all its containers by digest."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import Finding
from policies.images import FIX, unpinned
from policies.reading import Resource, items, value_at
from policies.rule import Rule


def _judge(resource: Resource) -> Iterator[Finding]:
    yield from unpinned("primaryContainer.image", value_at(resource.inputs.get("primaryContainer"), "image"))
    for path, container in items(resource.inputs.get("containers"), "containers"):
        yield from unpinned(f"{path}.image", value_at(container, "image"))


RULE = Rule(
    name="aws-sagemaker-model-image-pinned-by-digest",
    description="SageMaker models run images named by digest.",
    severity=Severity.HIGH,
    tags=("aws", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns="aws:sagemaker/model:Model".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html",
)
