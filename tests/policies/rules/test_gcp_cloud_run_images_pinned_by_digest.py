"""Rule: Cloud Run runs images named by digest."""

from __future__ import annotations

import pytest

from policies.images import ALLOWED, FIX
from policies.rules.gcp_cloud_run_images_pinned_by_digest import RULE
from tests.policies.asking import ask

SERVICE = "gcp:cloudrunv2/service:Service"


def test_another_type_is_not_concerned() -> None:
    assert (
        ask(RULE, "gcp:cloudrunv2/serviceIamMember:ServiceIamMember", {"template": {"containers": [{"image": "a"}]}})
        == []
    )


def test_an_image_by_digest_passes() -> None:
    assert ask(RULE, SERVICE, {"template": {"containers": [{"image": "a@sha256:" + "0" * 64}]}}) == []


def test_an_image_by_tag_fails() -> None:
    assert ask(RULE, SERVICE, {"template": {"containers": [{"image": "a:1"}]}}) == [
        f"it ({SERVICE}): template.containers[0].image: got 'a:1'; allowed: {ALLOWED}; {FIX}"
    ]


@pytest.mark.parametrize(
    ("token", "inner"),
    [("cloudrunv2/job:Job", "template"), ("cloudrun/service:Service", "spec")],
)
def test_jobs_and_old_services_count_too(token: str, inner: str) -> None:
    inputs = {"template": {inner: {"containers": [{"image": "a:1"}]}}}
    assert f"template.{inner}.containers[0].image" in ask(RULE, f"gcp:{token}", inputs)[0]
