"""Model files and releases: each wrong input, with the whole message that a person gets."""
# ruff: noqa: E501  a message is a fact: it stands whole, on one line

from __future__ import annotations

import pytest

from components.accelerators import ACCELERATORS
from stacks.settings import FrontDoorSettings, ModelsSettings, load_environment, load_stack
from tests.stacks.project import EXAMPLE_DIGEST, Project

MODEL = "stacks/models/fraud.yaml"
STACK = "demo-aws-eu-west-1-models"
FILE = f"stacks/config/Pulumi.{STACK}.yaml"
SEE = "see docs/reference/settings.md"
DIGEST = EXAMPLE_DIGEST
RELEASE = f'{{stable: {{image: "{DIGEST}"}}}}'
NAME = "1 to 32 lower-case letters, digits and dashes, first a letter, last no dash"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: fraud", "name: freud", 'name: got "freud"; allowed: fraud; a model\'s file is named after it: rename one of the two'),
        ("name: fraud", "name: a-model-whose-name-is-too-long-for-it", f'name: got "a-model-whose-name-is-too-long-for-it"; allowed: {NAME}; correct it; {SEE}'),
        ("{residency: eu}", "{residency: ue}", 'data.residency: got "ue"; allowed: eu, us, none; add jurisdiction ue with a region to the environment, or leave the model out of its `models`'),
        ("{residency: eu}", "{}", f"data.residency: got nothing; allowed: the jurisdiction that every byte of it stays in, such as eu; add it; {SEE}"),
        ("{cpu: 2, memory_gib: 8,", "{cpu: two, memory_gib: 8,", f'resources.cpu: got "two"; allowed: a number; correct it; {SEE}'),
        ("{cpu: 2, memory_gib: 8,", "{cpu: 0, memory_gib: 8,", f"resources.cpu: got 0; allowed: more than 0 and at most 192; correct it; {SEE}"),
        ("{cpu: 2, memory_gib: 8,", "{cpu: 2, memory: 8,", f"resources.memory_gib: got nothing; allowed: memory of each replica in GiB; more is never given; add it; {SEE}"),
        ("type: l4,", "type: L4,", f'resources.accelerator.type: got "L4"; allowed: {", ".join(ACCELERATORS)}; did you mean "l4" or "l40s"?'),
        ("{accelerator: cuda}", "{accelerator: cpu}", 'image.accelerator: got "cpu"; allowed: cuda, since resources.accelerator is l4; make the two fit'),
        (", accelerator: {type: l4, count: 1}", "", 'image.accelerator: got "cuda"; allowed: cpu, since resources asks for no accelerator; make the two fit'),
        ("min: 2, max: 8", "min: 9, max: 8", "scale.replicas.min: got 9; allowed: at most max, 8; lower min or raise max"),
        ("min: 2, max: 8", "min: 0, max: 8", "scale.replicas.min: got 0; allowed: 1 to 1000; keep one replica at least: no component wakes a model from none"),
        ("[{cpu_utilization: 70}]", "[{cpu_utilization: 170}]", f"scale.metrics[0].cpu_utilization: got 170; allowed: 1 to 100; correct it; {SEE}"),
        ("[{cpu_utilization: 70}]", "[{cpu_utilization: 70, memory_utilization: 80}]", 'scale.metrics[0]: got "cpu_utilization, memory_utilization"; allowed: exactly one of cpu_utilization, memory_utilization, gpu_utilization, queue_length; write one entry for each metric'),
        ("[{cpu_utilization: 70}]", "[{cpu_utilization: 70}, {cpu_utilization: 80}]", 'scale.metrics[1]: got "cpu_utilization"; allowed: each metric once; remove one of the two'),
        ("availability: 99.9", "availability: 100", f"slo.availability: got 100; allowed: at least 90 and less than 100; correct it; {SEE}"),
        ("198.51.100.0/24", "0.0.0.0/0", 'access.networks[0]: got "0.0.0.0/0"; allowed: IPv4 ranges of /8 or narrower; name the networks that need it; the whole internet is refused'),
        ("mode: realtime", "mode: batch", f'mode: got "batch"; allowed: realtime, async, serverless; correct it; {SEE}'),
    ],
)  # fmt: skip
def test_a_wrong_model_is_refused_with_the_whole_message(project: Project, old: str, new: str, message: str) -> None:
    project.edit(MODEL, old, new)
    assert project.problems(STACK)[0] == f"{MODEL}: {message}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("serve_on: {aws: kubernetes}", "serve_on: {aws: lambda}", 'serve_on.aws: got "lambda"; allowed: not yet: kubernetes only; write kubernetes'),
        ("serve_on: {aws: kubernetes}", "serve_on: {gcp: vertex}", 'serve_on.gcp: got "vertex"; allowed: not yet: no component serves Google Cloud; remove it'),
        ("{accelerator: cuda}", '{ready: "vllm/vllm-openai:v1"}', 'image.ready: got "vllm/vllm-openai:v1"; allowed: not yet: images of the model image builder only; write {accelerator: ...}'),
        ("mode: realtime", "mode: async", 'mode: got "async"; allowed: not yet: realtime only; write realtime'),
        ("[{cpu_utilization: 70}]", "[{queue_length: 8}]", 'scale.metrics[0]: got "queue_length"; allowed: not yet: cpu_utilization, memory_utilization only; choose one of them'),
        ("[{cpu_utilization: 70}]", '[{cpu_utilization: 70}]\n  schedule: [{cron: "0 7 * * 1-5", timezone: Europe/Berlin, min: 6}]', "scale.schedule: got a list; allowed: not yet: replicas follow metrics only; remove it"),
        ("access: {", "access: {api_keys: true, ", "access.api_keys: got true; allowed: not yet: access is by networks only; remove it"),
        ("access: {", 'access: {jwt: {issuer: "https://login.example.com/", audience: fraud}, ', "access.jwt: got a mapping; allowed: not yet: access is by networks only; remove it"),
        ("access: {", "access: {rate: {per_second: 200, burst: 400}, ", "access.rate: got a mapping; allowed: not yet: access is by networks only; remove it"),
        ("access: {", "access: {quota_per_day: 1000000, ", "access.quota_per_day: got 1000000; allowed: not yet: access is by networks only; remove it"),
        ("mode: realtime", "cache: {ttl_s: 60}", "cache: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", "capture: {sample: 0.1, retention_days: 30}", "capture: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", "stream: {input: payments, output: scores}", "stream: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", "features: {table: customers, key: customer_id}", "features: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", 'batch: {schedule: "0 2 * * *", input: exports/, spot: true}', "batch: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", "shadow: {candidate: true}", "shadow: got a mapping; allowed: not yet: no component serves this part; remove it"),
        ("mode: realtime", "drift: {baseline: fraud.baseline.json}", "drift: got a mapping; allowed: not yet: no component serves this part; remove it"),
    ],
)  # fmt: skip
def test_a_part_that_nothing_serves_is_refused_as_not_yet(project: Project, old: str, new: str, message: str) -> None:
    project.edit(MODEL, old, new)
    assert project.problems(STACK) == [f"{MODEL}: {message}"]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (RELEASE.replace("f00d", "F00D"), f'.stable.image: got "sha256:{"F00D" * 12}...; allowed: sha256: and 64 hexadecimal digits; correct it; {SEE}'),
        ('{stable: {image: "v1.2"}}', f'.stable.image: got "v1.2"; allowed: sha256: and 64 hexadecimal digits; correct it; {SEE}'),
        ("{}", f".stable: got nothing; allowed: what answers callers; add it; {SEE}"),
        (RELEASE[:-1] + f', candidate: {{image: "{DIGEST}"}}, candidate_weight: 10}}', ".candidate: got a mapping; allowed: not yet: only a stable image is served; remove it"),
        (RELEASE[:-2] + f', weights: "{DIGEST}"}}}}', f'.stable.weights: got "sha256:{"f00d" * 12}...; allowed: not yet: only a stable image is served; remove it'),
        (RELEASE[:-1] + ", candidate_weight: 101}", f".candidate_weight: got 101; allowed: 0 to 100; correct it; {SEE}"),
    ],
)  # fmt: skip
def test_a_wrong_release_is_refused_with_the_whole_message(project: Project, new: str, message: str) -> None:
    project.edit(FILE, RELEASE, new)
    assert project.problems(STACK)[0] == f"{FILE}: releases.fraud{message}"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("freud", 'got "freud"; allowed: fraud; did you mean "fraud"?'),
        ("churn", 'got "churn"; allowed: fraud; remove it: data of churn stays in us, and this region belongs to eu'),
    ],
)
def test_a_release_of_a_model_that_may_not_be_here_is_refused(project: Project, name: str, message: str) -> None:
    project.edit(FILE, f"fraud: {RELEASE}", f"{name}: {RELEASE}")
    assert project.problems(STACK) == [f"{FILE}: releases.{name}: {message}"]


