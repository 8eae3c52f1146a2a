"""A platform's settings: each wrong input, with the whole message that a person gets."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from components.accelerators import offered_by
from components.places import Cloud
from stacks.settings import ExistingNetwork, PlatformSettings, load_stack
from tests.stacks.project import Project

STACK = "demo-aws-eu-west-1"
FILE = f"stacks/config/Pulumi.{STACK}.yaml"
SEE = "see docs/reference/settings.md"
NETWORK = "network: {cidr: 10.20.0.0/16, zones: 3}"
POOL = "{name: gpu-l4, accelerator: l4, nodes: {min: 0, max: 8}, capacity: [spot, on_demand]}"
ON_AWS = ", ".join(offered_by(Cloud.AWS))


def platform(project: Project) -> PlatformSettings:
    settings = load_stack(project.root, STACK)
    assert isinstance(settings, PlatformSettings)
    return settings


def test_the_demo_region_loads_with_its_place_and_defaults(project: Project) -> None:
    settings = platform(project)
    assert (settings.place.country, settings.jurisdiction) == ("IE", "eu")
    assert settings.region.pools[0].machines == ("g6.xlarge", "g6.2xlarge", "g6.4xlarge")
    assert settings.labels.tags()["homeport:stack"] == STACK


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zones: 3}", "zones: 3, zone: 3}", "region.network.zone: got an unknown key; allowed: cidr, zones, nat, endpoints; did you mean \"zones\"?"),
        ("zones: 3}", "zones: three}", f'region.network.zones: got "three"; allowed: a whole number; correct it; {SEE}'),
        ("zones: 3}", "zones: 7}", f"region.network.zones: got 7; allowed: 2 to 6; correct it; {SEE}"),
        ("zones: 3}", "zones: 1}", f"region.network.zones: got 1; allowed: 2 to 6; correct it; {SEE}"),
        ("zones: 3}", "zones: 3.5}", f"region.network.zones: got 3.5; allowed: a whole number; correct it; {SEE}"),
        ("cidr: 10.20.0.0/16, ", "", f"region.network.cidr: got nothing; allowed: the region's range, private, /16 to /20; add it; {SEE}"),
        ("10.20.0.0/16", "10.20.0.1/16", f'region.network.cidr: got "10.20.0.1/16"; allowed: an IPv4 range without host bits, such as 10.20.0.0/16; correct it; {SEE}'),
        ("10.20.0.0/16", "10.20.0.0/24", 'region.network.cidr: got "10.20.0.0/24"; allowed: a size of /16 to /20; choose another range'),
        ("10.20.0.0/16", "10.30.128.0/17", 'region.network.cidr: got "10.30.128.0/17"; allowed: a range apart from 10.30.0.0/16 of demo-aws-eu-central-1; choose a free range'),
        ("zones: 3}", "nat: each_zone}", 'region.network.nat: got "each_zone"; allowed: shared, per_zone; did you mean "per_zone"?'),
        ("zones: 3}", "endpoints: [sts, s3]}", 'region.network.endpoints[1]: got "s3"; allowed: each service once; not s3 or dynamodb, which have gateway endpoints anyway; remove it'),
        ("place: eu-west-1", "place: eu-west-2", 'region.place: got "eu-west-2"; allowed: eu-west-1; write what the stack\'s name says'),
        ("cloud: aws", "cloud: gcp", f'region.cloud: got "gcp"; allowed: aws; correct it; {SEE}'),
        ('account: "123456789012"', "account: 123456789012", f'region.account: got 123456789012; allowed: twelve digits in quotes, such as "123456789012"; correct it; {SEE}'),
        ('account: "123456789012"', 'account: "210987654321"', 'region.account: got "210987654321"; allowed: 123456789012; write the account of stacks/environments/demo.yaml'),
        ('version: "1.35"', "version: 1.35", f'region.cluster.version: got 1.35; allowed: a Kubernetes version in quotes, such as "1.35"; correct it; {SEE}'),
        ("api_access: private", "api_access: public", 'region.cluster.api_access: got "public"; allowed: private; correct it; see docs/reference/settings.md'),
        ("api_access: private", "api_access: [0.0.0.0/0]", 'region.cluster.api_access[0]: got "0.0.0.0/0"; allowed: IPv4 ranges of /8 or narrower; name the networks that need it; the whole internet is refused'),
        ("api_access: private", "api_access: [0.0.0.0/1, 128.0.0.0/1]", 'region.cluster.api_access[0]: got "0.0.0.0/1"; allowed: IPv4 ranges of /8 or narrower; name the networks that need it; the whole internet is refused'),
        ("api_access: private", "api_access: []", f"region.cluster.api_access: got a list; allowed: at least 1 entry; correct it; {SEE}"),
        ("api_access: private", "admins: [root]", f'region.cluster.admins[0]: got "root"; allowed: the ARN of an IAM role, such as arn:aws:iam::123456789012:role/admin; correct it; {SEE}'),
    ],
)  # fmt: skip
def test_a_wrong_region_is_refused_with_the_whole_message(project: Project, old: str, new: str, message: str) -> None:
    project.edit(FILE, old, new)
    assert project.problems(STACK)[0] == f"{FILE}: {message}"


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        ("{name: a, accelerator: A10, nodes: {min: 0, max: 8}}", f'.accelerator: got "A10"; allowed: {ON_AWS}; did you mean "a10g" or "a100"?'),
        ("{name: a, accelerator: inferentia2, efa: true, nodes: {min: 0, max: 8}}", '.efa: got "true, with inf2.xlarge (0), inf2.8xlarge (0)"; allowed: with instance_types that all have the same number of adapters: none of this accelerator; leave efa out'),
        ("{name: a, accelerator: h200, efa: true, nodes: {min: 0, max: 8}}", '.efa: got "true, with p5e.48xlarge (32), p5en.48xlarge (16)"; allowed: with instance_types that all have the same number of adapters: p5e.48xlarge (32), p5en.48xlarge (16); name such instance_types, or leave efa out'),
        ("{name: a, accelerator: l4, zone: b, nodes: {min: 0, max: 8}}", '.zone: got "b"; allowed: a zone with efa, where no capacity block says it; other pools use every zone; remove it'),
        ("{name: system, accelerator: l4, nodes: {min: 0, max: 8}}", '.name: got "system"; allowed: each name once, and not system; give the pool a name of its own'),
        ("{name: a-name-that-is-too-long-for-a-pool, accelerator: l4, nodes: {min: 0, max: 8}}", f'.name: got "a-name-that-is-too-long-for-a-pool"; allowed: 1 to 20 lower-case letters, digits and dashes, first a letter, last no dash; correct it; {SEE}'),
        ("{name: a, accelerator: l4, nodes: {min: 9, max: 8}}", ".nodes.min: got 9; allowed: at most max, 8; lower min or raise max"),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 0}}", f".nodes.max: got 0; allowed: 1 to 1000; correct it; {SEE}"),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 8}, capacity: [spot, spot]}", '.capacity: got "spot, spot"; allowed: each way once; remove the second'),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 8}, capacity: [reserved]}", '.capacity[0]: got "reserved"; allowed: reservation, capacity_block, spot, on_demand; did you mean "reservation"?'),
        ("{name: a, accelerator: h100, nodes: {min: 0, max: 8}, capacity: [capacity_block]}", ".capacity_block: got nothing; allowed: a block exactly when capacity names capacity_block; add it: {reservation: cr-..., zone: a}"),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 8}, instance_types: [g5.xlarge]}", '.instance_types[0]: got "g5.xlarge"; allowed: g6.xlarge, g6.2xlarge, g6.4xlarge, g6.8xlarge, g6.16xlarge, g6.12xlarge, g6.24xlarge, g6.48xlarge; did you mean "g6.xlarge" or "g6.8xlarge"?'),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 8}, instance_types: [g6.xlarge, g6.12xlarge]}", '.instance_types: got "g6.xlarge (1), g6.12xlarge (4)"; allowed: the same number of accelerators each; make two pools'),
        ("{name: a, accelerator: l4, nodes: {min: 0, max: 8}, disk_gib: 10}", f".disk_gib: got 10; allowed: 20 to 16384; correct it; {SEE}"),
    ],
)  # fmt: skip
def test_a_wrong_pool_is_refused_with_the_whole_message(project: Project, pool: str, message: str) -> None:
    project.edit(FILE, POOL, pool)
    assert project.problems(STACK) == [f"{FILE}: region.pools[0]{message}"]


def test_two_pools_of_one_name_are_refused(project: Project) -> None:
    project.edit(FILE, POOL, f"{POOL}\n      - {POOL}")
    message = (
        'region.pools[1].name: got "gpu-l4"; allowed: each name once, and not system; give the pool a name of its own'
    )
    assert project.problems(STACK) == [f"{FILE}: {message}"]


def test_all_problems_of_a_file_come_at_once(project: Project) -> None:
    project.edit(FILE, "zones: 3", "zones: 9, natt: shared")
    project.edit(FILE, 'version: "1.35"', "version: 1.35")
    project.edit(FILE, "accelerator: l4", "accelerator: 4")
    paths = [line.split(": ")[1] for line in project.problems(STACK)]
    assert paths == [
        "region.network.zones",
        "region.network.natt",
        "region.cluster.version",
        "region.pools[0].accelerator",
    ]


def test_a_capacity_block_is_taken_with_its_reservation_and_zone(project: Project) -> None:
    block = "capacity_block: {reservation: cr-0123456789abcdef0, zone: b}"
    project.edit(
        FILE, POOL, f"{{name: h, accelerator: h100, nodes: {{min: 0, max: 1}}, capacity: [capacity_block], {block}}}"
    )
    pool = platform(project).region.pools[0]
    assert pool.capacity_block is not None
    assert pool.capacity_block.zone == "b"


def test_an_existing_network_is_taken_by_its_ids(project: Project) -> None:
    subnets = "{a: subnet-0123456789abcdef0, b: subnet-0123456789abcdef1}"
    project.edit(FILE, NETWORK, f"network: {{existing: vpc-0123456789abcdef0, private_subnets: {subnets}}}")
    network = platform(project).region.network
    assert isinstance(network, ExistingNetwork)
    assert set(network.private_subnets) == {"a", "b"}


def test_an_existing_network_needs_two_zones_and_known_letters(project: Project) -> None:
    project.edit(
        FILE, NETWORK, "network: {existing: vpc-0123456789abcdef0, private_subnets: {z: subnet-0123456789abcdef0}}"
    )
    path = f"{FILE}: region.network.private_subnets"
    assert project.problems(STACK) == [f'{path}.z: got "z"; allowed: a, b, c, d, e, f; correct it; {SEE}']


def test_a_region_may_be_open_to_named_networks(project: Project) -> None:
    project.edit(FILE, "api_access: private", "api_access: [203.0.113.0/24]")
    assert platform(project).region.cluster.api_access == (IPv4Network("203.0.113.0/24"),)


def test_a_region_that_cannot_be_read_is_no_problem_of_the_region_beside_it(project: Project) -> None:
    project.write("stacks/config/Pulumi.demo-aws-eu-central-1.yaml", "{")
    assert project.problems(STACK) == []


def test_a_platform_has_the_models_that_may_be_in_its_jurisdiction(project: Project) -> None:
    assert platform(project).needs.models == ("fraud",)
    project.edit("stacks/models/churn.yaml", "residency: us", "residency: none")
    assert platform(project).needs.models == ("churn", "fraud")


def test_a_model_that_no_environment_names_has_no_place_in_a_platform(project: Project) -> None:
    project.edit("stacks/environments/demo.yaml", "models: [fraud, churn]", "models: [churn]")
    assert platform(project).needs.models == ()


def test_a_model_file_that_is_wrong_elsewhere_is_no_problem_of_a_platform(project: Project) -> None:
    project.edit("stacks/models/fraud.yaml", "availability: 99.9", "availability: 999")
    assert platform(project).needs.models == ("fraud",)


def test_a_model_file_that_does_not_say_where_its_model_may_be_takes_no_images_away_unseen(project: Project) -> None:
    project.edit("stacks/models/fraud.yaml", "residency: eu", "residency: europe")
    assert project.problems(STACK) == [
        'stacks/models/fraud.yaml: data.residency: got "europe"; allowed: eu, us, none; add jurisdiction europe with a region to the environment, or leave the model out of its `models`'
    ]
    project.write("stacks/models/fraud.yaml", "{")
    assert [line.split(": ")[0] for line in project.problems(STACK)] == ["stacks/models/fraud.yaml"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("registry: {untagged_days: 0}", "region.registry.untagged_days: got 0; allowed: 1 to 3650"),
        ("registry: {keep_images: 3}", "region.registry.keep_images: got 3; allowed: 10 to 10000"),
        ("model_store: {deleted_days: 0}", "region.model_store.deleted_days: got 0; allowed: 1 to 3650"),
        ("model_store: {locked: true}", "region.model_store.locked: got an unknown key; allowed: deleted_days, access_log_days"),
    ],
)  # fmt: skip
def test_how_long_images_and_weights_stay_has_bounds(project: Project, section: str, message: str) -> None:
    project.edit(FILE, "    place: eu-west-1\n", f"    place: eu-west-1\n    {section}\n")
    assert [line.split(": ", 1)[1].startswith(message) for line in project.problems(STACK)] == [True], project.problems(
        STACK
    )


ACCOUNT = "stacks/config/Pulumi.demo-aws-account.yaml"
GITHUB = "    github: {repository: acme/homeport, branch: main, environment: demo}\n"


def test_a_cluster_opens_to_the_roles_that_the_account_makes_for_github(project: Project) -> None:
    assert platform(project).delivered


def test_a_cluster_that_nobody_could_reach_is_refused(project: Project) -> None:
    project.edit(ACCOUNT, GITHUB, "")
    allowed = f"one IAM role or more, since {ACCOUNT} names no GitHub repository that would apply stacks"
    step = "name the role that will apply the models stack, or nobody could ever reach the cluster"
    assert project.problems(STACK) == [f"{FILE}: region.cluster.admins: got nothing; allowed: {allowed}; {step}"]


def test_an_account_without_github_leaves_the_cluster_to_its_admins(project: Project) -> None:
    project.edit(ACCOUNT, GITHUB, "")
    project.edit(FILE, "api_access: private", "admins: [arn:aws:iam::123456789012:role/admin]")
    assert not platform(project).delivered


def test_a_wrong_account_file_takes_no_role_away_unseen(project: Project) -> None:
    project.edit(ACCOUNT, "repository: acme/homeport", "repository: acme")
    assert [line.split(": ")[:2] for line in project.problems(STACK)] == [[ACCOUNT, "account.github.repository"]]


ADDRESS = "an email address, or an https:// address without user, query and fragment"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("platform@demo.example.com,", "platform,", f'notify[0]: got "platform"; allowed: {ADDRESS}; correct it; {SEE}'),
        ("https://alarms", "http://alarms", f'notify[1]: got "http://alarms.demo.example.com/aws"; allowed: {ADDRESS}; correct it; {SEE}'),
        ("com/aws", "com/aws?token=1", f'notify[1]: got "https://alarms.demo.example.com/aws?token=1"; allowed: {ADDRESS}; correct it; {SEE}'),
        ("[platform@demo.example.com,", "[a@b.example, a@b.example,", 'notify[1]: got "a@b.example"; allowed: each receiver once; remove it'),
        ("monthly_usd: 5000", "monthly_usd: 0", f"budget.monthly_usd: got 0; allowed: 1 to 100000000; correct it; {SEE}"),
        ("monthly_usd: 5000", "monthly_usd: 5000, monthly_eur: 1", 'budget.monthly_eur: got an unknown key; allowed: monthly_usd; did you mean "monthly_usd"?'),
    ],
)  # fmt: skip
def test_who_hears_of_alarms_and_what_a_month_costs_is_checked(
    project: Project, old: str, new: str, message: str
) -> None:
    project.edit(FILE, old, new)
    assert project.problems(STACK)[0] == f"{FILE}: region.{message}"


def test_a_region_without_receivers_or_budget_stands(project: Project) -> None:
    project.edit(FILE, "    budget: {monthly_usd: 5000}\n", "")
    assert platform(project).region.budget is None


@pytest.mark.parametrize(
    "pool",
    [
        "{name: a, accelerator: trainium1, nodes: {min: 0, max: 8}}",
        "{name: a, accelerator: h200, efa: true, instance_types: [p5en.48xlarge], nodes: {min: 0, max: 8}}",
    ],
)
def test_neuron_devices_and_adapters_can_be_had(project: Project, pool: str) -> None:
    project.edit(FILE, POOL, pool)
    assert platform(project).region.pools[0].name == "a"
