"""Rule: containers of Kubernetes objects run images named by digest."""

from __future__ import annotations

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.images import ALLOWED, FIX
from policies.rules.kubernetes_pod_images_pinned_by_digest import RULE
from tests.policies.asking import UNKNOWN, ask

PINNED = "registry.example.com/fraud:v1@sha256:" + "a" * 64
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def deployment(**spec: object) -> dict[str, object]:
    return {"kind": "Deployment", "spec": {"template": {"spec": spec}}}


def test_another_cloud_is_not_concerned() -> None:
    assert ask(RULE, "aws:ecs/taskDefinition:TaskDefinition", deployment(containers=[{"image": "nginx:1"}])) == []


def test_images_by_digest_pass_and_a_container_without_image_is_a_template() -> None:
    spec = deployment(containers=[{"image": PINNED}, {"name": "a"}], volumes=[{"name": "tmp", "emptyDir": {}}])
    assert ask(RULE, DEPLOYMENT, spec) == []


def test_a_tag_fails() -> None:
    path = "spec.template.spec.containers[1].image"
    assert ask(RULE, DEPLOYMENT, deployment(containers=[{"image": PINNED}, {"image": "nginx:1.29"}])) == [
        f"it ({DEPLOYMENT}): {path}: got 'nginx:1.29'; allowed: {ALLOWED}; {FIX}"
    ]


@pytest.mark.parametrize("image", ["nginx", "nginx@sha256:abc", "nginx@sha512:" + "a" * 64, f"{PINNED}0"])
def test_what_only_resembles_a_digest_fails(image: str) -> None:
    assert len(ask(RULE, DEPLOYMENT, deployment(containers=[{"image": image}]))) == 1


@pytest.mark.parametrize("kind", ["initContainers", "ephemeralContainers"])
def test_other_containers_of_the_pod_count_too(kind: str) -> None:
    assert len(ask(RULE, DEPLOYMENT, deployment(**{kind: [{"image": "busybox"}]}))) == 1


def test_a_volume_made_from_an_image_counts_too() -> None:
    spec = deployment(volumes=[{"image": {"reference": "weights:1"}}])
    assert "volumes[0].image.reference: got 'weights:1'" in ask(RULE, DEPLOYMENT, spec)[0]


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        ("core/v1:Pod", {"spec": {"containers": [{"image": "a"}]}}, "spec.containers[0].image"),
        (
            "batch/v1:CronJob",
            {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}}}},
            "spec.jobTemplate.spec.template.spec.containers[0].image",
        ),
        ("apps/v1:DeploymentList", {"items": [deployment(containers=[{"image": "a"}])]}, "items[0].spec.template.spec"),
        ("example.com/v1:Rollout", deployment(containers=[{"image": "a"}]), "spec.template.spec.containers[0].image"),
    ],
)
def test_every_kind_of_object_that_holds_pods_counts(token: str, inputs: dict[str, object], path: str) -> None:
    assert path in ask(RULE, f"kubernetes:{token}", inputs)[0]


def test_an_image_not_known_yet_is_a_note_in_a_preview_and_what_is_known_is_still_reported() -> None:
    spec = deployment(containers=[{"image": UNKNOWN}])
    with pytest.raises(UnknownValueError) as error:
        ask(RULE, DEPLOYMENT, spec, preview=True)
    assert error.value.message == (
        "string value at .it.spec.template.spec.containers[0].image can't be known during preview"
    )


def test_an_image_not_known_in_an_update_fails() -> None:
    assert "got a value that is not known yet" in ask(RULE, DEPLOYMENT, deployment(containers=UNKNOWN))[0]


def test_a_text_that_is_no_image_is_not_repeated() -> None:
    assert "got a text that is no image" in ask(RULE, DEPLOYMENT, deployment(containers=[{"image": "my secret!"}]))[0]
