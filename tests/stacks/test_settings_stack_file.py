"""The frame of a stack's config: where it comes from, what may stand in it, what its name says."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

from pathlib import Path

import pytest

from components.places import Cloud
from stacks.settings import (
    AccountSettings,
    FrontDoorSettings,
    ModelsSettings,
    PlatformSettings,
    SettingsError,
    StackKind,
    check_environment,
    load_environment,
    load_stack,
    parse_stack,
)
from stacks.settings.yaml_files import read_yaml
from tests.stacks.project import ROOT, Project

STACK = "demo-aws-eu-west-1"
FILE = f"stacks/config/Pulumi.{STACK}.yaml"
DEMO = {stack.text: stack for stack in load_environment(ROOT, "demo").stacks()}


@pytest.mark.parametrize("environment", [path.stem for path in sorted((ROOT / "stacks/environments").glob("*.yaml"))])
def test_every_file_of_every_environment_is_right(environment: str) -> None:
    assert check_environment(ROOT, environment).name == environment


def test_every_stack_file_belongs_to_an_environment() -> None:
    names = [
        stack.file
        for path in (ROOT / "stacks/environments").iterdir()
        for stack in load_environment(ROOT, path.stem).stacks()
    ]
    there = [str(path.relative_to(ROOT)) for path in (ROOT / "stacks/config").iterdir()]
    assert sorted(names) == sorted(there)


@pytest.mark.parametrize("stack", DEMO)
def test_a_demo_file_is_sealed_so_that_a_first_up_changes_no_file(stack: str) -> None:
    assert "\nencryptionsalt: v1:" in (ROOT / DEMO[stack].file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("stack", "kind"),
    [
        ("demo-aws-account", AccountSettings),
        ("demo-aws-us-east-1", PlatformSettings),
        ("demo-aws-us-east-1-models", ModelsSettings),
        ("demo-us-front-door", FrontDoorSettings),
    ],
)
def test_each_kind_of_stack_has_its_own_settings(stack: str, kind: type) -> None:
    settings = load_stack(ROOT, stack)
    assert isinstance(settings, kind)
    assert settings.stack.text == stack


@pytest.mark.parametrize("stack", DEMO)
def test_a_name_is_taken_apart_and_put_together_again(stack: str) -> None:
    parsed = parse_stack(stack)
    assert (parsed.text, parsed.kind, parsed.place) == (stack, DEMO[stack].kind, DEMO[stack].place)


@pytest.mark.parametrize(
    "stack",
    ["", "demo", "demo-aws", "demo-azure-eu", "Demo-aws-account", "demo-aws-eu-west-1-", "a" * 17 + "-aws-account"],
)
def test_a_name_of_no_form_is_refused(stack: str) -> None:
    with pytest.raises(SettingsError, match="allowed: ENV-CLOUD-account, ENV-CLOUD-PLACE, ENV-CLOUD-PLACE-models or"):
        parse_stack(stack)


def test_stacks_stand_after_those_they_need() -> None:
    seen: set[str] = set()
    for stack in DEMO.values():
        assert set(stack.needs) <= seen
        seen.add(stack.text)


def test_each_kind_needs_the_kind_below() -> None:
    assert DEMO["demo-aws-account"].needs == ()
    assert DEMO[STACK].needs == ("demo-aws-account",)
    assert DEMO[f"{STACK}-models"].needs == (STACK,)
    assert DEMO["demo-eu-front-door"].needs == (f"{STACK}-models", "demo-aws-eu-central-1-models")
    assert (DEMO[STACK].kind, DEMO[STACK].cloud, DEMO[STACK].jurisdiction) == (StackKind.PLATFORM, Cloud.AWS, "eu")


@pytest.mark.parametrize("stack", DEMO)
def test_config_from_pulumi_means_the_same_as_the_file(stack: str) -> None:
    file = ROOT / DEMO[stack].file
    sections = {"account": {}, "region": {}, "releases": {}, **read_config(file)}
    assert load_stack(ROOT, stack, sections) == load_stack(ROOT, stack)


def read_config(file: Path) -> dict[str, object]:
    data = read_yaml(file.parent, file.name, [])
    assert data is not None
    config = data["config"]
    assert isinstance(config, dict)
    return {str(key).removeprefix("homeport:"): value for key, value in config.items()}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("homeport:jurisdiction: eu", "homeport:jurisdiction: us", 'jurisdiction: got "us"; allowed: eu; write homeport:jurisdiction: eu, as in the environment file'),
        ("  homeport:jurisdiction: eu\n", "", "jurisdiction: got nothing; allowed: eu; write homeport:jurisdiction: eu, as in the environment file"),
        ("homeport:jurisdiction: eu", "homeport:jurisdiction: eu\n  homeport:releases: {fraud: {}}", "releases: got a section; allowed: in a platform stack: jurisdiction, region; remove it"),
        ("homeport:jurisdiction: eu", "homeport:jurisdiction: eu\n  aws:region: eu-west-1", "config.aws:region: got an unknown key; allowed: homeport:account, homeport:callers, homeport:jurisdiction, homeport:region, homeport:releases; remove it: providers take their settings from homeport:region"),
        ("homeport:region:", "homeport:regoin:", 'config.homeport:regoin: got an unknown key; allowed: homeport:account, homeport:callers, homeport:jurisdiction, homeport:region, homeport:releases; did you mean "homeport:region"?'),
        ("config:", "confg:", 'confg: got an unknown key; allowed: config, encryptionsalt, encryptedkey, secretsprovider; did you mean "config"?'),
    ],
)  # fmt: skip
def test_a_wrong_frame_is_refused_with_the_whole_message(project: Project, old: str, new: str, message: str) -> None:
    project.edit(FILE, old, new)
    assert project.problems(STACK)[0] == f"{FILE}: {message}"


def test_a_spoilt_salt_is_told_before_the_engine_stumbles_over_it(project: Project) -> None:
    project.edit(FILE, "encryptionsalt: v1:", "encryptionsalt: v2:")
    (line,) = project.problems(STACK)
    assert line.startswith(f'{FILE}: encryptionsalt: got "v2:')
    assert line.endswith("allowed: v1:SALT:v1:NONCE:PROOF as the engine wrote it; take it back from version control")


def test_what_is_wrong_in_one_stack_hides_nothing_of_the_next(project: Project) -> None:
    for place, other in (("eu-west-1", "eu-west-3"), ("us-east-1", "us-east-2")):
        project.edit(f"stacks/config/Pulumi.demo-aws-{place}.yaml", f"place: {place}", f"place: {other}")
    with pytest.raises(SettingsError) as raised:
        check_environment(project.root, "demo")
    assert [(problem.path, problem.got) for problem in raised.value.problems] == [
        ("region.place", "eu-west-3"),
        ("region.place", "us-east-2"),
    ]


def test_a_value_in_the_wrong_place_is_never_shown(project: Project) -> None:
    project.edit(FILE, "cloud: aws", "cloud: aws\n    token: hunter2\n    key: {secure: v1:abc}")
    assert not any("hunter2" in line or "v1:" in line for line in project.problems(STACK))
    assert len(project.problems(STACK)) == 2


def test_a_platform_without_its_section_says_so_once(project: Project) -> None:
    project.write(FILE, "config:\n  homeport:jurisdiction: eu\n")
    message = "region: got nothing; allowed: the section homeport:region, which says all about this region; add it; see docs/reference/settings.md"
    assert project.problems(STACK) == [f"{FILE}: {message}"]


def test_a_stack_that_its_environment_lacks_is_refused_with_those_it_has(project: Project) -> None:
    (line,) = project.problems("demo-aws-eu-west-3")
    assert line.startswith('stack name: got "demo-aws-eu-west-3"; allowed: demo-aws-account, demo-aws-eu-west-1, ')
    assert line.endswith("; add its region or jurisdiction to stacks/environments/demo.yaml, or correct the name")


def test_a_missing_stack_file_is_named(project: Project) -> None:
    (project.root / FILE).unlink()
    assert project.problems(STACK) == [
        f"{FILE}: got no such file; allowed: a readable file; write it, or correct the name"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id: "123456789012"', "id: abc", 'account.id: got "abc"; allowed: twelve digits in quotes, such as "123456789012"; correct it; see docs/reference/settings.md'),
        ("home: eu-west-1", "home: eu-west1", 'account.home: got "eu-west1"; allowed: a region of aws that the table of places knows; did you mean "eu-west-1" or "us-west-1"?'),
        ("acme/homeport", "homeport", 'account.github.repository: got "homeport"; allowed: a repository as owner/name; correct it; see docs/reference/settings.md'),
        ("homeport:jurisdiction: none", "homeport:jurisdiction: eu", 'jurisdiction: got "eu"; allowed: none; write homeport:jurisdiction: none, an account holds no data'),
    ],
)  # fmt: skip
def test_a_wrong_account_is_refused_with_the_whole_message(project: Project, old: str, new: str, message: str) -> None:
    file = "stacks/config/Pulumi.demo-aws-account.yaml"
    project.edit(file, old, new)
    assert project.problems("demo-aws-account") == [f"{file}: {message}"]


def test_an_account_knows_the_regions_of_each_jurisdiction() -> None:
    settings = load_stack(ROOT, "demo-aws-account")
    assert isinstance(settings, AccountSettings)
    assert settings.jurisdictions == {"eu": ("eu-west-1", "eu-central-1"), "us": ("us-east-1",)}


def test_a_front_door_knows_the_account_of_its_zone_and_the_table_of_places() -> None:
    settings = load_stack(ROOT, "demo-us-front-door")
    assert isinstance(settings, FrontDoorSettings)
    assert settings.account == "123456789012"
    assert settings.places.get(Cloud.AWS, "us-east-1").country == "US"
