"""An ECS task definition names the images of all its containers by digest (they stand in a JSON text)."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.documents import parsed
from policies.finding import NOT_KNOWN_YET, Finding
from policies.images import ALLOWED, FIX, unpinned
from policies.reading import Resource, Unknown, items, value_at
from policies.rule import Rule

_FIELD = "containerDefinitions"


def _judge(resource: Resource) -> Iterator[Finding]:
    text = resource.inputs.get(_FIELD)
    if isinstance(text, Unknown):
        yield Finding(path=_FIELD, got=NOT_KNOWN_YET, allowed=ALLOWED, fix=FIX, undecided=True)
        return
    definitions = parsed(text)
    if not isinstance(definitions, list):
        yield Finding(path=_FIELD, got="a text that is no list", allowed="a JSON list of containers", fix=FIX)
    for path, container in items(definitions, _FIELD):
        yield from unpinned(f"{path}.image", value_at(container, "image"))


RULE = Rule(
    name="aws-ecs-task-definition-images-pinned-by-digest",
    description="ECS tasks run images named by digest.",
    severity=Severity.HIGH,
    tags=("aws", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns="aws:ecs/taskDefinition:TaskDefinition".__eq__,
    judge=_judge,
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
)
