"""A model's file and release as a SageMaker endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
import pytest

from components.labels import Labels
from stacks.contracts import (
    BucketContract,
    CacheContract,
    ClusterContract,
    ModelStoreContract,
    NetworkContract,
    PlatformContract,
    RegistryContract,
)
from stacks.kits.aws import AwsKit
from stacks.kits.aws_endpoint import endpoint
from stacks.kits.aws_surroundings import surroundings
from stacks.settings import ModelSettings, Release
from tests.recorder import Graph, record
from tests.stacks.models_settings import models_settings

STACK, ACCOUNT = "demo-aws-eu-west-1", "123456789012"
MODELS = f"{STACK}-models"
HEX = "a" * 64
PLATFORM = PlatformContract(
    cloud="aws",
    place="eu-west-1",
    account=ACCOUNT,
    jurisdiction="eu",
    cluster=ClusterContract(name=STACK, identifier="", endpoint="", certificate_authority="", version=""),
    network=NetworkContract(
        vpc="vpc-1", cidr="10.0.0.0/16", private_subnets={"b": "subnet-b", "a": "subnet-a"}, cluster_security_group=""
    ),
    node_groups={},
    certificate="",
    alarm_channel="",
    registry=RegistryContract(host="host", repositories={"fraud": "host/homeport/fraud"}),
    model_store=ModelStoreContract(bucket="store", key="arn:weights"),
    keys={"logs": "arn:logs"},
    cache=CacheContract(name="cache", host="cache.host", port=6379, security_group="sg-cache"),
    predictions=BucketContract(bucket="predictions", key="arn:predictions"),
)
STABLE = {"stable": {"image": f"sha256:{HEX}"}}


def model(**parts: object) -> ModelSettings:
    whole = {
        "name": "fraud",
        "data": {"residency": "eu"},
        "serve_on": {"aws": "sagemaker"},
        "resources": {"cpu": 1, "memory_gib": 2},
        **parts,
    }
    return ModelSettings.model_validate(whole)


def declared(
    parts: Mapping[str, object] | None = None, *, release: object = None, platform: PlatformContract = PLATFORM
) -> Graph:
    asked, released = model(**(parts or {})), Release.model_validate(release or STABLE)
    settings = models_settings(asked, released, platform=STACK, account=ACCOUNT)

    def program() -> None:
        labels = Labels(environment="demo", stack=MODELS, jurisdiction="eu")
        kit = AwsKit(MODELS, region="eu-west-1", account=ACCOUNT, labels=labels)
        known = pulumi.Output.from_input(platform)
        around = surroundings(platform_stack=STACK, region="eu-west-1", account=ACCOUNT, model=asked, platform=known)
        endpoint(kit, settings, asked, released, known, around, rollback_alarms=("fraud-errors",))

    return record(program)


def test_a_plain_model_is_cut_off_and_lies_in_the_private_subnets() -> None:
    made = declared().one("Model")
    assert made["primaryContainer.image"] == f"host/homeport/fraud@sha256:{HEX}"
    assert made["enableNetworkIsolation"] is True
    assert made["vpcConfig.subnets"] == ["subnet-a", "subnet-b"]
    assert declared().all("SecurityGroupEgressRule") == ()


def test_kept_answers_open_one_way_to_the_cache_and_end_the_isolation() -> None:
    graph = declared({"cache": {"ttl_s": 60}})
    assert graph.one("Model")["enableNetworkIsolation"] is False
    assert graph.one("SecurityGroupEgressRule")["referencedSecurityGroupId"] == "sg-cache"
    assert graph.one("Model")["primaryContainer.environment.CACHE_TTL_S"] == "60"


def test_captures_go_to_s3_by_sagemaker_and_the_containers_stay_cut_off() -> None:
    graph = declared({"capture": {"sample": 0.001, "retention_days": 7}})
    capture = graph.one("EndpointConfiguration")["dataCaptureConfig"]
    assert (capture["initialSamplingPercentage"], capture["destinationS3Uri"]) == (1, "s3://predictions/capture/fraud/")
    assert graph.one("Model")["enableNetworkIsolation"] is True
    assert str(graph.one("SecurityGroupEgressRule")["prefixListId"]).startswith("pl-")


def test_weights_of_each_release_come_from_the_store_by_their_digest() -> None:
    release = {
        "stable": {"image": f"sha256:{HEX}", "weights": f"sha256:{'b' * 64}"},
        "candidate": {"image": f"sha256:{HEX}", "weights": f"sha256:{'c' * 64}"},
        "candidate_weight": 10,
    }
    graph = declared(release=release)
    told = {made["primaryContainer.environment.WEIGHTS"] for made in graph.all("Model")}
    assert told == {f"s3://store/sha256/{digit * 64}" for digit in "bc"}
    rights = json.loads(graph.one("RolePolicy")["policy"])["Statement"]
    read = next(statement for statement in rights if statement["Sid"] == "WeightsRead")
    assert read["Resource"] == [f"arn:aws:s3:::store/sha256/{digit * 64}" for digit in "bc"]


def test_a_shadow_has_no_weight_and_a_candidate_has_one() -> None:
    release = {**STABLE, "candidate": {"image": f"sha256:{'d' * 64}"}}
    shadowed = declared({"shadow": {"candidate": True}}, release=release).one("EndpointConfiguration")
    assert [len(shadowed[kind]) for kind in ("productionVariants", "shadowProductionVariants")] == [1, 1]
    shared = declared(release={**release, "candidate_weight": 25}).one("EndpointConfiguration")["productionVariants"]
    assert [variant["initialVariantWeight"] for variant in shared] == [75, 25]


def test_drift_is_watched_where_the_file_asks_for_it() -> None:
    parts = {"capture": {"sample": 1, "retention_days": 7}, "drift": {"baseline": "spring"}}
    schedule = declared(parts).one("MonitoringSchedule")
    assert schedule["monitoringScheduleConfig.scheduleConfig.scheduleExpression"] == "cron(0 * ? * * *)"
    assert declared().all("MonitoringSchedule") == ()


def test_a_platform_of_before_is_named() -> None:
    with pytest.raises(pulumi.RunError, match=f"no bucket of predictions: .* pulumi up -s {STACK}"):
        declared(
            {"mode": "async", "scale": {"replicas": {"min": 0, "max": 2}, "metrics": ({"queue_length": 4},)}},
            platform=PLATFORM.model_copy(update={"predictions": None}),
        )
