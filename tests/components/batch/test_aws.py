"""Where batch jobs run: spare capacity first and ordinary after it, closed machines, and queues that do not clog."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.accelerators import machine_types
from components.batch.aws import AwsBatch, AwsBatchArgs, batch_log_group
from components.batch.aws_machines import runs
from components.batch.types import queue_key
from components.labels import Labels
from components.network.types import NetworkOutputs
from components.places import Cloud
from tests.recorder import Graph, record

STACK = "demo-aws-eu-west-1"
BOUNDARY = "arn:aws:iam::123456789012:policy/homeport-delivery/demo-eu-workload"
VOLUMES = "arn:aws:kms:eu-west-1:123456789012:key/volumes"
LOGS = "arn:aws:kms:eu-west-1:123456789012:key/logs"


def args(*needs: str | None) -> AwsBatchArgs:
    none = dict[str, pulumi.Output[str]]()
    private = {zone: pulumi.Output.from_input(f"subnet-{zone[-1]}") for zone in ("eu-west-1b", "eu-west-1a")}
    return AwsBatchArgs(
        stack=STACK,
        region="eu-west-1",
        needs=frozenset(needs),
        network=NetworkOutputs(
            vpc_id=pulumi.Output.from_input("vpc-1"),
            cidr=IPv4Network("10.0.0.0/16"),
            public_subnet_ids=none,
            private_subnet_ids=private,
            intra_subnet_ids=none,
        ),
        logs_key_arn=LOGS,
        volumes_key_arn=VOLUMES,
        permissions_boundary_arn=BOUNDARY,
        labels=Labels(environment="demo", stack=STACK, jurisdiction="eu"),
    )


@cache
def graph(*needs: str | None, preview: bool = False) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1")
        made = AwsBatch("batch", args(*needs), pulumi.ResourceOptions(provider=provider))
        pulumi.export("queues", dict(made.outputs.queues))

    return record(program, preview=preview)


def order(queue: str, made: Graph) -> list[str]:
    """The environments of a queue in their order, by the names that we gave them."""
    names = {e.outputs["arn"]: e.name for e in made.all("ComputeEnvironment")}
    orders = sorted(made.one("JobQueue", queue)["computeEnvironmentOrders"], key=lambda one: one["order"])
    return [names[one["computeEnvironment"]] for one in orders]


def test_models_without_an_accelerator_need_no_machine() -> None:
    made = graph(None)
    kinds = [e["computeResources"]["type"] for e in made.all("ComputeEnvironment")]
    assert sorted(kinds) == ["FARGATE", "FARGATE_SPOT"]
    assert [made.all(kind) for kind in ("Role", "LaunchTemplate", "InstanceProfile")] == [(), (), ()]


def test_where_spare_capacity_is_missing_ordinary_is_taken_and_who_wants_none_gets_none() -> None:
    made = graph(None, "l4")
    assert order("batch-cpu-spot", made) == ["batch-fargate-spot", "batch-fargate"]
    assert order("batch-cpu-on-demand", made) == ["batch-fargate"]
    assert order("batch-l4-spot", made) == ["batch-machines-l4-spot", "batch-machines-l4-ec2"]
    assert order("batch-l4-on-demand", made) == ["batch-machines-l4-ec2"]


def test_queues_are_given_out_by_what_a_job_needs() -> None:
    made = graph(None, "l4")
    arns = {queue.name: queue.outputs["arn"] for queue in made.all("JobQueue")}
    assert made.outputs["queues"] == {
        queue_key(None, spot=True): arns["batch-cpu-spot"],
        queue_key(None, spot=False): arns["batch-cpu-on-demand"],
        queue_key("l4", spot=True): arns["batch-l4-spot"],
        queue_key("l4", spot=False): arns["batch-l4-on-demand"],
    }


def test_jobs_stand_in_private_subnets_and_nobody_reaches_them() -> None:
    made = graph(None, "l4")
    assert {tuple(e["computeResources"]["subnets"]) for e in made.all("ComputeEnvironment")} == {
        ("subnet-a", "subnet-b")
    }
    assert made.all("SecurityGroupIngressRule") == ()
    [out] = made.all("SecurityGroupEgressRule")
    assert (out["ipProtocol"], out["fromPort"], out["toPort"]) == ("tcp", 443, 443)


def test_a_job_that_nothing_can_take_does_not_wait_for_ever() -> None:
    actions = graph(None).one("JobQueue", "batch-cpu-spot")["jobStateTimeLimitActions"]
    assert {(a["action"], a["state"]) for a in actions} == {("CANCEL", "RUNNABLE")}
    assert "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY" in {a["reason"] for a in actions}
    assert {600 <= a["maxTimeSeconds"] <= 86400 for a in actions} == {True}


def test_gpu_machines_are_those_that_carry_it_and_none_idles() -> None:
    spare = graph("l4").one("ComputeEnvironment", "batch-machines-l4-spot")["computeResources"]
    assert spare["instanceTypes"] == [machine.name for machine in machine_types("l4", Cloud.AWS)]
    assert (spare["minVcpus"], spare["allocationStrategy"]) == (0, "SPOT_PRICE_CAPACITY_OPTIMIZED")
    assert spare["ec2Configurations"] == [{"imageType": "ECS_AL2023_NVIDIA"}]


def test_machines_hide_their_credentials_and_seal_their_disks() -> None:
    template = graph("l4").one("LaunchTemplate")
    options = template["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)
    [disk] = template["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["kmsKeyId"]) == ("true", VOLUMES)
    role = graph("l4").one("Role")
    assert (role["path"], role["permissionsBoundary"]) == ("/homeport/", BOUNDARY)


def test_what_machines_use_goes_after_them() -> None:
    made = graph("l4")
    rights = made.one("RolePolicyAttachment").urn
    dependencies = [e.dependencies for e in made.all("ComputeEnvironment")]
    assert [rights in found for found in dependencies] == [True, True]
    assert made.one("SecurityGroup").urn in dependencies[0]


def test_a_changed_environment_stands_before_the_old_one_goes() -> None:
    environments = graph(None, "l4").all("ComputeEnvironment")
    assert {"name" in e.inputs for e in environments} == {False}
    assert {e["namePrefix"].startswith(f"{STACK}-") for e in environments} == {True}


def test_logs_of_jobs_are_sealed_and_end() -> None:
    group = graph(None).one("LogGroup")
    assert (group["name"], group["kmsKeyId"], group["retentionInDays"]) == (batch_log_group(STACK), LOGS, 90)


def test_a_preview_tells_which_queues_there_will_be() -> None:
    assert {q["name"] for q in graph(None, preview=True).all("JobQueue")} == {
        f"{STACK}-cpu-spot",
        f"{STACK}-cpu-on-demand",
    }


@pytest.mark.parametrize("accelerator", ["inferentia2", "tpu-v5e"])
def test_what_batch_cannot_run_is_refused_with_what_it_can(accelerator: str) -> None:
    assert not runs(accelerator)
    with pytest.raises(ValueError, match=f"accelerators: got {accelerator}; allowed: t4, a10g, l4"):
        graph(accelerator)


@pytest.mark.parametrize(
    ("change", "message"), [({"needs": frozenset[str | None]()}, "needs: got nothing"), ({"max_vcpus": 0}, "max_vcpus")]
)
def test_a_region_of_no_jobs_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(lambda: replace(args(None), **change) and None)
