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
        ("min: 2, max: 8", "min: 0, max: 8", "scale.replicas.min: got 0; allowed: 1 to 1000 on kubernetes in real time; keep one replica at least, or choose mode async or serverless on sagemaker, or lambda"),
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
        ("serve_on: {aws: kubernetes}", "serve_on: {gcp: vertex}", 'serve_on.gcp: got "vertex"; allowed: not yet: no component serves Google Cloud; remove it'),
        ("{accelerator: cuda}", '{ready: "vllm/vllm-openai:v1"}', 'image.ready: got "vllm/vllm-openai:v1"; allowed: not yet: images of the model image builder only; write {accelerator: ...}'),
    ],
)  # fmt: skip
def test_a_part_that_nothing_serves_is_refused_as_not_yet(project: Project, old: str, new: str, message: str) -> None:
    project.edit(MODEL, old, new)
    assert project.problems(STACK) == [f"{MODEL}: {message}"]


SMALL = "name: churn\ndata: {residency: us}\nresources: {cpu: 1, memory_gib: 2}\n"
SAGEMAKER, LAMBDA = "serve_on: {aws: sagemaker}\n", "serve_on: {aws: lambda}\n"
KEYS = "access: {api_keys: true}\n"
NOT_WAITING = "write mode: async (serve_on: {aws: sagemaker}), or let networks reach Kubernetes without an API"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL + "mode: async", 'mode: got "async"; allowed: realtime on kubernetes; async on sagemaker only; write realtime'),
        (SMALL + LAMBDA + "mode: serverless", 'mode: got "serverless"; allowed: realtime on lambda; serverless on sagemaker only; write realtime: a function is serverless by itself'),
        (SMALL.replace("cpu: 1", "cpu: 2") + LAMBDA, "resources.cpu: got 2.0; allowed: at most 1.2, since on Lambda CPU comes with memory; ask for 3.5 GiB, or for less CPU"),
        (SMALL.replace("memory_gib: 2", "memory_gib: 11") + LAMBDA, "resources.memory_gib: got 11.0; allowed: at most 10 on Lambda; serve on kubernetes, or on sagemaker in real time"),
        (SMALL.replace("2}", "2, accelerator: {type: l4}}") + "image: {accelerator: cuda}\n" + LAMBDA, 'resources.accelerator: got "l4"; allowed: none on Lambda; remove it, or serve on kubernetes or sagemaker in real time'),
        (SMALL.replace("memory_gib: 2", "memory_gib: 7") + SAGEMAKER + "mode: serverless", "resources.memory_gib: got 7.0; allowed: at most 6 on a serverless endpoint; serve on kubernetes, or on sagemaker in real time"),
        (SMALL + "scale: {metrics: [{queue_length: 8}]}", 'scale.metrics[0]: got "queue_length"; allowed: on kubernetes: cpu_utilization, memory_utilization; choose one of them'),
        (SMALL + 'scale: {schedule: [{cron: "0 7 * * 1-5", min: 6}]}', "scale.schedule: got a list; allowed: a schedule on sagemaker, realtime or async, only; remove it: replicas follow metrics"),
        (SMALL + SAGEMAKER + "scale: {replicas: {min: 0, max: 2}}", "scale.replicas.min: got 0; allowed: 1 to 1000 on sagemaker in real time; keep one replica at least, or choose mode async or serverless on sagemaker, or lambda"),
        (SMALL + SAGEMAKER + "mode: async\nscale: {replicas: {min: 0, max: 2}}", "scale.metrics: got a list; allowed: queue_length among them: from none it is calls that wait which wake the first replica; add it, or keep one replica"),
        (SMALL.replace("memory_gib: 2", "memory_gib: 4000") + SAGEMAKER, 'resources: got "1 vCPUs, 4000 GiB"; allowed: what one machine of an endpoint has, at most ml.r6i.32xlarge with 128 vCPUs, 921.6 GiB; ask for less, or serve on kubernetes'),
        (SMALL + SAGEMAKER + 'capture: {sample: 1, retention_days: 3}\ndrift: {baseline: first, schedule: "30 * * * *"}', 'drift.schedule: got "30 * * * *"; allowed: a schedule in full hours; write 0 as the first field, such as "0 * * * *"'),
        (SMALL + KEYS + "slo: {availability: 99, latency_p99_ms: 29001}", f"slo.latency_p99_ms: got 29001; allowed: at most 29000, the API's longest wait; {NOT_WAITING}"),
        (SMALL + "shadow: {candidate: true}", "shadow: got a mapping; allowed: on sagemaker only; remove it, or write serve_on: {aws: sagemaker}"),
        (SMALL + SAGEMAKER + "drift: {baseline: first}", "drift: got a mapping; allowed: drift with capture: it reads what was captured; add capture, or remove drift"),
        (SMALL + SAGEMAKER + "mode: serverless\ncapture: {sample: 0.1, retention_days: 3}", "capture: got a mapping; allowed: no part of a serverless endpoint; remove it, or write mode: realtime"),
        (SMALL.replace("cpu: 1", "cpu: 17") + 'batch: {schedule: "0 2 * * *"}', 'batch: got "17 CPUs and 2 GiB"; allowed: at most 16 CPUs and 120 GiB for a batch without an accelerator; ask for less, or remove batch'),
        (SMALL + SAGEMAKER + "mode: async\nstream: {input: a, output: b}", "stream: got a mapping; allowed: a stream of a model that answers at once; write mode: realtime"),
        (SMALL + "access: {networks: [10.0.0.0/8]}\nstream: {input: a, output: b}", "stream: got a mapping; allowed: a stream of a model that is called by an API or by nobody from outside; add api_keys, jwt or mutual_tls to access, or remove access.networks"),
        (SMALL + "access: {rate: {per_second: 5, burst: 9}}", "access.networks: got a list; allowed: who may call: networks, api_keys, jwt or mutual_tls; name one of them, or remove the other parts"),
        (SMALL + "access: {networks: [10.0.0.0/8], quota_per_day: 5}", "access.quota_per_day: got 5; allowed: a quota with api_keys: true, since calls are counted by key; add it, or remove the quota"),
        (SMALL + "access: {api_keys: true, callers: [a, a]}", 'access.callers[1]: got "a"; allowed: each caller once; remove it'),
        (SMALL + "access: {networks: [10.0.0.0/8], callers: [a]}", "access.callers: got a list; allowed: callers with api_keys: true; add it"),
        (SMALL + 'access: {jwt: {issuer: "http://x.example", audience: a}}', f'access.jwt.issuer: got "http://x.example"; allowed: an https:// address without query and fragment; correct it; {SEE}'),
        (SMALL + "access: {mutual_tls: {authorities: ../x.pem}}", f'access.mutual_tls.authorities: got "../x.pem"; allowed: the name of a file in the same folder; correct it; {SEE}'),
    ],
)  # fmt: skip
def test_what_the_target_cannot_do_is_refused(project: Project, text: str, message: str) -> None:
    project.write("stacks/models/churn.yaml", text)
    assert project.problems("demo-aws-us-east-1-models") == [f"stacks/models/churn.yaml: {message}"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "got churn.json, which cannot be read; allowed: the name of a text file in stacks/models; write the file, or remove the field"),
        ("[]", 'got "churn.json"; allowed: a file with one JSON object of at most 400 KB; write it anew: python -m model_images schema FOLDER > stacks/models/churn.json'),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_is_refused(project: Project, content: str | None, message: str) -> None:
    project.write("stacks/models/churn.yaml", SMALL + "access: {networks: [10.0.0.0/8], request_schema: churn.json}")
    if content is not None:
        project.write("stacks/models/churn.json", content)
    problems = project.problems("demo-aws-us-east-1-models")
    assert problems == [f"stacks/models/churn.yaml: access.request_schema: {message}"]


