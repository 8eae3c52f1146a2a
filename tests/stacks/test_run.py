"""From Pulumi's config to the right program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from stacks import run
from tests.golden.graphs import ROOT, config, graph_of
from tests.recorder import record
from tests.stacks.project import Project

STACK = "demo-aws-us-east-1"
FILE = f"stacks/config/Pulumi.{STACK}.yaml"


def test_a_misspelt_key_of_the_stack_file_is_refused_before_anything_is_declared() -> None:
    wrong = {**config(FILE), "homeport:regoin": {"cloud": "aws"}}
    with pytest.raises(pulumi.RunError, match="regoin"):
        record(run.main, stack=STACK, config=wrong)


def test_empty_objects_that_pulumi_adds_for_other_kinds_of_stack_are_no_mistake() -> None:
    added = {"homeport:account": {}, "homeport:releases": {}}
    assert record(run.main, stack=STACK, config={**config(FILE), **added}).all("Cluster")


def test_more_zones_than_the_region_offers_are_refused_with_those_it_has() -> None:
    asked = config("stacks/config/Pulumi.demo-aws-eu-west-1.yaml")
    asked["homeport:region"]["network"]["zones"] = 5  # type: ignore[index] - plain data of a YAML file
    with pytest.raises(pulumi.RunError) as raised:
        record(run.main, stack="demo-aws-eu-west-1", config=asked)
    assert "region.network.zones: got 5; allowed: at most 3, since eu-west-1 offers this account eu-west-1a" in str(
        raised.value
    )


def test_the_networks_that_a_stack_file_names_may_reach_the_cluster() -> None:
    asked = config(FILE)
    asked["homeport:region"]["cluster"]["api_access"] = ["198.51.100.0/24"]  # type: ignore[index] - YAML
    cluster = record(run.main, stack=STACK, config=asked).one("Cluster")
    assert cluster["vpcConfig.publicAccessCidrs"] == ["198.51.100.0/24"]


def test_a_model_gets_as_many_accelerators_as_its_file_says(project: Project) -> None:
    platform = "demo-aws-eu-west-1"
    project.edit("stacks/models/fraud.yaml", "count: 1", "count: 4")
    machines = "instance_types: [g6.12xlarge], capacity:"
    project.edit(f"stacks/config/Pulumi.{platform}.yaml", "capacity:", machines)
    graph = record(
        lambda: run.main(project.root),
        stack=f"{platform}-models",
        config=config(f"stacks/config/Pulumi.{platform}-models.yaml", project.root),
        references={platform: graph_of(platform).outputs},
    )
    limits = graph.one("Deployment")["spec.template.spec.containers"][0]["resources"]["limits"]
    assert limits["nvidia.com/gpu"] == "4"


class Theirs(pulumi.ComponentResource):
    """A network that someone else made."""

    def __init__(self) -> None:
        super().__init__("homeport:test:Theirs", "theirs")
        provider = aws.Provider("theirs", region="us-east-1", allowed_account_ids=["123456789012"])
        options = pulumi.ResourceOptions(parent=self, provider=provider)
        aws.ec2.Vpc("vpc", cidr_block="10.99.0.0/16", opts=options)
        self.register_outputs({})
        for _ in range(3):  # an answered question lets what was declared before it arrive
            aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider))


def test_an_existing_network_is_used_and_nothing_of_it_declared() -> None:
    def program() -> None:
        Theirs()
        run.main()

    vpc = record(lambda: Theirs() and None, stack=STACK).one("Vpc").id
    subnets = {"a": "subnet-0123456789abcdef0", "b": "subnet-0123456789abcdef1"}
    asked = config(FILE)
    asked["homeport:region"]["network"] = {"existing": vpc, "private_subnets": subnets}  # type: ignore[index] - YAML
    graph = record(program, stack=STACK, config=asked)
    assert len(graph.all("Vpc")) == 1
    assert not graph.all("Subnet")
    assert graph.one("Cluster")["vpcConfig.subnetIds"] == list(subnets.values())


@pytest.mark.parametrize("stack", ["demo-aws-account", STACK])
def test_an_aws_stack_never_imports_the_google_sdk(stack: str) -> None:
    script = (
        "import sys; from stacks import run; from tests.golden.graphs import config; from tests.recorder import record;"
        f"record(run.main, stack={stack!r}, config=config('stacks/config/Pulumi.{stack}.yaml'));"
        "print(sorted({name.split('.')[0] for name in sys.modules if name.startswith('pulumi_')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(ROOT),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "."},
    )
    assert "pulumi_aws" in done.stdout
    assert "pulumi_gcp" not in done.stdout
    assert "sagemaker" not in done.stdout
