"""All policies of the pack, in the order in which they run."""

from __future__ import annotations

from pathlib import Path

from pulumi_policy import Policy

from policies.residency.policy import residency_policy
from policies.residency.user_table import load_table
from policies.rules import RULES

ROOT = Path(__file__).resolve().parents[1]


def policies(root: Path = ROOT) -> list[Policy]:
    """Residency by the places of the project at `root`, then every rule. Raises UnreadablePlaces."""
    return [residency_policy(load_table(root)), *(rule.policy() for rule in RULES)]
