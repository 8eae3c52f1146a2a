"""The list of rules: complete, in order, and every rule says all about itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_policy import EnforcementLevel

from components.labels import Labels
from policies import rules
from policies.labels import AWS_TAGS, LABELS
from policies.pack import policies
from policies.rule import Rule

FOLDER = Path(rules.__file__ or "").parent


def test_the_list_equals_the_folder() -> None:
    files = sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if path.stem != "__init__")
    assert [rule.name for rule in rules.RULES] == files


def test_every_rule_has_a_test_file() -> None:
    assert [
        rule.name
        for rule in rules.RULES
        if not (Path(__file__).parent / f"test_{rule.name.replace('-', '_')}.py").is_file()
    ] == []


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.name)
def test_a_rule_says_all_about_itself(rule: Rule) -> None:
    policy = rule.policy()
    said = (policy.description, policy.severity, policy.framework, policy.tags, policy.remediation_steps, policy.url)
    assert all(said)
    assert policy.enforcement_level is EnforcementLevel.MANDATORY
    assert rule.description.endswith(".")
    assert rule.fix.endswith(".")


def test_residency_comes_first() -> None:
    assert [policy.name for policy in policies()] == ["residency", *(rule.name for rule in rules.RULES)]


def test_the_labels_are_those_that_the_components_write() -> None:
    labels = Labels(environment="demo", stack="demo-eu-front-door", jurisdiction="eu")
    assert (tuple(labels.tags()), tuple(labels.labels())) == (AWS_TAGS, LABELS)
