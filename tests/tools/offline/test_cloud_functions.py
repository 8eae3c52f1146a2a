"""Lambda in the stand-in: each change of a function is a version more, told as text as Lambda tells it."""

from __future__ import annotations

from tools.offline.cloud.answers import created, previewed_update, updated
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting
from tools.offline.protocol.values import UNKNOWN, Properties

SETTING = Setting(account="123456789012", place="eu-west-1", region="eu-west-1")
ALIAS: Properties = {"name": "live", "functionName": "demo-churn", "functionVersion": "1"}


def asked(token: str, inputs: Properties) -> Asked:
    return Asked(token=token, urn="urn:pulumi:s::p::t::n", name="n", inputs=inputs, setting=SETTING)


def function(image: str) -> Asked:
    return asked("aws:lambda/function:Function", {"name": "demo-churn", "imageUri": image, "role": "r"})


def test_versions_are_counted_as_text() -> None:
    first = created(function("a"))
    second = updated(function("b"), first.id, first.outputs)
    assert (first.outputs["version"], second.outputs["version"]) == ("1", "2")


def test_a_preview_of_another_image_does_not_know_its_version() -> None:
    first = created(function("a"))
    assert previewed_update(function("b"), first.outputs)["version"] == UNKNOWN


def test_an_alias_is_named_behind_its_function_however_that_was_given() -> None:
    by_name = created(asked("aws:lambda/alias:Alias", ALIAS))
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:demo-churn"
    by_arn = created(asked("aws:lambda/alias:Alias", {**ALIAS, "functionName": arn}))
    assert by_name.outputs["arn"] == by_arn.outputs["arn"] == f"{arn}:live"
    assert by_name.outputs["invokeArn"].endswith(f"/functions/{arn}:live/invocations")


def test_warm_environments_of_two_versions_follow_calls_by_policies_of_one_name() -> None:
    told = {"name": "warm", "serviceNamespace": "lambda", "scalableDimension": "lambda:function:ProvisionedConcurrency"}
    token = "aws:appautoscaling/policy:Policy"
    first, second = (created(asked(token, {**told, "resourceId": f"function:f:{version}"})).id for version in (1, 2))
    assert first != second
