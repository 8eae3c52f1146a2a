"""Every container of every pod, in whatever kind of object its template stands, runs an image named by digest."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import Finding
from policies.images import FIX, unpinned
from policies.reading import Resource, Unknown, Value, items, value_at
from policies.rule import Rule

_LISTS = ("containers", "initContainers", "ephemeralContainers")
_IMAGE_VOLUME = ("image", "reference")


def _judge(resource: Resource) -> Iterator[Finding]:
    yield from _below(dict(resource.inputs), "")


def _below(value: Value, path: str) -> Iterator[Finding]:
    """Pod templates hide at different depths (Deployment, CronJob, a list, a custom resource): look below every key."""
    if isinstance(value, dict):
        for key, child in value.items():
            place = f"{path}.{key}" if path else key
            if key in _LISTS:
                yield from _containers(child, place)
            elif key == "volumes":
                for at, volume in items(child, place):
                    yield from unpinned(f"{at}.image.reference", value_at(volume, *_IMAGE_VOLUME))
            else:
                yield from _below(child, place)
    elif isinstance(value, list):
        for at, child in items(value, path):
            yield from _below(child, at)


def _containers(value: Value, path: str) -> Iterator[Finding]:
    for at, container in items(value, path):
        if isinstance(container, dict | Unknown):
            yield from unpinned(f"{at}.image", value_at(container, "image"))


RULE = Rule(
    name="kubernetes-pod-images-pinned-by-digest",
    description="Containers of Kubernetes objects run images named by digest.",
    severity=Severity.HIGH,
    tags=("kubernetes", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns=lambda token: token.startswith("kubernetes:"),
    judge=_judge,
    url="https://kubernetes.io/docs/concepts/containers/images/#image-names",
)
