"""Functions of a models stack: what it remembers of the versions that it published."""

from __future__ import annotations

import pulumi
import pytest

from stacks.kits.aws_functions import function_log_groups, function_purposes, version_of

DIGEST = f"sha256:{'a' * 64}"
OUTPUT = {"cloud": "aws", "place": "eu-west-1", "models": {"churn": {"versions": {DIGEST: "7"}}}}


def remembered(output: object, model: str = "churn", digest: str = DIGEST) -> str:
    return version_of(output, stack="demo-models", model=model, digest=digest)


def test_the_stack_remembers_which_version_it_published_of_an_image() -> None:
    assert remembered(OUTPUT) == "7"


@pytest.mark.parametrize("output", [None, {}, {"models": {}}, {"models": {"churn": {}}}, {"models": {"churn": None}}])
def test_a_release_cannot_begin_with_a_candidate(output: object) -> None:
    with pytest.raises(pulumi.RunError, match=r"Release the stable image alone first: .* pulumi up -s demo-models"):
        remembered(output)


def test_the_version_of_another_image_is_not_taken_for_the_stable_one() -> None:
    with pytest.raises(pulumi.RunError, match="no version of its stable image"):
        remembered(OUTPUT, digest=f"sha256:{'b' * 64}")


def test_a_region_has_the_keys_that_functions_and_streams_need_and_no_more() -> None:
    assert function_purposes(functions=False, streams=False) == frozenset()
    assert function_purposes(functions=True, streams=False) == {"functions", "queues"}
    assert function_purposes(functions=False, streams=True) == {"functions", "queues", "streams"}


def test_the_logs_key_is_told_each_log_group() -> None:
    groups = function_log_groups("demo", "demo-models", functions=["a"], streaming=["a", "b"], kafka=True)
    assert groups == (
        "/aws/lambda/demo-models-a",
        "/aws/lambda/demo-models-a-stream",
        "/aws/lambda/demo-models-b-stream",
        "/aws/msk/demo-streams",
    )
