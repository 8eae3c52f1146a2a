"""Rule: SageMaker models run images named by digest."""

from __future__ import annotations

from policies.images import ALLOWED, FIX
from policies.rules.aws_sagemaker_model_image_pinned_by_digest import RULE
from tests.policies.asking import UNKNOWN, ask

MODEL = "aws:sagemaker/model:Model"
PINNED = "fraud@sha256:" + "0" * 64


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:sagemaker/endpoint:Endpoint", {"primaryContainer": {"image": "a:1"}}) == []


def test_images_by_digest_pass() -> None:
    assert ask(RULE, MODEL, {"primaryContainer": {"image": PINNED}, "containers": [{"image": PINNED}]}) == []


def test_each_image_by_tag_fails() -> None:
    assert ask(
        RULE, MODEL, {"primaryContainer": {"image": "a:1"}, "containers": [{"image": PINNED}, {"image": "b:1"}]}
    ) == [
        f"it ({MODEL}): primaryContainer.image: got 'a:1'; allowed: {ALLOWED}; {FIX}",
        f"it ({MODEL}): containers[1].image: got 'b:1'; allowed: {ALLOWED}; {FIX}",
    ]


def test_a_container_not_known_in_an_update_fails() -> None:
    assert (
        "primaryContainer.image: got a value that is not known yet"
        in ask(RULE, MODEL, {"primaryContainer": UNKNOWN})[0]
    )