def test_a_private_key_among_the_authorities_is_refused_without_being_shown(project: Project) -> None:
    project.write("stacks/models/churn.yaml", SMALL + "access: {mutual_tls: {authorities: churn.pem}}")
    project.write("stacks/models/churn.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMIIsecret")
    (problem,) = project.problems("demo-aws-us-east-1-models")
    assert "certificates in PEM form, and no private key" in problem
    assert "MIIsecret" not in problem


CHURN_STACK = "stacks/config/Pulumi.demo-aws-us-east-1-models.yaml"


@pytest.mark.parametrize(
    ("callers", "message"),
    [
        ("{}", "callers.churn.default: got nothing; allowed: the key of caller default; run: python -m fleet keys --env demo churn"),
        ("{churn: {default: short}}", "callers.churn.default: got another value; allowed: a secret of 20 to 128 letters and digits; write {MODEL: {CALLER: {secure: ...}}} by: python -m fleet keys"),
        ('{churn: {default: {secure: "v1:x"}, old: {secure: "v1:x"}}}', 'callers.churn: got "old"; allowed: default; remove it'),
    ],
)  # fmt: skip
def test_a_caller_without_a_key_and_a_key_of_nobody_are_refused(project: Project, callers: str, message: str) -> None:
    project.write("stacks/models/churn.yaml", SMALL + KEYS)
    project.edit(CHURN_STACK, "  homeport:releases:", f"  homeport:callers: {callers}\n  homeport:releases:")
    assert project.problems("demo-aws-us-east-1-models") == [f"{CHURN_STACK}: {message}"]


