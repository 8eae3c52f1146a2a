"""Rule: Google Cloud providers label what they make with environment, stack and jurisdiction."""

from __future__ import annotations

import json

from components.labels import Labels
from policies.rules.gcp_provider_has_default_labels import RULE
from tests.policies.asking import ask

PROVIDER = "pulumi:providers:gcp"
LABELS = Labels(environment="prod", stack="prod-gcp-europe-west4", jurisdiction="eu").labels()


def test_another_provider_is_not_concerned() -> None:
    assert ask(RULE, "pulumi:providers:aws", {}) == []


def test_all_labels_of_the_stack_pass() -> None:
    assert ask(RULE, PROVIDER, {"defaultLabels": json.dumps(LABELS)}) == []


def test_a_missing_label_fails() -> None:
    labels = {key: value for key, value in LABELS.items() if key != "homeport-jurisdiction"}
    assert ask(RULE, PROVIDER, {"defaultLabels": json.dumps(labels)}) == [
        (
            f"it ({PROVIDER}): defaultLabels: got no homeport-jurisdiction; allowed: texts under homeport-environment, "
            "homeport-stack, homeport-jurisdiction; give the provider default_labels with the stack's labels"
        )
    ]
