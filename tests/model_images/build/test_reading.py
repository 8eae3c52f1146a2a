"""A stranger's layout is read by its form and its digests, and refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model_images.build.errors import LayoutError
from model_images.build.inspection import inspect
from model_images.build.reading import DOCUMENT_BYTES, manifests, read_blob, read_config, read_image
from tests.model_images.build.layouts import put_blob, small_image, small_layer

ZERO = f"sha256:{'0' * 64}"
CONFIG = {"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [ZERO]}}


def layout(folder: Path, index: object) -> Path:
    """A layout with this index.json."""
    (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def line(**other: Any) -> dict[str, Any]:
    return {"mediaType": "x", "digest": ZERO, "size": 1} | other


INDEXES: list[object] = [
    [],
    {},
    {"manifests": 3},
    {"manifests": [{}]},
    {"manifests": [line(size="1")]},
    {"manifests": [line(size=-1)]},
    {"manifests": [line(digest="sha256:../../../etc/passwd")]},
    {"manifests": [line(platform=json.loads("[" * 900 + "]" * 900))]},
]
CONFIGS: list[dict[str, Any]] = [
    {},
    CONFIG | {"config": {"Env": ["PATH"]}},
    CONFIG | {"rootfs": {"diff_ids": []}},
    CONFIG | {"config": 3},
]


@pytest.mark.parametrize(
    "index",
    INDEXES,
    ids=["list", "empty", "number", "no digest", "text", "negative", "path", "deep"],
)
def test_an_index_of_another_form_is_refused(tmp_path: Path, index: object) -> None:
    with pytest.raises(LayoutError):
        read_image(layout(tmp_path, index))


def test_a_document_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    layout(tmp_path, {})
    (tmp_path / "blobs/sha256" / ("0" * 64)).write_bytes(b"")
    with pytest.raises(LayoutError, match=f"allowed for a document: {DOCUMENT_BYTES}"):
        read_blob(tmp_path, line(size=DOCUMENT_BYTES + 1))


@pytest.mark.parametrize("manifest", [{"layers": []}, {"config": line(), "layers": []}])
def test_a_manifest_that_is_no_image_is_refused(tmp_path: Path, manifest: dict[str, Any]) -> None:
    layout(tmp_path, {})
    layout(tmp_path, {"manifests": [put_blob(tmp_path, manifest)]})
    with pytest.raises(LayoutError, match="is no image"):
        list(manifests(tmp_path))


@pytest.mark.parametrize(
    "config",
    CONFIGS,
    ids=["empty", "variable without a value", "fewer tars than layers", "number"],
)
def test_a_config_of_another_form_is_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    layout(tmp_path, {})
    with pytest.raises(LayoutError):
        read_config(tmp_path, {"config": put_blob(tmp_path, config), "layers": [line()]})


def test_an_sbom_of_another_form_is_refused(tmp_path: Path) -> None:
    image = small_image(tmp_path / "image", small_layer(tmp_path))
    side = layout(tmp_path / "image/referrers", {})
    kind = "application/vnd.cyclonedx+json"
    plain = {key: image[key] for key in ("mediaType", "digest", "size")}
    manifest = {"artifactType": kind, "layers": [put_blob(side, {"components": 3})], "subject": plain}
    layout(side, {"manifests": [put_blob(side, manifest)]})
    with pytest.raises(LayoutError, match="components"):
        inspect(tmp_path / "image")