def test_a_key_in_clear_is_never_shown(project: Project) -> None:
    project.write("stacks/models/churn.yaml", SMALL + KEYS)
    project.edit(
        CHURN_STACK,
        "  homeport:releases:",
        "  homeport:callers: {churn: {default: no-spaces-but-a-dash-1}}\n  homeport:releases:",
    )
    (problem,) = project.problems("demo-aws-us-east-1-models")
    assert "no-spaces" not in problem


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (RELEASE.replace("f00d", "F00D"), f'.stable.image: got "sha256:{"F00D" * 12}...; allowed: sha256: and 64 hexadecimal digits; correct it; {SEE}'),
        ('{stable: {image: "v1.2"}}', f'.stable.image: got "v1.2"; allowed: sha256: and 64 hexadecimal digits; correct it; {SEE}'),
        ("{}", f".stable: got nothing; allowed: what answers callers; add it; {SEE}"),
        (RELEASE[:-1] + f', candidate: {{image: "{DIGEST}"}}, candidate_weight: 10}}', ".candidate: got a mapping; allowed: a candidate of a model behind an API, which shares the calls out; add api_keys, jwt or mutual_tls to stacks/models/fraud.yaml, or remove the candidate"),
        (RELEASE[:-1] + ", candidate_weight: 10}", ".candidate_weight: got 10; allowed: a weight with a candidate; add candidate, or remove the weight"),
        (RELEASE[:-2] + f', weights: "{DIGEST}"}}}}', f'.stable.weights: got "sha256:{"f00d" * 12}...; allowed: not yet: on kubernetes weights lie in the image; remove it'),
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


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        ("count: 1", "count: 4", "4 l4, 2 CPUs and 8 GiB"),
        ("memory_gib: 8", "memory_gib: 15", "1 l4, 2 CPUs and 15 GiB"),
        ("cpu: 2", "cpu: 3.5", "1 l4, 3.5 CPUs and 8 GiB"),
    ],
)
def test_a_model_that_no_pool_can_hold_is_refused(project: Project, old: str, new: str, asked: str) -> None:
    project.edit(MODEL, old, new)
    got = f'"fraud, which asks for {asked} on one node"'
    step = "add a pool to stacks/config/Pulumi.demo-aws-eu-west-1.yaml"
    allowed = "models for the pools: gpu-l4 (1 l4, 3 CPUs and 14.4 GiB a node)"
    assert project.problems(STACK) == [
        f"{FILE}: releases.fraud: got {got}; allowed: {allowed}; {step}, or remove the release"
    ]


def test_a_pool_of_something_unknown_holds_no_model(project: Project) -> None:
    project.edit("stacks/config/Pulumi.demo-aws-eu-west-1.yaml", "accelerator: l4", "accelerator: L4")
    [problem] = project.problems(STACK)
    assert "allowed: models for the pools: none;" in problem


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
