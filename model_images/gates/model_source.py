"""A model to look at: a model folder, or a built image, whose model layer is unpacked for the while."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from model_images.registry.descriptors import INDEXES, Descriptor, Manifest, read
from model_images.registry.errors import InputError
from model_images.registry.layout import Layout

MODEL = "opt/ml/model/"


@contextmanager
def opened(path: Path) -> Generator[Path]:
    """The model folder of `path` while the block runs.

    Raises:
        InputError: neither a model folder nor a layout with a model in it; RegistryError where the layout is damaged.
    """
    if (path / "model.yaml").is_file() or not (path / "index.json").is_file():
        yield path
        return
    with tempfile.TemporaryDirectory() as unpacked:
        _unpack(Layout(path), Path(unpacked))
        yield Path(unpacked)


def _unpack(layout: Layout, into: Path) -> None:
    manifest = _image(layout, layout.root)
    for layer in reversed(manifest.layers):  # the model's layer is the last that holds one
        try:
            with tarfile.open(layout.blob(layer)) as archive:
                members = [member for member in archive if member.name.lstrip("./").startswith(MODEL)]
                for member in members:
                    member.name = member.name.lstrip("./").removeprefix(MODEL)
                archive.extractall(into, [member for member in members if member.name], filter="data")
        except tarfile.TarError as error:
            raise InputError(f"{layout}: layer {layer.digest}: not readable: {error}; build the image anew") from error
        if (into / "model.yaml").is_file():
            return
    raise InputError(f"{layout}: no layer holds /{MODEL}model.yaml; allowed: an image that `build` made")


def _image(layout: Layout, found: Descriptor) -> Manifest:
    manifest = read(layout.manifest(found.digest), Manifest, f"{layout}: {found.digest}")
    # Of an index of platforms any will do: the model's files are the same in all.
    return _image(layout, manifest.manifests[0]) if found.media_type in INDEXES and manifest.manifests else manifest
