"""Small images for the tests: a layout with one layer that holds a file of its own and, if asked, a Python 3.11."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model_images.build.documents import CONFIG_TYPE, Blob, Descriptor, json_blob
from model_images.build.foundation import Foundation
from model_images.build.image import config_blob, manifest_blob, platform_of
from model_images.build.layers import Entry, Layer, Tree, write_layer
from model_images.build.layout import write_layout
from model_images.build.platforms import PLATFORMS
from model_images.build.referrers import Referrer, referrer

AMD64 = PLATFORMS["linux/amd64"]
PYTHON: Tree = {"usr/local/bin/python3.11": Entry(content=b"#!/bin/false\n", mode=0o755)}


def small_layer(folder: Path, tree: Tree | None = None, text: str = "one") -> Layer:
    """A layer in a file of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_layer(tree or {"etc/text": Entry(content=text.encode())}, folder / f"{text}.tar.gz", "model")


def small_image(folder: Path, *layers: Layer, labels: dict[str, str] | None = None) -> Descriptor:
    """Writes an image of the given layers, with one referrer, as the layout `folder`; answers its descriptor."""
    ground = Foundation(name="none", digest="sha256:0", layers=())
    config = config_blob(AMD64, ground, layers, labels or {"name": "small"})
    manifest = manifest_blob(config, layers, {})
    image = manifest.descriptor(platform=platform_of(AMD64))
    write_layout(folder, image, [*layers, config, manifest], [note(image)])
    return image


def note(image: Descriptor) -> Referrer:
    """Something that refers to an image."""
    return referrer(image, Blob(content=b'{"note":1}', media_type="application/vnd.test.note+json"))


def put_blob(folder: Path, document: dict[str, Any]) -> Descriptor:
    """Writes a document into a layout's blobs."""
    blob = json_blob(document, CONFIG_TYPE)
    (folder / "blobs/sha256" / blob.digest.removeprefix("sha256:")).write_bytes(blob.content)
    return blob.descriptor()


def index_of(folder: Path) -> dict[str, Any]:
    """A layout's index.json."""
    return json.loads((folder / "index.json").read_bytes())
