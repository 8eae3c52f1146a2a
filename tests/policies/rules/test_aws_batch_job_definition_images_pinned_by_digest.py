"""Rule: Batch jobs run images named by digest."""

from __future__ import annotations

import json

import pytest

from policies.images import ALLOWED, FIX
from policies.rules.aws_batch_job_definition_images_pinned_by_digest import RULE
from tests.policies.asking import UNKNOWN, ask

JOB = "aws:batch/jobDefinition:JobDefinition"
PINNED = "a@sha256:" + "0" * 64


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:batch/jobQueue:JobQueue", {"containerProperties": json.dumps({"image": "a:1"})}) == []


def test_an_image_by_digest_passes() -> None:
    assert ask(RULE, JOB, {"containerProperties": json.dumps({"image": PINNED, "command": ["image"]})}) == []


def test_an_image_by_tag_fails() -> None:
    assert ask(RULE, JOB, {"containerProperties": json.dumps({"image": "a:1"})}) == [
        f"it ({JOB}): containerProperties.image: got 'a:1'; allowed: {ALLOWED}; {FIX}"
    ]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        (
            "nodeProperties",
            json.dumps({"nodeRangeProperties": [{"container": {"image": "a:1"}}]}),
            "nodeProperties.nodeRangeProperties[0].container.image",
        ),
        (
            "eksProperties",
            {"podProperties": {"containers": [{"image": "a:1"}]}},
            "eksProperties.podProperties.containers[0].image",
        ),
        ("ecsProperties", UNKNOWN, "ecsProperties"),
    ],
)
def test_every_way_to_run_a_job_counts(field: str, value: object, path: str) -> None:
    assert ask(RULE, JOB, {field: value})[0].startswith(f"it ({JOB}): {path}: got")
