"""What an image in a layout is: platforms, layers, labels, what refers to it. Every blob's digest is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from model_images.build.cache import file_digest
from model_images.build.documents import Descriptor
from model_images.build.errors import LayoutError
from model_images.build.layout import REFERRERS
from model_images.build.reading import blob_path, manifests, read_config, read_image, read_index, read_json
from model_images.build.referrers import PROVENANCE_TYPE, SBOM_TYPE


def inspect(layout: Path) -> dict[str, Any]:
    """The image as one document.

    Raises:
        LayoutError: if the folder is no layout, or anything in it is missing or damaged.
    """
    image = read_image(layout)
    artifacts = _artifacts(layout)
    return {
        "digest": image["digest"],
        "platforms": [_platform(layout, one, manifest, artifacts) for one, manifest in manifests(layout)],
        "provenance": _provenance(artifacts, image["digest"]),
        "referrers": [
            {
                "type": manifest.get("artifactType") or "",
                "digest": one["digest"],
                "subject": manifest["subject"]["digest"],
            }
            for one, manifest, _ in artifacts
        ],
    }


class Component(msgspec.Struct, frozen=True):
    """One component of an SBOM, as far as it is shown."""

    name: str
    version: str = ""
    purl: str = ""


class Sbom(msgspec.Struct, frozen=True):
    """The part of an SBOM that is shown."""

    components: list[Component]


class Input(msgspec.Struct, frozen=True):
    """One input of a build."""

    name: str
    digest: dict[str, str]


class Definition(msgspec.Struct, frozen=True, rename="camel"):
    """What was built, from what."""

    external_parameters: dict[str, Any]
    resolved_dependencies: list[Input]


class Predicate(msgspec.Struct, frozen=True, rename="camel"):
    """SLSA's part of a provenance."""

    build_definition: Definition


class Provenance(msgspec.Struct, frozen=True):
    """The part of a provenance that is shown."""

    predicate: Predicate


SHOWN: dict[str, type[msgspec.Struct]] = {SBOM_TYPE: Sbom, PROVENANCE_TYPE: Provenance}
Artifacts = list[tuple[Descriptor, dict[str, Any], dict[str, Any]]]


def _artifacts(layout: Path) -> Artifacts:
    side = layout / REFERRERS
    if not (side / "index.json").is_file():
        return []
    found: Artifacts = []
    for descriptor in read_index(side).get("manifests", ()):
        manifest = read_json(side, descriptor)
        if not manifest.get("subject"):
            raise LayoutError(f"{side}: {descriptor['digest']} refers to no image; build or pull the image again")
        shape = SHOWN.get(manifest.get("artifactType") or "")
        document = read_json(side, manifest["layers"][0], shape) if shape and manifest.get("layers") else {}
        found.append((descriptor, manifest, document))
    return found


def _platform(
    layout: Path, descriptor: Descriptor, manifest: Mapping[str, Any], artifacts: Artifacts
) -> dict[str, Any]:
    config = read_config(layout, manifest)
    started = config.get("config", {})
    layers: list[dict[str, Any]] = [
        {
            "role": _role(layer),
            "size": layer["size"],
            "digest": _checked(layout, layer),
            "diff_id": diff_id,
        }
        for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True)
    ]
    return {
        "platform": f"{config['os']}/{config['architecture']}",
        "digest": descriptor["digest"],
        "size": sum(layer["size"] for layer in layers),
        "layers": layers,
        "labels": started.get("Labels") or {},
        "entry_point": [*(started.get("Entrypoint") or ()), *(started.get("Cmd") or ())],
        "sbom": _sbom(artifacts, descriptor["digest"]),
    }


def _role(layer: Descriptor) -> str:
    annotations: Mapping[str, str] = layer.get("annotations") or {}
    return annotations.get("io.homeport.layer", "")


def _checked(layout: Path, layer: Descriptor) -> str:
    path = blob_path(layout, layer["digest"])
    if not path.is_file() or path.stat().st_size != layer["size"] or file_digest(path) != layer["digest"]:
        raise LayoutError(f"{path}: missing or damaged; build or pull the image again")
    return layer["digest"]


def _sbom(artifacts: Artifacts, subject: str) -> dict[str, Any]:
    """How many packages of each sort the image's SBOM names, and all of them as `name version`."""
    for _, manifest, document in artifacts:
        if document and manifest["artifactType"] == SBOM_TYPE and manifest["subject"]["digest"] == subject:
            libraries = [{"version": ""} | part for part in document["components"] if "purl" in part]
            sorts = Counter(part["purl"].removeprefix("pkg:").partition("/")[0] for part in libraries)
            return {
                "packages": dict(sorted(sorts.items())),
                "components": sorted(f"{part['name']} {part['version']}" for part in libraries),
            }
    return {}


def _provenance(artifacts: Artifacts, subject: str) -> dict[str, Any]:
    for _, manifest, document in artifacts:
        if document and manifest["artifactType"] == PROVENANCE_TYPE and manifest["subject"]["digest"] == subject:
            definition = document["predicate"]["buildDefinition"]
            inputs = {one["name"]: next(iter(one["digest"].values()), "") for one in definition["resolvedDependencies"]}
            return {"parameters": definition["externalParameters"], "inputs": inputs}
    return {}