def test_a_model_that_no_pool_can_hold_is_refused(project: Project) -> None:
    project.edit(MODEL, "count: 1", "count: 4")
    got, step = '"fraud, which asks for 4 l4 on one node"', "add a pool to stacks/config/Pulumi.demo-aws-eu-west-1.yaml"
    allowed = "models for the pools: gpu-l4 (1 l4 a node)"
    assert project.problems(STACK) == [
        f"{FILE}: releases.fraud: got {got}; allowed: {allowed}; {step}, or remove the release"
    ]


def test_a_model_without_residency_may_be_in_every_region(project: Project) -> None:
    project.edit("stacks/models/churn.yaml", "{residency: us}", "{residency: none}")
    settings = load_stack(project.root, STACK)
    assert isinstance(settings, ModelsSettings)
    assert [(model.name, release is not None) for model, release in settings.models] == [
        ("fraud", True),
        ("churn", False),
    ]


def test_the_defaults_of_a_model_load(project: Project) -> None:
    project.write(MODEL, "{name: fraud, data: {residency: eu}, resources: {cpu: 1, memory_gib: 1}}")
    model = load_environment(project.root, "demo").models[0]
    assert (model.scale.replicas.min, model.scale.replicas.max, model.access.networks) == (2, 10, ())
    assert [metric.kind for metric in model.scale.metrics] == ["cpu_utilization"]


