"""Keys of callers: the same in every region of a jurisdiction, never replaced, never shown unasked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fleet import keys
from fleet.engine import Engine
from fleet.errors import BadUsage
from fleet.model import Fleet
from tests.fleet.fleets import CENTRAL, WEST
from tests.stacks.project import Project

MODEL = """\
name: fraud
data: {residency: eu}
resources: {cpu: 1, memory_gib: 1}
access: {api_keys: true, callers: [shop, office]}
"""


@pytest.fixture
def keyed(stubbed: Fleet, tmp_path: Path) -> Fleet:
    """The stub's fleet over settings of the test's own, where fraud asks its callers for keys."""
    (tmp_path / "stacks").unlink()
    Project(tmp_path).write("stacks/models/fraud.yaml", MODEL)
    return stubbed


def kept(fleet: Fleet, stack: str) -> dict[str, str]:
    found = fleet.stack(stack)
    assert found is not None
    path = Path(urlsplit(found.backend).path) / f"{stack}.config"
    return json.loads(path.read_text())[keys.SECTION]["fraud"] if path.exists() else {}


def test_each_caller_gets_one_key_for_the_whole_jurisdiction(keyed: Fleet) -> None:
    made = keys.ensure("fraud", keyed, Engine(keyed))
    assert [(key.stack, key.caller, key.made) for key in made] == [
        (f"{place}-models", caller, True) for caller in ("shop", "office") for place in (WEST, CENTRAL)
    ]
    assert kept(keyed, f"{WEST}-models") == kept(keyed, f"{CENTRAL}-models")
    values = kept(keyed, f"{WEST}-models")
    assert values["shop"] != values["office"]
    assert all(re.fullmatch(r"[0-9a-f]{40}", value) for value in values.values())
    assert not any(value in repr(made) for value in values.values())


def test_a_key_that_is_there_is_never_replaced_and_reaches_the_other_region(keyed: Fleet) -> None:
    engine = Engine(keyed)
    west = keyed.stack(f"{WEST}-models")
    assert west is not None
    engine.config(west, ["set", "--secret", "--path", f'{keys.SECTION}["fraud"]["shop"]'], standard_input="a" * 20)
    made = {(key.stack, key.caller): key for key in keys.ensure("fraud", keyed, engine)}
    assert not made[f"{WEST}-models", "shop"].made
    assert kept(keyed, f"{CENTRAL}-models")["shop"] == "a" * 20
    assert not any(key.made for key in keys.ensure("fraud", keyed, engine))


def test_keys_that_differ_are_a_question_for_people(keyed: Fleet) -> None:
    engine = Engine(keyed)
    for place, value in ((WEST, "a" * 20), (CENTRAL, "b" * 20)):
        stack = keyed.stack(f"{place}-models")
        assert stack is not None
        engine.config(stack, ["set", "--secret", "--path", f'{keys.SECTION}["fraud"]["shop"]'], standard_input=value)
    with pytest.raises(BadUsage, match=f"shop has different keys in {WEST}-models, {CENTRAL}-models") as raised:
        keys.ensure("fraud", keyed, engine)
    assert "aaaa" not in str(raised.value)


def test_no_key_stands_in_a_list_of_processes(keyed: Fleet) -> None:
    made = keys.ensure("fraud", keyed, Engine(keyed))
    calls = Path(urlsplit(keyed.stacks[3].backend).path, "calls").read_text()
    assert not any(key.value in calls for key in made)


@pytest.mark.parametrize(
    ("model", "message"),
    [("freud", 'got "freud"; allowed: churn, fraud'), ("churn", "keys churn: its callers need none")],
)
def test_a_model_without_keys_is_told(keyed: Fleet, model: str, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        keys.ensure(model, keyed, Engine(keyed))


def test_the_first_callers_key_goes_along_with_an_example(keyed: Fleet) -> None:
    engine = Engine(keyed)
    assert keys.header("fraud", "eu", keyed, engine) == {}
    made = keys.ensure("fraud", keyed, engine)
    assert keys.header("fraud", "eu", keyed, engine) == {"x-api-key": made[0].value}
    assert keys.header("churn", "eu", replace(keyed), engine) == {}


def test_a_stack_that_was_never_made_is_made_first(keyed: Fleet) -> None:
    keys.ensure("fraud", keyed, Engine(keyed))
    calls = Path(urlsplit(keyed.stacks[3].backend).path, "calls").read_text()
    first = next(line for line in calls.splitlines() if f"{WEST}-models" in line)
    assert "stack init" in first
