"""An image on a given base."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from model_images.build.errors import BuildError, LayoutError
from model_images.build.foundation import foundation
from model_images.build.layers import MEMBER_BYTES, Entry
from model_images.build.platforms import PLATFORMS
from model_images.build.reading import blob_path
from tests.model_images.build.layouts import AMD64, PYTHON, small_image, small_layer


def test_a_layouts_image_is_taken_by_its_digest(tmp_path: Path) -> None:
    large = {"a/first": Entry(content=os.urandom(MEMBER_BYTES))}  # Python lies in the second gzip member
    layer = small_layer(tmp_path, large | PYTHON)
    image = small_image(tmp_path / "base", layer)
    ground = foundation(str(tmp_path / "base"), AMD64)
    assert (ground.digest, ground.python) == (image["digest"], "/usr/local/bin/python3.11")
    assert [given.digest for given in ground.layers] == [layer.digest]


def test_a_base_without_the_right_python_is_refused(tmp_path: Path) -> None:
    small_image(tmp_path / "base", small_layer(tmp_path))
    with pytest.raises(BuildError, match=r"holds no Python 3\.11; looked for usr/local/bin/python3\.11 and usr/bin"):
        foundation(str(tmp_path / "base"), AMD64)


def test_a_base_for_another_platform_is_refused(tmp_path: Path) -> None:
    small_image(tmp_path / "base", small_layer(tmp_path, PYTHON))
    with pytest.raises(BuildError, match="is not for linux/arm64; give one that is, or another --platform"):
        foundation(str(tmp_path / "base"), PLATFORMS["linux/arm64"])


def test_a_damaged_base_is_refused(tmp_path: Path) -> None:
    layer = small_layer(tmp_path, PYTHON)
    small_image(tmp_path / "base", layer)
    blob_path(tmp_path / "base", layer.digest).write_bytes(b"x")
    with pytest.raises(LayoutError, match="missing or damaged; fetch the base image again"):
        foundation(str(tmp_path / "base"), AMD64)


def test_a_base_whose_config_names_another_tar_is_refused(tmp_path: Path) -> None:
    small_image(tmp_path / "base", replace(small_layer(tmp_path, PYTHON), diff_id=f"sha256:{'0' * 64}"))
    with pytest.raises(LayoutError, match="its tar has the digest sha256:"):
        foundation(str(tmp_path / "base"), AMD64)


def test_a_tag_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"--base: got 'python:3\.11'; allowed: the folder of an image layout, or"):
        foundation("python:3.11", AMD64)