def test_a_front_door_knows_which_region_has_which_model(project: Project) -> None:
    project.edit("stacks/config/Pulumi.demo-aws-eu-central-1-models.yaml", f"fraud: {RELEASE}", "{}")
    settings = load_stack(project.root, "demo-eu-front-door")
    assert isinstance(settings, FrontDoorSettings)
    assert [(region.models_stack, region.models) for region in settings.regions] == [
        ("demo-aws-eu-west-1-models", ("fraud",)),
        ("demo-aws-eu-central-1-models", ()),
    ]
    assert [model.name for model in settings.models] == ["fraud"]


def test_a_front_door_needs_every_models_stack_of_its_jurisdiction(project: Project) -> None:
    (project.root / FILE).unlink()
    assert project.problems("demo-us-front-door") == []
    assert project.problems("demo-eu-front-door") == [
        f"{FILE}: got no such file; allowed: a readable file; write it, or correct the name"
    ]


def test_problems_of_all_files_come_at_once(project: Project) -> None:
    project.edit(MODEL, "cpu: 2", "cpu: two")
    project.edit("stacks/models/churn.yaml", "cpu: 1", "cpu: one")
    assert [line.split(": ")[0] for line in project.problems(STACK)] == [MODEL, "stacks/models/churn.yaml"]
