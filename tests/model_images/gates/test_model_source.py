"""A built image is read as the model folder in it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from model_images.gates.model_source import opened
from model_images.model_file import model_digest
from model_images.registry.errors import InputError, RegistryError
from tests.model_images.folders import model_folder


def image_of(
    model: Path, layout: Path, *, inside: str = "opt/ml/model", index: bool = False, below: Path | None = None
) -> Path:
    """A layout as `build` makes it, as small as can be: the layer of the folder `below`, then the model's."""
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(content: bytes, kind: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        media_type = f"application/vnd.oci.image.{kind}"
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    layers: list[dict[str, object]] = []
    for files in (sorted(below.iterdir()) if below else [], sorted(model.iterdir())):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path in files:
                archive.add(path, f"{inside}/{path.name}")
        layers.append(blob(gzip.compress(packed.getvalue()), "layer.v1.tar+gzip"))
    manifest = blob(json.dumps({"schemaVersion": 2, "layers": layers}).encode(), "manifest.v1+json")
    if index:
        manifest = blob(json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode(), "index.v1+json")
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    return layout


@pytest.fixture
def stable(tmp_path: Path) -> Path:
    (tmp_path / "stable").mkdir()
    return model_folder(tmp_path / "stable")


def test_a_model_folder_is_itself(stable: Path) -> None:
    with opened(stable) as folder:
        assert folder == stable


@pytest.mark.parametrize("index", [False, True])
def test_an_image_or_an_index_of_platforms_holds_the_same_model(stable: Path, tmp_path: Path, index: bool) -> None:
    with opened(image_of(stable, tmp_path / "image", index=index)) as folder:
        assert model_digest(folder) == model_digest(stable)


def test_an_image_without_a_model_is_refused(stable: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"no layer holds /opt/ml/model/model\.yaml"),
        opened(image_of(stable, tmp_path / "image", inside="srv")),
    ):
        pass


def test_a_damaged_image_is_refused(stable: Path, tmp_path: Path) -> None:
    layout = image_of(stable, tmp_path / "image")
    for blob in (layout / "blobs" / "sha256").iterdir():
        blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    with pytest.raises(RegistryError), opened(layout):
        pass


def test_of_two_layers_with_a_model_the_upper_one_counts(stable: Path, tmp_path: Path) -> None:
    (tmp_path / "older").mkdir()
    older = model_folder(tmp_path / "older", old='version: "1.2"', new='version: "1.1"')
    with opened(image_of(stable, tmp_path / "image", below=older)) as folder:
        assert model_digest(folder) == model_digest(stable)


def test_a_file_that_leads_out_of_the_model_is_refused(stable: Path, tmp_path: Path) -> None:
    layout = image_of(stable, tmp_path / "image", inside="opt/ml/model/../../../..")
    with pytest.raises(InputError, match=r"not readable: .* outside the destination"), opened(layout):
        pass
