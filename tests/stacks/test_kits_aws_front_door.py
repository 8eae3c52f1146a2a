"""How the front door asks for the health of each model, by what serves it and what its callers show."""

from __future__ import annotations

import json

import pulumi
import pytest
import yaml
from yamlcore import CCoreLoader

from stacks.contracts import ServedModel
from stacks.kits.aws import target_of
from stacks.settings import ModelSettings
from tests.recorder import record
from tests.stacks.project import ROOT

SERVED = ServedModel(hostname="public", health_host="own", health_path="/live/ping", alarm="failing")


def asked(name: str, served: ServedModel = SERVED, **change: object) -> dict[str, object]:
    text = (ROOT / f"stacks/models/{name}.yaml").read_text(encoding="utf-8")
    told = json.loads(json.dumps(yaml.load(text, Loader=CCoreLoader))) | change
    model = ModelSettings.model_validate_json(json.dumps(told))

    def program() -> None:
        target = target_of(model, pulumi.Output.from_input(served))
        pulumi.export("target", {key: value for key, value in vars(target).items() if value is not None})

    return dict(record(program).outputs["target"])


@pytest.mark.parametrize(
    ("name", "alarm", "tcp"),
    [("fraud", None, False), ("churn", None, False), ("tumor", "failing", False), ("diabetes", "failing", True)],
)
def test_where_a_checker_does_not_reach_the_model_an_alarm_is_followed_too(
    name: str, alarm: str | None, tcp: bool
) -> None:
    found = asked(name)
    assert (found.get("alarm"), found["tcp"]) == (alarm, tcp)
    assert (found["hostname"], found["health_host"], found["health_path"]) == ("public", "own", "/live/ping")


def test_an_endpoint_that_promises_nothing_is_followed_all_the_same() -> None:
    assert asked("tumor", slo=None)["alarm"] == "failing"


def test_without_a_host_of_its_own_health_is_asked_where_callers_call() -> None:
    assert asked("fraud", ServedModel(hostname="public"))["health_host"] == "public"


def test_a_models_stack_that_tells_of_no_alarm_is_behind() -> None:
    with pytest.raises(pulumi.RunError, match="tumor has no alarm that the front door could follow"):
        asked("tumor", ServedModel(hostname="public"))
