"""What a platform keeps around its models, and the batch jobs of its models, as the settings ask for them."""

from __future__ import annotations

import json

import pulumi
import pytest

from components.batch.types import BatchOutputs
from components.cache.types import CacheOutputs
from components.keys.types import KeyPurpose
from components.labels import Labels
from stacks.contracts import (
    BatchContract,
    BucketContract,
    ClusterContract,
    ModelStoreContract,
    NetworkContract,
    PlatformContract,
    RegistryContract,
)
from stacks.kits.aws import AwsKit
from stacks.kits.aws_batch import batch_job
from stacks.kits.aws_data import bucket_with_key, data_contract, data_log_groups, data_purposes
from stacks.settings import ModelSettings, Needs, Release
from tests.recorder import Graph, record
from tests.stacks.models_settings import models_settings

STACK, ACCOUNT = "demo-aws-eu-west-1", "123456789012"
KEYS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"
ALL = Needs(cache=("fraud",), features={"customers": "customer_id"}, predictions={"fraud": 30}, batch={"fraud": None})
PLATFORM = PlatformContract(
    cloud="aws",
    place="eu-west-1",
    account=ACCOUNT,
    jurisdiction="eu",
    cluster=ClusterContract(name=STACK, identifier="", endpoint="", certificate_authority="", version=""),
    network=NetworkContract(vpc="", cidr="", private_subnets={}, cluster_security_group=""),
    node_groups={},
    certificate="",
    alarm_channel="",
    registry=RegistryContract(host="host", repositories={"fraud": "host/homeport/fraud"}),
    model_store=ModelStoreContract(bucket="", key=""),
    keys={"queues": f"{KEYS}/queues", "features": f"{KEYS}/features"},
    features={"customers": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{STACK}-customers"},
    predictions=BucketContract(bucket="predictions", key=f"{KEYS}/predictions"),
    batch=BatchContract(queues={"cpu": "arn:aws:batch:::ordinary", "spot-cpu": "arn:aws:batch:::spare"}),
)
RELEASE = Release.model_validate({"stable": {"image": "sha256:" + "a" * 64}})


def model(**parts: object) -> ModelSettings:
    whole = {"name": "fraud", "data": {"residency": "eu"}, "resources": {"cpu": 1, "memory_gib": 2}, **parts}
    return ModelSettings.model_validate(whole)


def job(platform: PlatformContract = PLATFORM, **parts: object) -> Graph:
    asked = model(**parts)
    models = f"{STACK}-models"
    settings = models_settings(asked, RELEASE, platform=STACK, account=ACCOUNT)

    def program() -> None:
        labels = Labels(environment="demo", stack=models, jurisdiction="eu")
        kit = AwsKit(models, region="eu-west-1", account=ACCOUNT, labels=labels)
        batch_job(kit, settings, asked, RELEASE, pulumi.Output.from_input(platform))

    return record(program)


def test_a_region_of_plain_models_needs_no_key_more() -> None:
    assert data_purposes(Needs()) == frozenset()
    assert data_log_groups(STACK, Needs()) == ()


def test_each_part_brings_its_key_and_its_log_groups() -> None:
    wanted = {KeyPurpose.CACHE, KeyPurpose.FEATURES, KeyPurpose.PREDICTIONS, KeyPurpose.QUEUES}
    assert data_purposes(ALL) == wanted
    assert data_log_groups(STACK, ALL) == (f"/homeport/{STACK}/batch",)


def test_the_bucket_is_named_to_the_key_exactly_when_it_has_one() -> None:
    named: list[str | None] = []

    def program() -> None:
        kit = AwsKit(
            STACK, region="eu-west-1", account=ACCOUNT, labels=Labels(environment="", stack="", jurisdiction="")
        )
        named.extend(bucket_with_key(kit, needs) for needs in (ALL, Needs()))

    record(program)
    assert named == [f"{STACK}-{ACCOUNT}-predictions", None]


def test_the_contract_tells_what_stands_and_nothing_else() -> None:
    found: dict[str, object] = {}

    def program() -> None:
        text = pulumi.Output.from_input("x")
        cache = CacheOutputs(name=text, host=text, port=6379, security_group_id=text)
        batch = BatchOutputs(queues={"cpu": text})
        found.update(data_contract(cache=cache, features=None, predictions=None, batch=batch))

    record(program)
    assert set(found) == {"cache", "batch"}
    assert data_contract(cache=None, features=None, predictions=None, batch=None) == {}


def test_a_model_without_batches_has_no_job() -> None:
    assert job().all("JobDefinition") == ()


@pytest.mark.parametrize(("spot", "queue"), [(True, "arn:aws:batch:::spare"), (False, "arn:aws:batch:::ordinary")])
def test_the_job_goes_to_the_queue_that_fits_it(spot: bool, queue: str) -> None:
    target = job(batch={"schedule": "0 7 * * *", "spot": spot}).one("Schedule")["target"]
    assert json.loads(target["input"])["JobQueue"] == queue


def test_a_job_looks_up_features_and_leaves_kept_answers_and_captures_alone() -> None:
    made = job(
        batch={"schedule": "0 7 * * *"},
        cache={"ttl_s": 60},
        capture={"sample": 1, "retention_days": 7},
        features={"table": "customers", "key": "customer_id"},
    )
    told = json.loads(made.one("JobDefinition")["containerProperties"])["environment"]
    assert {one["name"] for one in told} == {"AWS_REGION", "FEATURES_KEY", "FEATURES_TABLE"}
    rights = json.loads(made.one("RolePolicy", "fraud-batch-work-policy")["policy"])["Statement"]
    assert "LookUpFeatures" in {statement["Sid"] for statement in rights}
    assert "elasticache:Connect" not in json.dumps(rights)


def test_a_platform_without_the_queue_is_to_be_brought_up_to_date() -> None:
    old = PLATFORM.model_copy(update={"batch": None})
    with pytest.raises(pulumi.RunError, match=f"no job queue spot-cpu.* pulumi up -s {STACK}"):
        job(old, batch={"schedule": "0 7 * * *"})
