"""Any wrong value in any place of a section becomes a problem in our words, and never an exception."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.places import DEFAULT_TABLE, InvalidPlaces
from stacks.settings.account import AccountSection
from stacks.settings.environment_file import EnvironmentFile
from stacks.settings.environment_rules import check_environment_file
from stacks.settings.errors import Problem, SettingsError
from stacks.settings.fields import Section
from stacks.settings.model import ModelSettings
from stacks.settings.not_yet import unserved_parts
from stacks.settings.region import RegionSection
from stacks.settings.release import ReleasesSection
from stacks.settings.translate import parse
from stacks.settings.yaml_files import read_yaml
from tests.stacks.project import ROOT

PYDANTIC_WORDS = ("Input should", "Value error", "validat", "ctx", "~", "[key]")


def config(stack: str) -> dict[str, Any]:
    return file(f"stacks/config/Pulumi.{stack}.yaml")["config"]


def file(path: str) -> dict[str, Any]:
    problems: list[Problem] = []
    data = read_yaml(ROOT, path, problems)
    assert data is not None, problems
    return data


VALID: tuple[tuple[type[Section], dict[str, Any]], ...] = (
    (RegionSection, config("demo-aws-eu-west-1")["homeport:region"]),
    (RegionSection, config("prod-aws-eu-west-1")["homeport:region"]),
    (AccountSection, config("demo-aws-account")["homeport:account"]),
    (ReleasesSection, {"releases": config("demo-aws-eu-west-1-models")["homeport:releases"]}),
    (ModelSettings, file("stacks/models/fraud.yaml")),
    (EnvironmentFile, file("stacks/environments/prod.yaml")),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
)


def places(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(data: dict[str, Any], path: tuple[str | int, ...], value: object) -> object:
    if not path:
        return value
    result: Any = copy.deepcopy(data)
    node = result
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return result


@pytest.mark.parametrize(("section", "data"), VALID)
def test_the_sections_that_are_broken_below_are_right(section: type[Section], data: dict[str, Any]) -> None:
    problems: list[Problem] = []
    assert parse(section, data, file="x.yaml", at="at", problems=problems) is not None
    assert problems == []


@given(st.sampled_from(VALID), st.data())
def test_a_wrong_value_anywhere_becomes_a_problem_in_our_words(
    valid: tuple[type[Section], dict[str, Any]], draw: st.DataObject
) -> None:
    section, data = valid
    broken = changed(data, draw.draw(st.sampled_from(list(places(data)))), draw.draw(values))
    problems: list[Problem] = []
    parsed = parse(section, broken, file="x.yaml", at="at", problems=problems)
    if isinstance(parsed, EnvironmentFile):
        check_environment_file(parsed, DEFAULT_TABLE, "x.yaml", problems)
    elif isinstance(parsed, ModelSettings):
        unserved_parts(parsed, "x.yaml")
    assert (parsed is None) <= bool(problems)
    for problem in problems:
        assert problem.path.startswith("at") or isinstance(parsed, EnvironmentFile)
        assert problem.allowed
        assert problem.next_step
        assert not any(word in f"{problem.allowed} {problem.next_step}" for word in PYDANTIC_WORDS)


@given(values)
def test_any_table_of_places_is_taken_or_refused(value: object) -> None:
    for changes in (
        {"places": value},
        {"jurisdictions": value},
        {"places": {"aws": value}},
        {"places": {"aws": {"eu-west-1": value}}},
    ):
        with suppress(InvalidPlaces):
            assert DEFAULT_TABLE.with_changes(changes).places


def test_an_error_of_one_problem_is_one_line_and_of_many_a_list() -> None:
    problem = Problem("x.yaml", "a.b", 3, "1 or 2", "choose one")
    assert str(SettingsError([problem])) == "x.yaml: a.b: got 3; allowed: 1 or 2; choose one"
    assert str(SettingsError([problem, problem])).startswith("2 problems in the settings:\n  x.yaml: a.b: got 3; ")


def test_a_secret_and_a_long_value_are_not_shown() -> None:
    assert "got a secret;" in str(Problem("x.yaml", "a", {"secure": "v1:abc"}, "b", "c"))
    assert "xxx...;" in str(Problem("x.yaml", "a", "x" * 500, "b", "c"))
