"""The documents of OCI: JSON with sorted keys, named by the digest of its bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
Descriptor = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A document and its descriptor's type."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """`sha256:` and the digest of the content."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def descriptor(self, **more: object) -> Descriptor:
        """How other documents name this one."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)} | more


def json_blob(document: Mapping[str, Any], media_type: str) -> Blob:
    """`document` as JSON, keys sorted."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Blob(content=text.encode(), media_type=media_type)


def index_blob(manifests: Sequence[Descriptor], annotations: Mapping[str, str] | None = None) -> Blob:
    """An index of manifests."""
    document: dict[str, Any] = {"manifests": list(manifests), "mediaType": INDEX_TYPE, "schemaVersion": 2}
    return json_blob(document | ({"annotations": dict(annotations)} if annotations else {}), INDEX_TYPE)
