"""Rule: Kubernetes objects carry environment, stack and jurisdiction as labels."""

from __future__ import annotations

import pytest

from components.labels import Labels
from policies.rules.kubernetes_object_has_labels import RULE
from tests.policies.asking import ask

SERVICE = "kubernetes:core/v1:Service"
LABELS = Labels(environment="demo", stack="demo-aws-eu-west-1-models", jurisdiction="eu", model="fraud").labels()


@pytest.mark.parametrize(
    "token",
    [
        "aws:s3/bucket:Bucket",
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:apps/v1:DeploymentPatch",
    ],
)
def test_what_is_no_object_of_ours_is_not_concerned(token: str) -> None:
    assert ask(RULE, token, {}) == []


def test_an_object_with_the_labels_of_its_stack_passes() -> None:
    assert ask(RULE, SERVICE, {"metadata": {"labels": LABELS}}) == []


def test_an_object_without_a_label_fails() -> None:
    assert ask(RULE, SERVICE, {"metadata": {"labels": {"homeport-stack": "a", "homeport-jurisdiction": "eu"}}}) == [
        (
            f"it ({SERVICE}): metadata.labels: got no homeport-environment; allowed: texts under homeport-environment, "
            "homeport-stack, homeport-jurisdiction; set metadata.labels from the stack's labels"
        )
    ]
