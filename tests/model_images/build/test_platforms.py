"""`--platform`: what is allowed, and in which order images are built."""

from __future__ import annotations

import pytest

from model_images.build.errors import BuildError
from model_images.build.platforms import platforms_of


def test_the_order_of_the_question_does_not_matter() -> None:
    assert [str(platform) for platform in platforms_of("linux/arm64, linux/amd64")] == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize("text", ["windows/amd64", "linux/amd64,amd64", "", ","])
def test_an_unknown_platform_is_refused_with_the_allowed_ones(text: str) -> None:
    with pytest.raises(BuildError, match=r"--platform: got .*; allowed: linux/amd64, linux/arm64"):
        platforms_of(text)
