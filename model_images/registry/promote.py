"""From one place to the next by digest, never by building again, with a record that travels with the image.

The record is an OCI referrer in the target, not a file beside the project: it is where the image is, in every region,
and whoever may pull the image may read it. `lineage` reads the chain.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model_images.registry.descriptors import Descriptor
from model_images.registry.errors import InputError, Refused
from model_images.registry.pull import Remote
from model_images.registry.push import Pushed, PushOptions, push
from model_images.registry.records import (
    MODEL_DIGEST,
    GateRecord,
    Gates,
    Promotion,
    attach,
    commit_of,
    gates_artifact,
    labels_of,
    latest,
    passed_gates,
    promotion_artifact,
)
from model_images.registry.repository import Repository
from model_images.registry.watching import Watch, unwatched

TITLE = "org.opencontainers.image.title"
VERSION = "org.opencontainers.image.version"


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What the caller says about a promotion; what is absent is read from the image and its records."""

    who: str = ""
    gates: Gates | None = None
    source_commit: str | None = None
    data_digest: str | None = None


def promote(
    source: Repository, target: Repository, grounds: Grounds, folder: Path, watch: Watch = unwatched
) -> tuple[Promotion, Pushed]:
    """Copies the image that `source` names into `target`, then writes the record there. Blobs pass through `folder`.

    Raises:
        Refused: no passed gates of this very model, neither attached to the image nor given.
        RegistryError: from either registry; the record is only written when the image is there.
    """
    image, manifest = latest(source, source.reference.name)
    if target.reference.digest not in {None, image.digest}:
        raise InputError(f"{target.reference}: the image's digest is {image.digest}; leave the digest out")
    referrers = source.referrers(image.digest)
    labels = labels_of(source, manifest)
    model_digest = labels.get(MODEL_DIGEST, "")
    gates, record = _passed(source, referrers, image, model_digest, grounds.gates)
    same_host = source.reference.host == target.reference.host
    options = PushOptions(
        tag=target.reference.tag, mount_from=source.reference.repository if same_host else None, watch=watch
    )
    pushed = push(Remote(source, folder, watch), image, target, options)
    if grounds.gates:
        attach(target, gates_artifact(image, grounds.gates), image.digest)
    promotion = Promotion(
        image=image.digest,
        model=" ".join(labels[key] for key in (TITLE, VERSION) if key in labels),
        model_digest=model_digest,
        who=grounds.who or _user(),
        when=datetime.now(UTC).isoformat(timespec="milliseconds"),
        source=str(source.reference),
        target=str(target.reference),
        source_commit=grounds.source_commit or record.source_commit or commit_of(source, referrers, labels),
        data_digest=grounds.data_digest or record.data_digest,
        evaluation_digest=record.evaluation_digest,
        gates=gates,
    )
    attach(target, promotion_artifact(image, promotion), image.digest)
    return promotion, pushed


def _user() -> str:
    """Who runs this: the name, or the number of a user whom this machine has no name for."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _passed(
    source: Repository, referrers: Sequence[Descriptor], image: Descriptor, model_digest: str, given: Gates | None
) -> tuple[str, GateRecord]:
    if not model_digest:
        raise Refused(f"{source}@{image.digest}: has no label {MODEL_DIGEST}; only images built here can be promoted")
    test = "`python -m model_images test FOLDER --output gates.json`, then promote with --gates gates.json"
    if given is None:
        if found := passed_gates(source, referrers, model_digest):
            return found
        raise Refused(f"{source}@{image.digest}: no passed gates are recorded for its model; next: {test}")
    if given.record.model_digest != model_digest:
        raise Refused(
            f"--gates: are of model {given.record.model_digest}; the image holds {model_digest}; next: {test}"
        )
    if not given.record.passed:
        raise Refused("--gates: the record says that not every gate passed; an image is promoted when all have")
    return gates_artifact(image, given).descriptor.digest, given.record
