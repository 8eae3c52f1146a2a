"""Delivery of managed endpoints: set up and taken down by GitHub's apply role, never asked."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore

from components.account.aws_boundaries import DELIVERY_SERVICES, WORKLOAD_SERVICES
from components.account.aws_delivery_endpoint import ENDPOINT_READS, ENDPOINT_SERVICES, endpoint_changes
from components.account.aws_delivery_policies import apply_policy, part_policies
from components.account.aws_state import States

(CHANGES,) = endpoint_changes("prod", region="eu-west-1", account="123456789012")


def test_each_call_exists() -> None:
    folder = Path(botocore.__file__).parent / "data" / "sagemaker"
    newest = max(folder.iterdir()) / "service-2.json.gz"
    known = set(json.loads(gzip.decompress(newest.read_bytes()))["operations"])
    assert {action.partition(":")[2] for action in (*CHANGES.actions, *ENDPOINT_READS)} <= known


def test_only_the_environments_own_things_are_changed() -> None:
    assert {resource.rpartition("/")[2] for resource in CHANGES.resources} == {"prod-*"}


def test_models_are_never_called_and_reading_changes_nothing() -> None:
    assert not [action for action in (*CHANGES.actions, *ENDPOINT_READS) if "Invoke" in action]
    assert {action.partition(":")[2].startswith(("Describe", "List")) for action in ENDPOINT_READS} == {True}


def test_the_role_may_be_handed_to_sagemaker_and_scaling_makes_its_own() -> None:
    text = apply_policy(
        environment="prod",
        zone_arn="arn:aws:route53:::hostedzone/Z1",
        names=("*.example.com",),
        states=States(stores=(), account="123456789012", region="eu-west-1"),
    )
    conditions = {s["Sid"]: s.get("Condition", {}).get("StringEquals", {}) for s in json.loads(text)["Statement"]}
    assert "sagemaker.amazonaws.com" in conditions["HandingRolesOver"]["iam:PassedToService"]
    roles = conditions["RolesOfServices"]["iam:AWSServiceName"]
    assert "sagemaker.application-autoscaling.amazonaws.com" in roles


def test_the_rights_are_a_part_of_their_own_below_the_ceilings() -> None:
    parts = part_policies(environment="e" * 20, region="us-gov-west-1", account="123456789012")
    assert len(parts["endpoints"]) <= 6144
    assert set(ENDPOINT_SERVICES) <= set(DELIVERY_SERVICES)
    assert {"cloudwatch", "ecr", "sagemaker", "sns"} <= set(WORKLOAD_SERVICES)
