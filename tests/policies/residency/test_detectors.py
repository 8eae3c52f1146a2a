"""Which fields name a place, and which only look as if they did."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.reading import UNKNOWN, Value
from tests.policies.residency.verdicts import GHENT, provider, verdict


@pytest.mark.parametrize(
    ("type_token", "inputs"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "us-east-1", "bucketPrefix": "us-west-2-"}),
        ("aws:ec2/instance:Instance", {"volumeTags": {"Region": "us-east-1"}, "tagsAll": {"Region": "us-east-1"}}),
        ("aws:dlm/lifecyclePolicy:LifecyclePolicy", {"policyDetails": {"targetTags": {"Region": "us-east-1"}}}),
        ("aws:kms/key:Key", {"multiRegion": UNKNOWN}),
        ("aws:account/primaryContact:PrimaryContact", {"stateOrRegion": "Bavaria"}),
    ],
)
def test_names_tags_and_switches_of_aws_are_no_places(type_token: str, inputs: Mapping[str, Value]) -> None:
    assert verdict(type_token, inputs) == []


@pytest.mark.parametrize(
    ("type_token", "inputs"),
    [
        ("gcp:container/cluster:Cluster", {"resourceLabels": {"location": "us-east1"}}),
        ("gcp:sql/databaseInstance:DatabaseInstance", {"settings": {"userLabels": {"region": "us-east1"}}}),
        ("gcp:cloudrun/service:Service", {"metadata": {"annotations": {"location": "us-east1"}}}),
        ("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig", {"selectedRegions": ["USA"]}),
        ("gcp:dataflow/job:Job", {"tempLocation": "gs://us-east1/temp"}),
        ("gcp:cloudscheduler/job:Job", {"timeZone": "America/New_York"}),
    ],
)
def test_labels_probes_buckets_and_time_zones_of_google_are_no_places(
    type_token: str, inputs: Mapping[str, Value]
) -> None:
    assert verdict(type_token, inputs, GHENT) == []


@pytest.mark.parametrize(
    ("type_token", "inputs", "found"),
    [
        (
            "aws:keyspaces/keyspace:Keyspace",
            {"replicationSpecification": {"regionLists": ["eu-west-1", "us-east-1"]}},
            "replicationSpecification.regionLists[1]: us-east-1 (US)",
        ),
        (
            "aws:dlm/lifecyclePolicy:LifecyclePolicy",
            {"policyDetails": {"schedules": [{"crossRegionCopyRules": [{"target": "us-east-1"}]}]}},
            "policyDetails.schedules[0].crossRegionCopyRules[0].target: us-east-1 (US)",
        ),
        (
            "aws:globalaccelerator/endpointGroup:EndpointGroup",
            {"endpointGroupRegion": "us-west-2"},
            "endpointGroupRegion: us-west-2 (US)",
        ),
    ],
)
def test_places_of_aws_in_fields_of_other_names_are_found(
    type_token: str, inputs: Mapping[str, Value], found: str
) -> None:
    assert verdict(type_token, inputs) == [found]


@pytest.mark.parametrize(
    ("type_token", "inputs", "found"),
    [
        (
            "gcp:container/cluster:Cluster",
            {"clusterAutoscaling": {"autoProvisioningLocations": ["us-east1-b"]}},
            "clusterAutoscaling.autoProvisioningLocations[0]: us-east1-b (US)",
        ),
        (
            "gcp:redis/instance:Instance",
            {"alternativeLocationId": "us-east1-b"},
            "alternativeLocationId: us-east1-b (US)",
        ),
        ("gcp:container/awsCluster:AwsCluster", {"awsRegion": "us-east-1"}, "awsRegion: us-east-1 (US)"),
        (
            "gcp:logging/projectSink:ProjectSink",
            {"destination": "logging.googleapis.com/projects/p/locations/us/buckets/b"},
            "destination: us (US)",
        ),
    ],
)
def test_places_of_google_in_fields_of_other_names_are_found(
    type_token: str, inputs: Mapping[str, Value], found: str
) -> None:
    assert verdict(type_token, inputs, GHENT) == [found]


@pytest.mark.parametrize(
    ("type_token", "inputs"),
    [
        ("aws:rds/instance:Instance", {"replicateSourceDb": "arn:aws:rds:us-east-1:123456789012:db:x"}),
        ("aws:lambda/permission:Permission", {"sourceArn": "arn:aws:sns:us-east-1:123456789012:topic"}),
        (
            "aws:cfg/configurationAggregator:ConfigurationAggregator",
            {"accountAggregationSource": {"regions": ["us-east-1"]}},
        ),
    ],
)
def test_what_is_copied_in_may_come_from_anywhere(type_token: str, inputs: Mapping[str, Value]) -> None:
    assert verdict(type_token, inputs) == []


def test_a_resource_is_no_source() -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/k"
    assert verdict("aws:s3/bucket:Bucket", {"resources": {"resourceArn": arn}}) == [
        "resources.resourceArn: us-east-1 (US)"
    ]


@pytest.mark.parametrize(
    ("location", "home", "jurisdiction", "found"),
    [
        ("europe", "europe-west1", "eu", []),
        ("us", "europe-west1", "eu", ["kmsKeyName: us (US)"]),
        ("asia1", "asia-northeast1", "jp", ["kmsKeyName: asia1 (JP, KR)"]),
    ],
)
def test_the_location_of_a_key_is_a_word_of_kms_whatever_uses_the_key(
    location: str, home: str, jurisdiction: str, found: list[str]
) -> None:
    inputs: dict[str, Value] = {"kmsKeyName": f"projects/p/locations/{location}/keyRings/r/cryptoKeys/k"}
    assert verdict("gcp:storage/bucket:Bucket", inputs, provider("gcp", region=home), jurisdiction) == found


def test_a_list_of_copies_that_is_not_known_yet_is_refused() -> None:
    assert verdict("aws:dynamodb/table:Table", {"replicas": UNKNOWN}) == ["replicas: a value that is not known yet"]
    cellar = provider("kubernetes", clusterIdentifier="homeport/cellar")
    assert verdict("kubernetes:apps/v1:Deployment", {"spec": {"replicas": UNKNOWN}}, cellar) == []
