"""How a model's pods are reached and whom they may call, from the model's file."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

import pulumi
import pytest

from components.serving.model import BehindApi, Exposure
from stacks.kits.aws_models import AwsModels
from stacks.settings import ModelSettings, Release
from tests.recorder import record
from tests.stacks.models_settings import models_settings
from tests.stacks.test_kits_aws_endpoint import ACCOUNT, PLATFORM, STACK

NETWORKS = (IPv4Network("198.51.100.0/24"),)
STREAM = {"stream": {"input": "questions", "output": "answers"}}
RELEASE = Release.model_validate({"stable": {"image": "sha256:" + "a" * 64}})
FEATURES = {"subscribers": "arn:table"}


def asked(what: str, parts: Mapping[str, object]) -> object:
    """Of a model with these parts: how it is exposed, which ports it may call, or the names of what it is told."""
    whole = {"name": "fraud", "serve_on": {"aws": "kubernetes"}, "resources": {"cpu": 1, "memory_gib": 2}}
    model = ModelSettings.model_validate({**whole, "data": {"residency": "eu"}, **parts})
    settings = models_settings(model, RELEASE, platform=STACK, account=ACCOUNT)
    answers: list[object] = []

    def program() -> None:
        keys = {**PLATFORM.keys, "features": "arn:features"}
        platform = PLATFORM.model_copy(update={"features": FEATURES, "keys": keys})
        kit = AwsModels(settings, pulumi.Output.from_input(platform))
        around = kit.around(model)
        found = {
            "exposure": kit.exposure(model),
            "reaches": [reach.port for reach in kit.reaches(around)],
            "told": sorted(around.environment),
        }
        answers.append(found[what])

    record(program)
    return answers[0]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({}, type(None)),
        ({"access": {"networks": NETWORKS}}, Exposure),
        ({"access": {"api_keys": True}}, BehindApi),
        ({"access": {"networks": NETWORKS, "quota_per_day": 9, "api_keys": True}}, BehindApi),
        (STREAM, BehindApi),  # the reader of its stream comes by the same balancer
        ({**STREAM, "access": {"networks": NETWORKS, "api_keys": True}}, BehindApi),
    ],
)
def test_a_model_is_reached_by_the_gateway_s_balancer_its_own_or_none(parts: dict[str, object], kind: type) -> None:
    assert type(asked("exposure", parts)) is kind


@pytest.mark.parametrize(
    ("parts", "ports"),
    [
        ({}, []),
        (STREAM, []),  # others call AWS for it
        ({"capture": {"sample": 0.5, "retention_days": 7}}, [80, 443]),
        ({"features": {"table": "subscribers", "key": "id"}}, [80, 443]),
        ({"cache": {"ttl_s": 60}}, [80, 443, 6379]),
    ],
)
def test_pods_may_call_what_their_file_asks_for(parts: dict[str, object], ports: list[int]) -> None:
    assert asked("reaches", parts) == ports


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("kubernetes", ["AWS_REGION", "CAPTURE_SAMPLE", "CAPTURE_SINK"]),
        ("sagemaker", []),  # the endpoint keeps its calls by itself, and its container reaches nothing
        ("lambda", ["CAPTURE_SAMPLE", "CAPTURE_SINK"]),  # which names its region by itself
    ],
)
def test_who_keeps_calls_depends_on_what_serves(target: str, told: list[str]) -> None:
    parts = {"serve_on": {"aws": target}, "capture": {"sample": 0.5, "retention_days": 7}}
    assert asked("told", parts) == told
