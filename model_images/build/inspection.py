"""What an image in a layout is: platforms, layers, labels, what refers to it. Every blob's digest is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_images.build.cache import file_digest
from model_images.build.documents import Descriptor
from model_images.build.errors import LayoutError
from model_images.build.layout import REFERRERS, blob_path, manifests, read_image, read_index, read_json
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
            {"type": manifest["artifactType"], "digest": one["digest"], "subject": manifest["subject"]["digest"]}
            for one, manifest, _ in artifacts
        ],
    }


Artifacts = list[tuple[Descriptor, dict[str, Any], dict[str, Any]]]


def _artifacts(layout: Path) -> Artifacts:
    side = layout / REFERRERS
    if not (side / "index.json").is_file():
        return []
    found: Artifacts = []
    for descriptor in read_index(side)["manifests"]:
        manifest = read_json(side, descriptor)
        readable = manifest.get("artifactType") in {SBOM_TYPE, PROVENANCE_TYPE}
        found.append((descriptor, manifest, read_json(side, manifest["layers"][0]) if readable else {}))
    return found


def _platform(
    layout: Path, descriptor: Descriptor, manifest: Mapping[str, Any], artifacts: Artifacts
) -> dict[str, Any]:
    config = read_json(layout, manifest["config"])
    layers: list[dict[str, Any]] = [
        {
            "role": layer.get("annotations", {}).get("io.homeport.layer", ""),
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
        "labels": config["config"].get("Labels") or {},
        "entry_point": [*(config["config"].get("Entrypoint") or ()), *(config["config"].get("Cmd") or ())],
        "sbom": _sbom(artifacts, descriptor["digest"]),
    }


def _checked(layout: Path, layer: Descriptor) -> str:
    path = blob_path(layout, layer["digest"])
    if not path.is_file() or path.stat().st_size != layer["size"] or file_digest(path) != layer["digest"]:
        raise LayoutError(f"{path}: missing or damaged; build or pull the image again")
    return layer["digest"]


def _sbom(artifacts: Artifacts, subject: str) -> dict[str, Any]:
    """How many packages of each sort the image's SBOM names, and all of them as `name version`."""
    for _, manifest, document in artifacts:
        if manifest["artifactType"] == SBOM_TYPE and manifest["subject"]["digest"] == subject:
            libraries = [part for part in document["components"] if "purl" in part]
            sorts = Counter(part["purl"].removeprefix("pkg:").partition("/")[0] for part in libraries)
            return {
                "packages": dict(sorted(sorts.items())),
                "components": sorted(f"{part['name']} {part['version']}" for part in libraries),
            }
    return {}


def _provenance(artifacts: Artifacts, subject: str) -> dict[str, Any]:
    for _, manifest, document in artifacts:
        if manifest["artifactType"] == PROVENANCE_TYPE and manifest["subject"]["digest"] == subject:
            definition = document["predicate"]["buildDefinition"]
            inputs = {one["name"]: next(iter(one["digest"].values())) for one in definition["resolvedDependencies"]}
            return {"parameters": definition["externalParameters"], "inputs": inputs}
    return {}
