"""Residency of one resource: its own place, its provider's, its cluster's, none, unknown, not known yet."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies.reading import UNKNOWN, Resource, Value
from policies.residency.judge import judge
from tests.policies.residency.verdicts import DUBLIN, TABLE, provider, verdict

EU_AWS = "places of eu: eu-central-1, eu-north-1, eu-south-1, eu-south-2, eu-west-1, eu-west-3, eusc-de-east-1"
MOVE = "give it a place of its jurisdiction, or declare it in a stack of the other one"
BUCKET = "aws:s3/bucket:Bucket"


def test_the_whole_message_names_resource_field_place_allowed_set_and_next_step() -> None:
    resource = Resource(type=BUCKET, name="it", inputs={"region": "us-east-1"}, provider=DUBLIN)
    (finding,) = judge(resource, "eu", TABLE)
    assert finding.text("it", BUCKET) == f"it ({BUCKET}): region: got us-east-1 (US); allowed: {EU_AWS}; {MOVE}"


def test_a_resource_stands_where_its_provider_does() -> None:
    assert verdict(BUCKET) == []
    assert verdict(BUCKET, home=provider("aws", region="eu-west-2")) == ["provider home: region: eu-west-2 (GB)"]


def test_its_own_region_beats_the_providers_in_both_directions() -> None:
    assert verdict(BUCKET, {"region": "eu-central-1"}, provider("aws", region="us-east-1")) == []
    assert verdict(BUCKET, {"region": "us-east-1"}) == ["region: us-east-1 (US)"]


def test_an_empty_region_is_none() -> None:
    assert verdict(BUCKET, {"region": ""}, provider("aws", region="us-east-1")) == [
        "provider home: region: us-east-1 (US)"
    ]


def test_no_place_is_refused() -> None:
    assert verdict(BUCKET, home=None) == ["place: no place (it names no region and has no provider)"]
    assert verdict(BUCKET, home=provider("aws")) == ["place: no place (provider home: no region is set)"]
    assert verdict("azure-native:storage:StorageAccount", home=provider("azure-native")) == [
        "place: no place (provider home: no region is set)"
    ]


@pytest.mark.parametrize("region", ["xx-north-1", "eu-west-99", "global", "aws-global", "us-east-1-bue-1a", "eu"])
def test_an_unknown_place_is_refused_as_unknown_and_not_as_foreign(region: str) -> None:
    assert verdict(BUCKET, {"region": region}) == [f"region: unknown region {region}"]


@pytest.mark.parametrize("region", ["*", "arn:aws:iam::aws:policy/x", "https://example.com", "projects/p"])
def test_a_text_that_is_no_region_never_stands_in_for_one(region: str) -> None:
    assert verdict(BUCKET, {"region": region}) == ["region: unknown region a text that is no location"]
    assert verdict("aws:ebs/volume:Volume", {"availabilityZone": "*"}, None) == [
        "availabilityZone: unknown region a text that is no location"
    ]


def test_a_place_not_known_yet_is_refused() -> None:
    assert verdict(BUCKET, {"region": UNKNOWN}) == ["region: a value that is not known yet"]
    assert verdict(BUCKET, home=provider("aws", region="04da6b54-80e4-46f7-96ec-b56ff0331ba9")) == [
        "provider home: region: a value that is not known yet"
    ]


def test_ids_not_known_yet_decide_no_place() -> None:
    assert verdict("aws:ec2/subnet:Subnet", {"vpcId": UNKNOWN, "availabilityZone": "eu-west-1a"}) == []


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("availabilityZone", "us-east-1a", "us-east-1a (US)"),
        ("availabilityZoneId", "use1-az4", "use1-az4 (US)"),
        ("availabilityZoneId", "apse2-az1", "apse2-az1 (AU)"),
        ("availabilityZone", "ap-southeast-2-akl-1a", "unknown region ap-southeast-2-akl-1a"),
    ],
)
def test_a_foreign_zone_is_refused_even_with_a_provider_at_home(field: str, value: str, found: str) -> None:
    assert verdict("aws:ebs/volume:Volume", {field: value}) == [f"{field}: {found}"]


def test_zones_at_home_pass() -> None:
    assert verdict("aws:rds/cluster:Cluster", {"availabilityZones": ["eu-west-1a", "eu-west-1b"]}) == []
    assert verdict("aws:ec2/subnet:Subnet", {"availabilityZoneId": "euw1-az1"}) == []


def test_places_of_copies_at_any_depth_are_refused() -> None:
    assert verdict(
        "aws:dynamodb/table:Table", {"replicas": [{"regionName": "eu-central-1"}, {"regionName": "us-east-1"}]}
    ) == ["replicas[1].regionName: us-east-1 (US)"]
    assert verdict("aws:secretsmanager/secret:Secret", {"replicas": [{"region": "us-west-2"}]}) == [
        "replicas[0].region: us-west-2 (US)"
    ]


def test_a_registry_that_copies_its_images_abroad_is_refused() -> None:
    def copying(*regions: str) -> list[str]:
        places = [{"region": region, "registryId": "123456789012"} for region in regions]
        replication = {"replicationConfiguration": {"rules": [{"destinations": places}]}}
        return verdict("aws:ecr/replicationConfiguration:ReplicationConfiguration", replication)

    assert copying("eu-central-1") == []
    path = "replicationConfiguration.rules[0].destinations[1].region"
    assert copying("eu-central-1", "us-east-1") == [f"{path}: us-east-1 (US)"]


@pytest.mark.parametrize(
    "token",
    ["aws:ecr/repository:Repository", "aws:s3/bucket:Bucket", "aws:s3/bucketLogging:BucketLogging"],
)
def test_images_weights_and_their_logs_stay_whatever_their_provider_says(token: str) -> None:
    assert verdict(token, {"region": "us-east-1"}) == ["region: us-east-1 (US)"]
    assert verdict(token, {"region": "eu-central-1"}) == []


def test_a_repository_whose_key_lies_abroad_is_refused() -> None:
    encryption = [{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:us-east-1:123456789012:key/a"}]
    assert verdict("aws:ecr/repository:Repository", {"encryptionConfigurations": encryption}) == [
        "encryptionConfigurations[0].kmsKey: us-east-1 (US)"
    ]


def test_copying_into_the_jurisdiction_is_fine() -> None:
    assert verdict("aws:ec2/amiCopy:AmiCopy", {"sourceAmiRegion": "us-east-1"}) == []


def test_a_key_of_another_jurisdiction_is_refused_by_its_arn() -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/secret-name"
    assert verdict(BUCKET, {"rule": {"kmsMasterKeyId": arn}}) == ["rule.kmsMasterKeyId: us-east-1 (US)"]


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        "arn:aws:s3:::models",
        "arn:aws:kms:eu-west-1:123456789012:key/a",
        "arn:aws:logs:*:123456789012:log-group:*",
        "arn:aws:acm:us-east-1:123456789012:certificate/a",
        '{"Resource": "arn:aws:s3:us-east-1:123456789012:x"}',
        "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    ],
)
def test_an_arn_without_a_foreign_place_of_data_passes(text: str) -> None:
    assert verdict("aws:eks/addon:Addon", {"some": [{"arn": text}]}) == []


def test_tags_labels_and_descriptions_are_not_read() -> None:
    assert verdict(BUCKET, {"tags": {"region": "us-east-1"}, "description": "arn:aws:kms:us-east-1:1:key/a"}) == []


def test_no_message_holds_a_value_that_is_no_location() -> None:
    assert verdict(BUCKET, {"region": "hunter2 is the password"}) == [
        "region: unknown region a text that is no location"
    ]


def test_logs_of_queries_are_kept_in_the_united_states() -> None:
    log = "aws:route53/queryLog:QueryLog"
    why = "place (query logs of a public zone are kept in us-east-1): us-east-1 (US)"
    assert verdict(log) == [why]
    assert verdict(log, home=provider("aws", region="us-east-1"), jurisdiction="us") == []


def test_an_api_at_every_edge_is_refused() -> None:
    api = "aws:apigateway/restApi:RestApi"
    why = "place: no place (without REGIONAL or PRIVATE an API is served from every edge)"
    assert verdict(api) == [why]
    assert verdict(api, {"endpointConfiguration": {"types": "EDGE"}}) == [why]
    assert verdict(api, {"endpointConfiguration": {"types": "REGIONAL"}}) == []
    assert len(verdict("aws:apigateway/domainName:DomainName")) == 1


@pytest.mark.parametrize(
    "type_token", ["homeport:network:AwsNetwork", "pulumi:pulumi:Stack", "kubernetes:yaml/v2:ConfigGroup"]
)
def test_components_and_the_engines_own_types_are_exempt(type_token: str) -> None:
    assert verdict(type_token, home=None) == []


def test_values_kept_in_the_state_only_are_exempt() -> None:
    assert verdict("random:index/randomPassword:RandomPassword", home=provider("random")) == []


def test_a_resource_of_another_cloud_is_no_component_where_the_state_has_lost_its_provider() -> None:
    assert verdict("azure-native:storage:StorageAccount", home=None) == [
        "place: no place (it names no region and has no provider)"
    ]


def test_a_dynamic_resource_must_name_its_place() -> None:
    home = provider("pulumi-python")
    assert verdict("pulumi-python:dynamic:Resource", {"location": "europe-west1"}, home) == []
    assert verdict("pulumi-python:dynamic:Resource", {"location": "us-east-1"}, home) == ["location: us-east-1 (US)"]
    assert verdict("pulumi-python:dynamic:Resource", {}, home) == ["place: no place (provider home: no region is set)"]


@pytest.mark.parametrize(
    ("package", "inputs", "found"),
    [
        ("aws", {"region": "eu-west-1"}, []),
        ("aws", {"region": "us-east-1"}, ["region: us-east-1 (US)"]),
        ("aws", {}, ["place: no place (no region is set)"]),
        ("aws", {"region": UNKNOWN}, ["region: a value that is not known yet"]),
        ("gcp", {"region": "europe-west1", "zone": "us-east1-b"}, ["zone: us-east1-b (US)"]),
        ("gcp", {}, ["place: no place (no region is set)"]),
        ("random", {}, []),
    ],
)
def test_a_provider_is_judged_by_its_own_region(package: str, inputs: Mapping[str, Value], found: list[str]) -> None:
    assert verdict(f"pulumi:providers:{package}", inputs, None) == found


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("arn:aws:eks:eu-west-1:123456789012:cluster/demo", []),
        ("projects/p/locations/europe-west1/clusters/c", []),
        ("projects/p/zones/europe-west1-b/clusters/c", []),
        ("https://container.googleapis.com/v1/projects/p/zones/europe-west1-b/clusters/c", []),
        ("//container.googleapis.com/projects/p/locations/europe-west4/clusters/c", []),
        ("homeport/cellar", []),
        ("homeport/attic", ["clusterIdentifier: attic (US)"]),
        ("homeport/eu-west-1", []),
        ("homeport/europe-west4", []),
        ("homeport/us-east-1", ["clusterIdentifier: us-east-1 (US)"]),
        ("homeport/mars", ["clusterIdentifier: unknown region mars"]),
        ("projects/p/locations/eu/clusters/c", ["clusterIdentifier: unknown region eu"]),
        ("arn:aws-eusc:eks:eusc-de-east-1:123456789012:cluster/demo", []),
        ("arn:aws:ec2:eu-west-1:123456789012:instance/i", ["clusterIdentifier: a text of another form"]),
        ("arn:aws:eks:us-east-1:123456789012:cluster/demo", ["clusterIdentifier: us-east-1 (US)"]),
        ("projects/p/locations/us-east1/clusters/c", ["clusterIdentifier: us-east1 (US)"]),
        ("https://eu-west-1.example.com", ["clusterIdentifier: a text of another form"]),
        (UNKNOWN, ["clusterIdentifier: a value that is not known yet"]),
        ("", ["place: no place (clusterIdentifier is not set)"]),
        (None, ["place: no place (clusterIdentifier is not set)"]),
    ],
)
def test_a_kubernetes_provider_stands_where_its_cluster_does(identifier: Value, found: list[str]) -> None:
    assert verdict("pulumi:providers:kubernetes", {"clusterIdentifier": identifier}, None) == found


def test_a_kubernetes_object_stands_where_its_providers_cluster_does() -> None:
    abroad = provider("kubernetes", clusterIdentifier="arn:aws:eks:us-east-1:123456789012:cluster/demo")
    assert verdict("kubernetes:core/v1:Pod", {}, abroad) == ["provider home: clusterIdentifier: us-east-1 (US)"]
    assert verdict("kubernetes:core/v1:Pod", {}, None) == ["place: no place (it names no region and has no provider)"]


def test_a_region_like_key_of_a_custom_resource_means_nothing_here() -> None:
    home = provider("kubernetes", clusterIdentifier="homeport/cellar")
    assert verdict("kubernetes:example.com/v1:Thing", {"spec": {"region": "us-east-1"}}, home) == []


def test_types_without_data_pass_in_any_stack_with_any_region() -> None:
    assert verdict("aws:iam/role:Role", home=None) == []
    assert verdict("aws:acm/certificate:Certificate", {"region": "us-east-1"}) == []


def test_a_record_that_leads_abroad_is_refused() -> None:
    inputs: dict[str, Value] = {"latencyRoutingPolicies": [{"region": "us-east-1"}]}
    assert verdict("aws:route53/record:Record", inputs) == ["latencyRoutingPolicies[0].region: us-east-1 (US)"]
    assert verdict("aws:route53/record:Record", inputs, jurisdiction="none") == []


def test_the_account_stack_holds_only_types_without_data_and_providers_of_any_region() -> None:
    assert verdict("aws:route53/zone:Zone", jurisdiction="none") == []
    assert verdict("pulumi:providers:aws", {"region": "us-east-1"}, None, "none") == []
    assert verdict("homeport:account:AwsAccount", {}, None, "none") == []
    assert verdict(BUCKET, jurisdiction="none") == [f"type: {BUCKET}"]
