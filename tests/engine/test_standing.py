"""Environment demo in the real engine, policies on: what stands, and what a change to it would do."""

from __future__ import annotations

import json
import re

from stacks.settings import load_environment
from tests.engine.conftest import Standing, rows
from tests.engine.project_copy import ROOT
from tests.engine.readme import BLOCKS, type_in

STACKS = {stack.text for stack in load_environment(ROOT, "demo").stacks()}
EU, US = "demo-aws-eu-west-1", "demo-aws-us-east-1"
US_FILE = f"stacks/config/Pulumi.{US}.yaml"
FOREIGN_BUCKET = """main()

import pulumi
import pulumi_aws as aws


class Forgotten(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("homeport:test:Forgotten", "forgotten")
        abroad = aws.Provider("abroad", region="us-east-1", allowed_account_ids=["123456789012"])
        aws.s3.Bucket("leak", bucket="demo-leak", opts=pulumi.ResourceOptions(parent=self, provider=abroad))
        self.register_outputs({})


Forgotten()
"""


def test_the_first_up_creates_nine_stacks_and_every_policy_passes(standing: Standing) -> None:
    first = rows(standing.first)
    assert set(first) == STACKS
    assert len(STACKS) == 9
    for stack, row in first.items():
        assert row.word == "created", stack
        assert row.count > 4, stack
        assert row.policies_passed == row.policies > 0, stack


def test_the_second_up_changes_nothing(standing: Standing) -> None:
    first, second = rows(standing.first), rows(standing.second)
    assert set(second) == STACKS
    for stack, row in second.items():
        assert (row.word, row.count) == ("same", first[stack].count), stack
    assert "Nothing changed" in standing.second


def test_the_working_tree_stays_clean(standing: Standing) -> None:
    assert standing.project.changes() == ""


def test_plain_pulumi_shows_what_a_stack_publishes(standing: Standing) -> None:
    shown = standing.project.pulumi("demo-eu-front-door", "stack", "output", "--json")
    assert json.loads(shown) == {
        "urls": {model: f"https://{model}.eu.demo.example.com" for model in ("fraud", "tumor")}
    }


def test_one_changed_value_changes_exactly_one_resource(standing: Standing) -> None:
    with standing.project.edited(
        US_FILE, 'version: "1.35", api_access: private', 'version: "1.35", api_access: [198.51.100.0/24]'
    ):
        assert standing.project.steps(US) == {"Cluster cluster": "update"}


def test_a_new_zone_adds_its_own_things_and_moves_nothing(standing: Standing) -> None:
    with standing.project.edited(US_FILE, "zones: 3", "zones: 4"):
        steps = standing.project.steps(US)
    created = {name for name, operation in steps.items() if operation == "create"}
    assert {f"Subnet network-{kind}-us-east-1e" for kind in ("public", "private", "intra")} <= created
    assert all("us-east-1e" in name for name in created)
    assert {"replace", "delete", "create-replacement", "delete-replaced"}.isdisjoint(
        operation for name, operation in steps.items() if "Subnet " in name
    )


def test_a_new_address_range_replaces_the_network(standing: Standing) -> None:
    with standing.project.edited(US_FILE, "10.40.0.0/16", "10.50.0.0/16"):
        steps = standing.project.steps(US)
    assert steps["Vpc network-vpc"] == "replace"
    assert steps["Subnet network-private-us-east-1a"] == "replace"
    assert "Key keys-logs" not in steps


def test_refresh_finds_what_was_changed_behind_our_back_and_up_puts_it_back(standing: Standing) -> None:
    project, stack = standing.project, "demo-eu-front-door"
    words = ("aws:route53/record:Record", "front-door-fraud-eu-west-1", "ttl", "3600")
    project.python("tools.offline.cloud.drift", "--env", "demo", *words)
    said = project.pulumi(stack, "preview", "--refresh", "--expect-no-changes", "--diff", code=7)
    assert "ttl" in said
    assert "3600" in said
    project.pulumi(stack, "up", "--yes", "--refresh", "--skip-preview")
    assert project.pulumi(stack, "preview", "--refresh", "--expect-no-changes")


def test_a_resource_abroad_that_the_author_forgot_is_stopped_before_it_is_created(standing: Standing) -> None:
    project = standing.project
    before = project.cloud("s3/bucket:Bucket")
    with project.edited("__main__.py", "\nmain()\n", "\n" + FOREIGN_BUCKET):
        said = project.pulumi(EU, "preview", code=1)
        assert "us-east-1" in said
        assert "leak" in said
        project.pulumi(EU, "up", "--yes", "--skip-preview", code=1)
    assert project.cloud("s3/bucket:Bucket") == before
    project.pulumi(EU, "up", "--yes", "--skip-preview")


def test_a_wrong_stack_file_gives_the_exact_message_and_no_traceback(standing: Standing) -> None:
    file = f"stacks/config/Pulumi.{EU}.yaml"
    with standing.project.edited(file, "accelerator: l4", "accelerator: A10"):
        said = standing.project.pulumi(EU, "preview", code=1)
    assert f'{file}: region.pools[0].accelerator: got "A10"; allowed: t4, a10g, ' in said
    assert "Traceback" not in said


def test_the_wrong_jurisdiction_is_refused(standing: Standing) -> None:
    file = f"stacks/config/Pulumi.{EU}.yaml"
    with standing.project.edited(file, "homeport:jurisdiction: eu", "homeport:jurisdiction: us"):
        said = standing.project.pulumi(EU, "preview", code=1)
    assert f'{file}: jurisdiction: got "us"; allowed: eu; write homeport:jurisdiction: eu' in said


def test_every_command_block_of_the_readme_works(standing: Standing) -> None:
    assert len(BLOCKS) >= 4
    assert "make up\n" in BLOCKS
    for block in BLOCKS:
        # `make up` brought this environment up, twice; a test cannot run itself, and CI types `make test`.
        if block not in ("make up\n", "make test\n"):
            assert type_in(standing.project.root, block).returncode == 0, block


def test_a_region_taken_out_leaves_the_front_door_first_and_is_then_destroyed(standing: Standing) -> None:
    project, leaving = standing.project, "demo-aws-eu-central-1"
    with project.edited("stacks/environments/demo.yaml", "[aws-eu-west-1, aws-eu-central-1]", "[aws-eu-west-1]"):
        told = type_in(project.root, "python -m fleet up --env demo --yes")
    ended = re.findall(r"^(\S+) +\d+ s +(done|gone)", told.stderr, re.MULTILINE)
    concerned = [one for one in ended if one[0] == "demo-eu-front-door" or one[0].startswith(leaving)]
    assert concerned == [("demo-eu-front-door", "done"), (f"{leaving}-models", "gone"), (leaving, "gone")]
    assert "eu-central-1" not in project.pulumi("demo-eu-front-door", "stack", "export")
    assert leaving not in project.cloud("eks/cluster:Cluster")


def test_make_down_leaves_nothing(standing: Standing) -> None:
    assert type_in(standing.project.root, "make down").returncode == 0
    assert standing.project.cloud("eks/cluster:Cluster") == []
    assert standing.project.changes() == ""
