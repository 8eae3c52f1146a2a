"""A Batch job definition names its images by digest, whether it runs a container, nodes, ECS tasks or pods."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import NOT_KNOWN_YET, Finding
from policies.images import ALLOWED, FIX, unpinned
from policies.reading import Resource, Unknown, walk
from policies.rule import Rule

_FIELDS = ("containerProperties", "ecsProperties", "eksProperties", "nodeProperties")


def _judge(resource: Resource) -> Iterator[Finding]:
    for field in _FIELDS:
        if isinstance(resource.inputs.get(field), Unknown):
            yield Finding(path=field, got=NOT_KNOWN_YET, allowed=ALLOWED, fix=FIX, undecided=True)
        for path, key, leaf in walk({field: parsed(resource.inputs.get(field))}):
            if key == "image":
                yield from unpinned(path, leaf)


RULE = Rule(
    name="aws-batch-job-definition-images-pinned-by-digest",
    description="Batch jobs run images named by digest.",
    severity=Severity.HIGH,
    tags=("aws", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns="aws:batch/jobDefinition:JobDefinition".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html",
)
