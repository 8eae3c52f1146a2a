"""Residency on Google Cloud: spellings, multi-regions, and services that ignore their provider's region."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.reading import UNKNOWN, Value
from tests.policies.residency.verdicts import GHENT, provider, verdict


@pytest.mark.parametrize(
    "inputs",
    [
        {"location": "europe-west1"},
        {"location": "EUROPE-WEST4"},
        {"location": "EU"},
        {"location": "eur4"},
        {"zone": "europe-west1-b"},
        {"region": "https://www.googleapis.com/compute/v1/projects/p/regions/europe-west3"},
        {"zone": "projects/p/zones/europe-west3-a"},
        {"location": "EU", "customPlacementConfig": {"dataLocations": ["EUROPE-WEST1", "EUROPE-NORTH1"]}},
        {"location": "EU", "timeZone": "Asia/Tokyo"},
    ],
)
def test_google_places_at_home_pass_in_any_spelling(inputs: Mapping[str, Value]) -> None:
    assert verdict("gcp:storage/bucket:Bucket", inputs, GHENT) == []


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("US", "US (US)"),
        ("EUR5", "EUR5 (BE, GB)"),
        ("eur8", "eur8 (CH, DE)"),
        ("ASIA", "unknown region ASIA"),
        ("europe", "unknown region europe"),
        ("global", "unknown region global"),
        ("europe-west2", "europe-west2 (GB)"),
        ("us-central1-a", "us-central1-a (US)"),
        ("eu-west-1", "unknown region eu-west-1"),
        ("projects/p/locations/global", "unknown region global"),
        ("projects/p/locations/-", "unknown region -"),
    ],
)
def test_google_places_abroad_straddling_or_unknown_are_refused(location: str, found: str) -> None:
    assert verdict("gcp:storage/bucket:Bucket", {"location": location}, GHENT) == [f"location: {found}"]


def test_a_multi_region_means_what_its_service_says() -> None:
    tokyo = provider("gcp", region="asia-northeast1")
    assert verdict("gcp:storage/bucket:Bucket", {"location": "asia1"}, tokyo, "jp") == []
    assert verdict("gcp:kms/keyRing:KeyRing", {"location": "asia1"}, tokyo, "jp") == ["location: asia1 (JP, KR)"]


def test_a_key_is_judged_by_its_path_whatever_uses_it() -> None:
    key: dict[str, Value] = {"encryption": {"kmsKeyName": "projects/p/locations/us-east1/keyRings/r/cryptoKeys/k"}}
    assert verdict("gcp:artifactregistry/repository:Repository", key, GHENT) == ["encryption.kmsKeyName: us-east1 (US)"]


def test_a_key_kept_in_google_global_is_unknown_but_a_global_pool_of_identities_is_nothing() -> None:
    key, pool = "projects/p/locations/global/keyRings/r", "projects/p/locations/global/workloadIdentityPools/w"
    assert verdict("gcp:pubsub/subscription:Subscription", {"a": key, "b": pool}, GHENT) == ["a: unknown region global"]


@pytest.mark.parametrize(
    ("type_token", "found"),
    [
        ("gcp:bigquery/dataset:Dataset", "location (absent: BigQuery's own default is US): US (US)"),
        ("gcp:cloudbuild/trigger:Trigger", "location (absent: the default location is global): unknown region global"),
        ("gcp:pubsub/topic:Topic", "place: no place (a topic keeps messages near whoever publishes them)"),
        ("gcp:secretmanager/secret:Secret", "place: no place (automatic replication is global)"),
        ("gcp:bigquery/job:Job", "location (absent: BigQuery's own default is US): US (US)"),
        ("gcp:spanner/instance:Instance", "place: no place (an instance lies where its config says)"),
        ("gcp:compute/snapshot:Snapshot", "place: no place (a snapshot is stored in the nearest multi-region)"),
    ],
)
def test_a_type_that_ignores_its_provider_lands_where_the_service_says(type_token: str, found: str) -> None:
    assert verdict(type_token, {}, GHENT) == [found]


def test_a_provider_abroad_is_nothing_to_a_type_that_ignores_it() -> None:
    storage: dict[str, Value] = {"messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1"]}}
    assert verdict("gcp:pubsub/topic:Topic", storage, provider("gcp", region="us-east1")) == []


def test_a_type_that_ignores_its_provider_may_name_its_place() -> None:
    assert verdict("gcp:bigquery/dataset:Dataset", {"location": "EU"}, GHENT) == []
    storage: dict[str, Value] = {"messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1", "us-east1"]}}
    assert verdict("gcp:pubsub/topic:Topic", storage, GHENT) == [
        "messageStoragePolicy.allowedPersistenceRegions[1]: us-east1 (US)"
    ]
    assert verdict("gcp:pubsub/topic:Topic", {"messageStoragePolicy": UNKNOWN}, GHENT) == [
        "messageStoragePolicy.allowedPersistenceRegions: a value that is not known yet"
    ]


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("regional-europe-west1", []),
        ("eur3", []),
        ("projects/p/instanceConfigs/eur3", []),
        ("regional-us-central1", ["config: us-central1 (US)"]),
        ("projects/p/instanceConfigs/regional-us-central1", ["config: us-central1 (US)"]),
        ("eur6", ["config: eur6 (CH, DE, NL)"]),
        ("nam3", ["config: unknown region nam3"]),
    ],
)
def test_a_spanner_instance_lies_where_its_config_says(config: str, found: list[str]) -> None:
    assert verdict("gcp:spanner/instance:Instance", {"config": config}, GHENT) == found


def test_a_list_of_empty_texts_is_no_place() -> None:
    storage: dict[str, Value] = {"messageStoragePolicy": {"allowedPersistenceRegions": [""]}}
    assert verdict("gcp:pubsub/topic:Topic", storage, GHENT) == [
        "place: no place (a topic keeps messages near whoever publishes them)"
    ]


def test_snapshots_and_backups_know_the_multi_regions_and_app_engine_its_own_names() -> None:
    assert verdict("gcp:compute/snapshot:Snapshot", {"storageLocations": ["eu"]}, GHENT) == []
    assert verdict("gcp:compute/snapshot:Snapshot", {"storageLocations": ["us"]}, GHENT) == [
        "storageLocations[0]: us (US)"
    ]
    backup: dict[str, Value] = {"settings": {"backupConfiguration": {"location": "eu"}}}
    assert verdict("gcp:sql/databaseInstance:DatabaseInstance", backup, GHENT) == []
    assert verdict("gcp:appengine/application:Application", {"locationId": "europe-west"}, GHENT) == []
