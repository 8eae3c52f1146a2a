"""The store of what exists: whole after a kill, shared by processes, and without duplicates."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tools.offline.cloud.drift import NoSuchThing, drift
from tools.offline.cloud.faults import FaultsUnreadable, fault_for
from tools.offline.cloud.store import AlreadyExists, Key, Store, Thing

ROLE = Key(token="aws:iam/role:Role", account="123456789012", place="global", id="reader")
ROOT = Path(__file__).parents[3]


def thing(key: Key = ROLE, identity: str | None = "reader") -> Thing:
    inputs = {"name": key.id, "tags": {"owner": "a"}, "rules": [{"port": 1}]}
    return Thing(key=key, urn=f"urn:pulumi:s::p::{key.token}::role", identity=identity, inputs=inputs, outputs=inputs)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cloud.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return Store(path)


def test_a_thing_comes_back_as_it_was_put(store: Store, path: Path) -> None:
    store.add(thing())
    assert Store(path).get(ROLE) == thing()


def test_a_second_thing_of_one_identity_is_refused(store: Store) -> None:
    store.add(thing())
    with pytest.raises(AlreadyExists, match="reader"):
        store.add(thing(replace(ROLE, id="other")))


def test_things_without_identity_may_be_alike(store: Store) -> None:
    for number in range(2):
        store.add(thing(replace(ROLE, id=f"vpc-{number}"), None))
    assert len(store.all(ROLE.token)) == 2


def test_a_place_of_its_own_makes_another_thing(store: Store) -> None:
    store.add(thing(identity="a"))
    store.add(thing(replace(ROLE, place="elsewhere"), identity="b"))
    assert [found.key.place for found in store.all(place="elsewhere")] == ["elsewhere"]


def test_removing_what_is_gone_is_fine(store: Store) -> None:
    store.add(thing())
    store.remove(ROLE)
    store.remove(ROLE)
    assert store.get(ROLE) is None


def test_a_thing_that_is_gone_cannot_be_changed_back_to_life(store: Store) -> None:
    store.put(thing())
    assert store.get(ROLE) is None


def test_many_processes_write_at_once_and_lose_nothing(store: Store, path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tools.offline.cloud.store import *\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for i in range(20):\n"
        "    key = Key(token='t', account='a', place='p', id=sys.argv[2] + str(i))\n"
        "    store.add(Thing(key=key, urn='u', identity=None, inputs={}, outputs={}))\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    running = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("a", "b", "c")]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len(store.all("t")) == 60


def test_drift_changes_the_value_at_a_path(store: Store, path: Path) -> None:
    store.add(thing())
    assert drift(path, "Role", "role", ("tags.owner", "b")) == 'aws:iam/role:Role reader: tags.owner is "b" now'
    drift(path, ROLE.token, "reader", ("rules[0].port", 2))
    found = store.get(ROLE)
    assert found is not None
    assert found.inputs == found.outputs == {"name": "reader", "tags": {"owner": "b"}, "rules": [{"port": 2}]}


def test_drift_takes_a_thing_away(store: Store, path: Path) -> None:
    store.add(thing())
    drift(path, "Role", "role", None)
    assert store.get(ROLE) is None


def test_drift_of_what_is_not_there_says_what_is(store: Store, path: Path) -> None:
    store.add(thing())
    with pytest.raises(NoSuchThing, match=r"Of that type there is: role \(reader\)"):
        drift(path, "Role", "writer", None)


def faults(tmp_path: Path, *rows: object) -> Path:
    file = tmp_path / "faults.yaml"
    file.write_text(json.dumps(rows))
    return file


def test_a_fault_strikes_what_it_names_and_nothing_else(store: Store, tmp_path: Path) -> None:
    file = faults(tmp_path, {"type": ROLE.token, "name": "role", "operation": "create", "do": "quota"})
    struck = fault_for(file, store, token=ROLE.token, name="role", operation="create")
    assert struck is not None
    assert struck.message.startswith("LimitExceededException")
    assert fault_for(file, store, token=ROLE.token, name="other", operation="create") is None
    assert fault_for(file, store, token=ROLE.token, name="role", operation="delete") is None
    assert fault_for(None, store, token=ROLE.token, name="role", operation="create") is None


def test_a_quota_speaks_as_its_service_does(store: Store, tmp_path: Path) -> None:
    file = faults(tmp_path, {"operation": "create", "do": "quota"})
    struck = fault_for(file, store, token="aws:sagemaker/endpoint:Endpoint", name="n", operation="create")
    assert struck is not None
    assert struck.message.startswith("ResourceLimitExceeded: ")
    assert "'ml.g5.xlarge for endpoint usage'" in struck.message


def test_a_fault_strikes_as_often_as_it_says(store: Store, tmp_path: Path) -> None:
    file = faults(tmp_path, {"operation": "create", "do": "fail", "times": 2})
    struck = [fault_for(file, store, token="t", name="n", operation="create") for _ in range(3)]
    assert [one is not None for one in struck] == [True, True, False]


@pytest.mark.parametrize("row", [{"operation": "create", "do": "explode"}, {"operaton": "create", "do": "fail"}])
def test_a_fault_that_is_none_is_refused(store: Store, tmp_path: Path, row: dict[str, str]) -> None:
    with pytest.raises(FaultsUnreadable, match=r"faults\.yaml"):
        fault_for(faults(tmp_path, row), store, token="t", name="n", operation="create")
