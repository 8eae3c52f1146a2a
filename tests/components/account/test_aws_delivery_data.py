"""Delivery of the data around models: set up and taken down by GitHub's apply role, never looked into."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore
import pytest

from components.account.aws_boundaries import DELIVERY_SERVICES, WORKLOAD_SERVICES
from components.account.aws_delivery_data import DATA_READS, DATA_SERVICES, data_changes, deployed_profiles
from components.aws_policies import document

CHANGES = {s.sid: s for s in data_changes("prod", region="eu-west-1", account="123456789012")}
# Reading rows, sending jobs and logging in is for models and their schedules.
USES = {"batch:SubmitJob", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "elasticache:Connect"}


def calls_of(service: str) -> set[str]:
    """The calls that the service's own description lists."""
    folder = Path(botocore.__file__).parent / "data" / service
    newest = max(folder.iterdir()) / "service-2.json.gz"
    return set(json.loads(gzip.decompress(newest.read_bytes()))["operations"])


@pytest.mark.parametrize("service", [*DATA_SERVICES, "iam"])
def test_each_call_exists(service: str) -> None:
    named = {action for statement in CHANGES.values() for action in statement.actions} | set(DATA_READS)
    calls = {action.partition(":")[2] for action in named if action.startswith(f"{service}:")}
    assert calls
    assert calls <= calls_of(service)


def test_only_the_environments_own_things_are_changed() -> None:
    resources = [resource for statement in CHANGES.values() for resource in statement.resources]
    assert [resource for resource in resources if "prod-*" not in resource] == []


def test_what_is_kept_there_is_neither_read_nor_used() -> None:
    assert not USES & {*DATA_READS, *(action for statement in CHANGES.values() for action in statement.actions)}


def test_reading_changes_nothing() -> None:
    assert [a for a in DATA_READS if not a.partition(":")[2].startswith(("Describe", "Get", "List"))] == []


def test_instance_profiles_are_those_below_our_path() -> None:
    profiles = deployed_profiles("prod", region="eu-west-1", account="123456789012")
    assert profiles == "arn:aws:iam::123456789012:instance-profile/homeport/prod-*"
    assert CHANGES["InstanceProfiles"].resources == (profiles,)


def test_the_document_fits_an_attached_policy() -> None:
    longest = data_changes("e" * 20, region="us-gov-west-1", account="123456789012")
    assert len(document(*longest)) <= 6144


def test_the_services_lie_below_the_ceilings() -> None:
    assert set(DATA_SERVICES) <= set(DELIVERY_SERVICES)
    assert {"batch", "dynamodb", "ecs", "elasticache"} <= set(WORKLOAD_SERVICES)
