"""Rule: AWS providers tag what they make with environment, stack and jurisdiction."""

from __future__ import annotations

import json

import pytest
from pulumi_policy.proxy import UnknownValueError

from components.labels import Labels
from policies.rules.aws_provider_has_default_tags import RULE
from tests.policies.asking import UNKNOWN, ask

PROVIDER = "pulumi:providers:aws"
TAGS = Labels(environment="demo", stack="demo-aws-eu-west-1", jurisdiction="eu").tags()
ALLOWED = "texts under homeport:environment, homeport:stack, homeport:jurisdiction"
FIX = "give the provider default_tags with the stack's labels"


def test_another_provider_is_not_concerned() -> None:
    assert ask(RULE, "pulumi:providers:kubernetes", {}) == []


@pytest.mark.parametrize("encode", [json.dumps, dict])
def test_all_labels_of_the_stack_pass_as_json_text_and_as_mapping(encode: type) -> None:
    assert ask(RULE, PROVIDER, {"defaultTags": encode({"tags": TAGS})}) == []


def test_no_default_tags_fail() -> None:
    assert ask(RULE, PROVIDER, {"region": "eu-west-1"}) == [
        (
            f"it ({PROVIDER}): defaultTags.tags: got no homeport:environment, homeport:stack, homeport:jurisdiction; "
            f"allowed: {ALLOWED}; {FIX}"
        )
    ]


def test_an_empty_tag_is_missing() -> None:
    inputs = {"defaultTags": json.dumps({"tags": {**TAGS, "homeport:stack": ""}})}
    assert ask(RULE, PROVIDER, inputs) == [
        f"it ({PROVIDER}): defaultTags.tags: got no homeport:stack; allowed: {ALLOWED}; {FIX}"
    ]


def test_tags_not_known_yet_are_a_note_in_a_preview() -> None:
    with pytest.raises(UnknownValueError):
        ask(RULE, PROVIDER, {"defaultTags": UNKNOWN}, preview=True)
