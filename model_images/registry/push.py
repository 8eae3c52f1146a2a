"""Brings an image, and what refers to it, into a repository: by digest, what is missing, blobs before manifests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from model_images.registry.descriptors import INDEXES, Descriptor, Manifest, read
from model_images.registry.repository import Repository
from model_images.registry.upload import Sent, Upload
from model_images.registry.watching import Watch, unwatched

BLOBS_AT_ONCE = 3


class Source(Protocol):
    """Where an image comes from: a layout on disk, or another registry. All content is checked by it."""

    def manifest(self, digest: str) -> bytes:
        """A manifest's bytes."""
        ...

    def blob(self, blob: Descriptor) -> Path:
        """A file with the blob's content."""
        ...

    def referrers(self, digest: str) -> Sequence[Descriptor]:
        """Manifests that refer to `digest`."""
        ...


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What one push did. `sent_bytes` counts blobs only."""

    reference: str
    digest: str
    tag: str | None
    sent: int
    mounted: int
    present: int
    sent_bytes: int
    referrers: int


@dataclass(frozen=True, kw_only=True)
class PushOptions:
    """`mount_from`: a repository of the same registry that may hold blobs already. `ledger`: see upload.py."""

    tag: str | None = None
    mount_from: str | None = None
    ledger: Path | None = None
    watch: Watch = unwatched


def tree(source: Source, root: Descriptor) -> Iterator[tuple[Descriptor, bytes, Manifest]]:
    """The manifest `root` and all below it, children first, since a registry wants them in that order."""
    content = source.manifest(root.digest)
    parsed = read(content, Manifest, f"{source}: {root.digest}")
    if root.media_type in INDEXES:
        for child in parsed.manifests:
            yield from tree(source, child)
    yield root, content, parsed


def push(source: Source, root: Descriptor, target: Repository, options: PushOptions) -> Pushed:
    """Sends what the target lacks; the tag moves last, when all else is there.

    Raises:
        RegistryError: what was sent stays, and the same call goes on where this one stopped.
    """
    manifests = list(tree(source, root))
    referring = [
        (subject.digest, one)
        for subject, _, _ in manifests
        for referrer in source.referrers(subject.digest)
        for one in tree(source, referrer)
    ]
    parsed = [entry[2] for entry in manifests] + [entry[2] for _, entry in referring]
    blobs = {blob.digest: blob for manifest in parsed for blob in manifest.blobs}
    with ThreadPoolExecutor(BLOBS_AT_ONCE) as pool:
        done = list(pool.map(partial(_bring, source, target, options), blobs.values()))
    for descriptor, content, _ in manifests:
        target.put_manifest(content, descriptor.media_type, descriptor.digest)
    for subject, (descriptor, content, manifest) in referring:
        target.add_referrer(content, listed(descriptor, manifest), subject)
    if options.tag:
        target.put_manifest(manifests[-1][1], root.media_type, options.tag)
    return Pushed(
        reference=str(target.reference.at(root.digest)),
        digest=root.digest,
        tag=options.tag,
        sent=done.count("sent"),
        mounted=done.count("mounted"),
        present=done.count("present"),
        sent_bytes=sum(blob.size for blob, what in zip(blobs.values(), done, strict=True) if what == "sent"),
        referrers=len(referring),
    )


def listed(descriptor: Descriptor, manifest: Manifest) -> Descriptor:
    """A manifest's line in the list of referrers: with its kind and annotations, as the specification asks."""
    kind = manifest.artifact_type or (manifest.config.media_type if manifest.config else None)
    return Descriptor(
        media_type=descriptor.media_type,
        digest=descriptor.digest,
        size=descriptor.size,
        artifact_type=kind,
        annotations=manifest.annotations,
    )


def _bring(source: Source, target: Repository, options: PushOptions, blob: Descriptor) -> Sent:
    if target.holds_blob(blob.digest):
        options.watch(blob.digest, blob.size, blob.size)
        return "present"
    upload = Upload(target, blob, lambda: source.blob(blob), ledger=options.ledger, watch=options.watch)
    return upload.run(options.mount_from)
