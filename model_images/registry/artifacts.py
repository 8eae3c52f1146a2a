"""Artifacts that refer to an image (`subject`): how a record becomes a manifest that any registry can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from model_images.registry.descriptors import EMPTY, MANIFEST, Descriptor, digest_of, document

EMPTY_BLOB = b"{}"


class Artifact(NamedTuple):
    """A manifest and the blobs it names."""

    manifest: bytes
    descriptor: Descriptor
    blobs: Mapping[str, bytes]


def artifact(subject: Descriptor, kind: str, content: bytes, annotations: Mapping[str, str]) -> Artifact:
    """One blob of media type `kind` about `subject`."""
    plain = {"mediaType": subject.media_type, "digest": subject.digest, "size": subject.size}
    manifest = document(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": {"mediaType": EMPTY, "digest": digest_of(EMPTY_BLOB), "size": len(EMPTY_BLOB)},
            "layers": [{"mediaType": kind, "digest": digest_of(content), "size": len(content)}],
            "subject": plain,
            "annotations": annotations,
        }
    )
    return Artifact(
        manifest=manifest,
        descriptor=Descriptor(
            media_type=MANIFEST,
            digest=digest_of(manifest),
            size=len(manifest),
            artifact_type=kind,
            annotations=annotations,
        ),
        blobs={digest_of(EMPTY_BLOB): EMPTY_BLOB, digest_of(content): content},
    )
