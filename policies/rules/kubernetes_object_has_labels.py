"""Every Kubernetes object carries the labels of its stack; the provider has no default labels to do it."""

from __future__ import annotations

from pulumi_policy import Severity

from policies.labels import LABELS, missing
from policies.reading import value_at
from policies.rule import Rule

_FIX = "set metadata.labels from the stack's labels"
# No objects of ours: a chart's own release, groups of manifests (their members are judged), and patches and lists,
# which have no metadata of their own to label.
_GROUPS = ("kubernetes:helm.sh/", "kubernetes:kustomize", "kubernetes:yaml")


def _concerns(token: str) -> bool:
    return token.startswith("kubernetes:") and not token.startswith(_GROUPS) and not token.endswith(("Patch", "List"))


RULE = Rule(
    name="kubernetes-object-has-labels",
    description="Kubernetes objects carry environment, stack and jurisdiction as labels.",
    severity=Severity.MEDIUM,
    tags=("kubernetes", "labels"),
    fix=f"In the object, {_FIX}.",
    concerns=_concerns,
    judge=lambda thing: missing("metadata.labels", value_at(thing.inputs.get("metadata"), "labels"), LABELS, _FIX),
    url="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
)
