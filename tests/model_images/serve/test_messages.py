"""Refusals as answers."""

from __future__ import annotations

import json

import pytest

from model_images.serve.messages import Refused, refusal


@pytest.mark.parametrize(("status", "later"), [(429, True), (503, True), (422, False), (500, False)])
def test_a_refusal_says_why_and_whether_to_ask_again(status: int, later: bool) -> None:
    answer = refusal(Refused(status, "no"))
    assert (answer.status, json.loads(answer.body)) == (status, {"error": "no"})
    assert (b"retry-after" in dict(answer.headers)) is later
