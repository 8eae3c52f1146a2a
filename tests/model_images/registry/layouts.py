"""Small OCI layouts, written by hand so that these tests need no builder."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
MODEL_DIGEST = "sha256:" + "ab" * 32
LABELS = {
    "io.homeport.model.digest": MODEL_DIGEST,
    "org.opencontainers.image.revision": "5bf72ed",
    "io.homeport.model.name": "fraud",
}


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def blob(folder: Path, content: bytes, kind: str) -> dict[str, Any]:
    (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs" / "sha256" / digest(content)[7:]).write_bytes(content)
    return {"mediaType": kind, "digest": digest(content), "size": len(content)}


def image(folder: Path, layers: list[bytes], labels: dict[str, str] = LABELS) -> dict[str, Any]:
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(folder, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [
            blob(folder, gzip.compress(one, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip") for one in layers
        ],
    }
    return blob(folder, json.dumps(manifest).encode(), MANIFEST)


def referrer(folder: Path, subject: dict[str, Any], kind: str, content: bytes) -> dict[str, Any]:
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": kind,
        "config": blob(folder, b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [blob(folder, content, kind)],
        "subject": subject,
    }
    return blob(folder, json.dumps(manifest).encode(), MANIFEST)


def index(folder: Path, manifests: list[dict[str, Any]]) -> None:
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}))


def layout(
    folder: Path, layers: list[bytes] | None = None, *, sbom: bool = True, labels: dict[str, str] = LABELS
) -> dict[str, Any]:
    """One image with its SBOM; answers the image's descriptor."""
    root = image(folder, layers or [b"base" * 1000, b"model"], labels)
    index(folder, [root])
    if sbom:
        index(
            folder / "referrers",
            [referrer(folder / "referrers", root, "application/vnd.cyclonedx+json", b'{"components": []}')],
        )
    return root
