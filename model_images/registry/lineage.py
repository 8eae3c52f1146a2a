"""The chain behind an image: where it came from, what it passed, who moved it where."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from model_images.registry.descriptors import read
from model_images.registry.records import (
    GATES,
    MODEL_DIGEST,
    PROMOTION,
    GateRecord,
    Promotion,
    commit_of,
    contents,
    labels_of,
    latest,
)
from model_images.registry.repository import Repository


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """`promotions` from first to last; `others`: kinds of what else refers to the image, with how many there are."""

    image: str
    model_digest: str | None
    labels: Mapping[str, str]
    source_commit: str | None
    gates: Mapping[str, GateRecord]
    promotions: tuple[Promotion, ...]
    others: Mapping[str, int]


def lineage(repository: Repository) -> Lineage:
    """Reads the image that the repository's reference names, and what refers to it. Raises RegistryError."""
    image, manifest = latest(repository, repository.reference.name)
    referrers = repository.referrers(image.digest)
    labels = labels_of(repository, manifest)
    where = f"{repository}@{image.digest}"
    promotions = [read(content, Promotion, where) for _, content in contents(repository, referrers, PROMOTION)]
    gates = {one.digest: read(content, GateRecord, where) for one, content in contents(repository, referrers, GATES)}
    kinds = [one.artifact_type or one.media_type for one in referrers if one.artifact_type not in {GATES, PROMOTION}]
    return Lineage(
        image=image.digest,
        model_digest=labels.get(MODEL_DIGEST),
        labels=labels,
        source_commit=commit_of(repository, referrers, labels),
        gates=gates,
        promotions=tuple(sorted(promotions, key=lambda one: one.when)),
        others={kind: kinds.count(kind) for kind in sorted(set(kinds))},
    )
