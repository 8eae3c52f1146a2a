"""The labels that every resource carries."""

from __future__ import annotations

import re

from components.labels import COST_TAGS, REQUIRED, Labels

LABELS = Labels(environment="demo", stack="demo-aws-eu-west-1", jurisdiction="eu")


def test_tags_name_owner_and_jurisdiction() -> None:
    assert LABELS.tags() == {
        "homeport:environment": "demo",
        "homeport:stack": "demo-aws-eu-west-1",
        "homeport:jurisdiction": "eu",
    }


def test_labels_say_the_same_in_keys_that_google_cloud_and_kubernetes_take() -> None:
    assert list(LABELS.labels().values()) == list(LABELS.tags().values())
    assert all(re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) for key in LABELS.labels())


def test_the_model_stands_only_on_what_serves_one() -> None:
    assert "homeport:model" not in LABELS.tags()
    assert LABELS.for_model("fraud").tags() == {**LABELS.tags(), "homeport:model": "fraud"}


def test_required_labels_are_always_there() -> None:
    assert tuple(LABELS.labels()) == tuple(f"homeport-{key}" for key in REQUIRED)


def test_costs_are_told_apart_by_every_tag_that_a_model_s_resources_carry() -> None:
    assert set(COST_TAGS) == set(LABELS.for_model("fraud").tags())
