"""A Cloud Run service, job or worker pool names the images of all its containers by digest."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import Finding
from policies.images import FIX, unpinned
from policies.reading import Resource, items, value_at
from policies.rule import Rule

# Where the list of containers stands, by type token (pulumi_gcp 10.2.0).
_CONTAINERS = {
    "gcp:cloudrun/service:Service": ("template", "spec", "containers"),
    "gcp:cloudrunv2/job:Job": ("template", "template", "containers"),
    "gcp:cloudrunv2/service:Service": ("template", "containers"),
    "gcp:cloudrunv2/workerPool:WorkerPool": ("template", "containers"),
}


def _judge(resource: Resource) -> Iterator[Finding]:
    keys = _CONTAINERS[resource.type]
    for path, container in items(value_at(dict(resource.inputs), *keys), ".".join(keys)):
        yield from unpinned(f"{path}.image", value_at(container, "image"))


RULE = Rule(
    name="gcp-cloud-run-images-pinned-by-digest",
    description="Cloud Run runs images named by digest.",
    severity=Severity.HIGH,
    tags=("gcp", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns=_CONTAINERS.__contains__,
    judge=_judge,
    url="https://cloud.google.com/run/docs/deploying",
)
