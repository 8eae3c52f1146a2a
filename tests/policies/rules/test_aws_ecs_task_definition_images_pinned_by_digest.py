"""Rule: ECS tasks run images named by digest."""

from __future__ import annotations

import json

from policies.images import ALLOWED, FIX
from policies.rules.aws_ecs_task_definition_images_pinned_by_digest import RULE
from tests.policies.asking import UNKNOWN, ask

TASK = "aws:ecs/taskDefinition:TaskDefinition"


def containers(*images: str) -> dict[str, object]:
    return {"containerDefinitions": json.dumps([{"image": image} for image in images])}


def test_another_type_is_not_concerned() -> None:
    assert ask(RULE, "aws:ecs/service:Service", containers("a:1")) == []


def test_images_by_digest_pass() -> None:
    assert ask(RULE, TASK, containers("a@sha256:" + "0" * 64)) == []


def test_an_image_by_tag_fails() -> None:
    assert ask(RULE, TASK, containers("a@sha256:" + "0" * 64, "b:1")) == [
        f"it ({TASK}): containerDefinitions[1].image: got 'b:1'; allowed: {ALLOWED}; {FIX}"
    ]


def test_a_text_that_is_no_list_fails() -> None:
    assert ask(RULE, TASK, {"containerDefinitions": "{"}) == [
        f"it ({TASK}): containerDefinitions: got a text that is no list; allowed: a JSON list of containers; {FIX}"
    ]


def test_containers_not_known_in_an_update_fail() -> None:
    assert len(ask(RULE, TASK, {"containerDefinitions": UNKNOWN})) == 1
