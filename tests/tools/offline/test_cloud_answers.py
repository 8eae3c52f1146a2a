"""What the stand-in cloud answers: right place and account, the same for the same input, unknown in a preview."""

from __future__ import annotations

from typing import Any

import pytest

from tools.offline.cloud.answers import created, previewed, updated
from tools.offline.cloud.autoname import named_inputs
from tools.offline.cloud.aws import KINDS
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting, setting_of
from tools.offline.protocol.values import UNKNOWN
from tools.offline.types.library import resource_shape

ACCOUNT = "210987654321"
EU = Setting(account=ACCOUNT, place="eu-west-1", region="eu-west-1")
EVERYWHERE = Setting(account=ACCOUNT, place="global", region="eu-west-1")
CLUSTER = f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/demo"


def asked(token: str, setting: Setting = EU, *, serial: int = 0, **inputs: Any) -> Asked:
    urn = f"urn:pulumi:s::homeport::{token}::thing"
    return Asked(token=token, urn=urn, name="thing", inputs=inputs, setting=setting, serial=serial)


def test_a_vpc_has_an_id_and_an_arn_of_its_place_and_account() -> None:
    answer = created(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16"))
    assert answer.id.startswith("vpc-0")
    assert answer.outputs["arn"] == f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/{answer.id}"
    assert answer.outputs["region"] == "eu-west-1"
    assert answer.outputs["ownerId"] == ACCOUNT


def test_answers_are_the_same_for_the_same_thing_and_others_for_another() -> None:
    first = created(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16"))
    assert created(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16")) == first
    assert created(asked("aws:ec2/vpc:Vpc", serial=1, cidrBlock="10.0.0.0/16")).id != first.id


def test_a_changed_tag_does_not_change_the_id() -> None:
    first = created(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16"))
    assert created(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", tags={"a": "b"})).id == first.id


def test_an_iam_arn_has_no_region_and_keeps_its_path() -> None:
    answer = created(asked("aws:iam/role:Role", EVERYWHERE, name="reader", path="/homeport/"))
    assert answer.id == "reader"
    assert answer.outputs["arn"] == f"arn:aws:iam::{ACCOUNT}:role/homeport/reader"


def test_a_cluster_has_endpoint_issuer_and_its_own_security_group() -> None:
    outputs = created(asked("aws:eks/cluster:Cluster", name="demo", vpcConfig={"subnetIds": ["subnet-1"]})).outputs
    assert outputs["arn"] == CLUSTER
    assert outputs["endpoint"].endswith(".eu-west-1.eks.amazonaws.com")
    assert outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert outputs["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-0")
    assert outputs["vpcConfig"]["subnetIds"] == ["subnet-1"]


def test_the_validation_record_is_one_in_every_region_of_an_account() -> None:
    def record(place: str, domain: str) -> dict[str, str]:
        setting = Setting(account=ACCOUNT, place=place, region=place)
        outputs = created(asked("aws:acm/certificate:Certificate", setting, domainName=domain)).outputs
        return outputs["domainValidationOptions"][0]

    assert record("eu-west-1", "*.eu.example.com") == record("us-east-1", "*.eu.example.com")
    assert record("eu-west-1", "*.eu.example.com") != record("eu-west-1", "*.us.example.com")
    wildcard, plain = record("eu-west-1", "*.eu.example.com"), record("eu-west-1", "eu.example.com")
    assert wildcard["resourceRecordName"] == plain["resourceRecordName"]


def test_a_load_balancer_service_gets_a_host_name_of_its_clusters_region() -> None:
    setting = setting_of("kubernetes:core/v1:Service", {}, {"clusterIdentifier": CLUSTER})
    inputs = {"kind": "Service", "metadata": {"name": "fraud", "namespace": "models"}, "spec": {"type": "LoadBalancer"}}
    answer = created(asked("kubernetes:core/v1:Service", setting, **inputs))
    assert answer.id == "models/fraud"
    assert answer.outputs["status"]["loadBalancer"]["ingress"][0]["hostname"].endswith(".elb.eu-west-1.amazonaws.com")


def test_a_preview_knows_inputs_and_place_but_no_ids() -> None:
    outputs = previewed(asked("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16")).outputs
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert outputs["region"] == "eu-west-1"
    assert outputs["arn"] == outputs["defaultSecurityGroupId"] == UNKNOWN


def test_a_preview_does_not_know_what_the_cloud_puts_into_an_input() -> None:
    outputs = previewed(asked("aws:eks/cluster:Cluster", name="demo", vpcConfig={"subnetIds": []})).outputs
    assert outputs["vpcConfig"] == {"subnetIds": [], "clusterSecurityGroupId": UNKNOWN, "vpcId": UNKNOWN}


def test_an_update_keeps_ids_and_counts_versions() -> None:
    token = "aws:ec2/launchTemplate:LaunchTemplate"
    first = created(asked(token, name="nodes"))
    second = updated(asked(token, name="nodes", imageId="ami-1"), first.id, first.outputs)
    assert (second.id, second.outputs["arn"]) == (first.id, first.outputs["arn"])
    assert (first.outputs["latestVersion"], second.outputs["latestVersion"]) == (1, 2)


def test_a_type_without_a_row_answers_by_the_names_of_its_outputs() -> None:
    assert "aws:mq/broker:Broker" not in KINDS
    outputs = created(asked("aws:mq/broker:Broker", brokerName="mail")).outputs
    assert outputs["arn"].startswith(f"arn:aws:mq:eu-west-1:{ACCOUNT}:broker/")


@pytest.mark.parametrize("token", sorted(KINDS))
def test_every_row_of_the_table_fits_the_sdk(token: str) -> None:
    shape, kind = resource_shape(token), KINDS[token]
    assert shape is not None
    named = {*kind.replaces, *kind.replaces_removed, *kind.identity, *filter(None, [kind.named])}
    assert {path.partition(".")[0] for path in named} <= set(shape.inputs.properties)
    assert {*kind.outputs, *kind.counted} <= set(shape.outputs)
    assert kind.source


def test_the_place_is_the_resources_own_region_else_the_providers() -> None:
    provider = {"region": "eu-west-1", "allowedAccountIds": '["210987654321"]'}
    assert setting_of("aws:ec2/vpc:Vpc", {}, provider) == EU
    assert setting_of("aws:ec2/vpc:Vpc", {"region": "eu-central-1"}, provider).place == "eu-central-1"
    assert setting_of("aws:iam/role:Role", {}, provider) == EVERYWHERE


@pytest.mark.parametrize(
    ("identifier", "place"),
    [(CLUSTER, "eu-west-1"), ("projects/p/locations/europe-west4/clusters/c", "europe-west4"), ("homeport/lab", "lab")],
)
def test_the_place_of_an_object_is_its_clusters(identifier: str, place: str) -> None:
    assert setting_of("kubernetes:core/v1:Namespace", {}, {"clusterIdentifier": identifier}).place == place


def test_a_name_is_made_up_from_the_seed_and_kept() -> None:
    first = named_inputs("aws:iam/role:Role", "reader", {}, b"seed")
    assert first["name"].startswith("reader-")
    assert len(first["name"]) == len("reader-") + 7
    assert named_inputs("aws:iam/role:Role", "reader", {}, b"other")["name"] != first["name"]
    assert named_inputs("aws:iam/role:Role", "reader", {}, b"other", first["name"]) == first
    assert named_inputs("aws:iam/role:Role", "reader", {"name": "mine"}, b"seed") == {"name": "mine"}
    assert named_inputs("aws:iam/role:Role", "reader", {"namePrefix": "mine"}, b"seed") == {"namePrefix": "mine"}


def test_a_name_prefix_leaves_the_name_to_the_cloud_and_a_replacement_gets_another() -> None:
    token = "aws:batch/computeEnvironment:ComputeEnvironment"
    first, second = (created(asked(token, serial=serial, namePrefix="demo-")) for serial in (0, 1))
    assert first.outputs["name"] == first.id
    assert first.id.startswith("demo-")
    assert second.id != first.id
