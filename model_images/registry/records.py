"""The records that travel with an image as referrers: the gates it passed, and each promotion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from model_images.registry.artifacts import Artifact, artifact
from model_images.registry.descriptors import Descriptor, Image, Manifest, document, read
from model_images.registry.errors import InputError, NotThere
from model_images.registry.repository import Repository

GATES = "application/vnd.homeport.gates.v1+json"
PROMOTION = "application/vnd.homeport.promotion.v1+json"
MODEL_DIGEST = "io.homeport.model.digest"
REVISION = "org.opencontainers.image.revision"
MADE_BY = "`python -m model_images test FOLDER --output FILE` makes one"
CREATED = "org.opencontainers.image.created"


class GateRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of the file that `python -m model_images test FOLDER --output FILE` writes."""

    model_digest: str
    passed: bool
    evaluation_digest: str | None = None
    data_digest: str | None = None
    source_commit: str | None = None


class Promotion(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from", "target": "to"}):
    """Who moved which image where, when (UTC), and on which grounds."""

    image: str
    model: str
    model_digest: str
    who: str
    when: str
    source: str
    target: str
    source_commit: str | None
    data_digest: str | None
    evaluation_digest: str | None
    gates: str


class Gates(msgspec.Struct, frozen=True):
    """A gate record with its exact bytes, which are what is attached."""

    record: GateRecord
    content: bytes


def read_gates(path: Path) -> Gates:
    """Raises InputError if the file is not there or is no gate record."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"--gates: {path}: {error.strerror}; {MADE_BY}") from error
    return Gates(_gate_record(content, str(path)), content)


def _gate_record(content: bytes, where: str) -> GateRecord:
    try:
        return msgspec.json.decode(content, type=GateRecord)
    except msgspec.DecodeError as error:
        raise InputError(f"{where}: no gate record: {error}; {MADE_BY}") from error


def gates_artifact(subject: Descriptor, gates: Gates) -> Artifact:
    """The gate record as a referrer of the image."""
    passed = "true" if gates.record.passed else "false"
    return artifact(subject, GATES, gates.content, {"io.homeport.gates.passed": passed})


def promotion_artifact(subject: Descriptor, promotion: Promotion) -> Artifact:
    """The promotion as a referrer of the image."""
    content = document(msgspec.to_builtins(promotion))
    return artifact(
        subject, PROMOTION, content, {CREATED: promotion.when, "io.homeport.promotion.to": promotion.target}
    )


def attach(repository: Repository, made: Artifact, subject: str) -> None:
    """Sends an artifact's blobs, then its manifest."""
    for digest, content in made.blobs.items():
        repository.put_small_blob(digest, content)
    repository.add_referrer(made.manifest, made.descriptor, subject)


def contents(repository: Repository, referrers: Sequence[Descriptor], kind: str) -> Iterator[tuple[Descriptor, bytes]]:
    """The records of one kind, with their content; `kind` may be the beginning of a media type's name."""
    for one in referrers:
        if (one.artifact_type or "").startswith(kind):
            manifest = read(repository.manifest(one.digest)[0], Manifest, f"{repository}@{one.digest}")
            if manifest.layers:
                yield one, repository.small_blob(manifest.layers[0])


def passed_gates(
    repository: Repository, referrers: Sequence[Descriptor], model_digest: str
) -> tuple[str, GateRecord] | None:
    """Digest and content of an attached record of this very model whose gates all passed."""
    for descriptor, content in contents(repository, referrers, GATES):
        record = _gate_record(content, f"{repository}@{descriptor.digest}")
        if record.passed and record.model_digest == model_digest:
            return descriptor.digest, record
    return None


def labels_of(repository: Repository, manifest: Manifest) -> Mapping[str, str]:
    """Labels of an image, or of the first platform's in an index; annotations count where there is no label."""
    found = dict(manifest.annotations or {})
    if manifest.manifests:
        first = manifest.manifests[0].digest
        below = labels_of(repository, read(repository.manifest(first)[0], Manifest, f"{repository}@{first}"))
        return {**found, **below}
    if manifest.config:
        image = read(repository.small_blob(manifest.config), Image, f"{repository}@{manifest.config.digest}")
        found |= dict((image.config.labels if image.config else None) or {})
    return found


def commit_of(repository: Repository, referrers: Sequence[Descriptor], labels: Mapping[str, str]) -> str | None:
    """The source's commit: by label, else by the provenance beside the image."""
    if REVISION in labels:
        return labels[REVISION]
    for kind in ("application/vnd.in-toto", "application/vnd.slsa"):
        for _, content in contents(repository, referrers, kind):
            with suppress(msgspec.DecodeError, RecursionError):  # another's statement: it tells us nothing
                if found := _first(msgspec.json.decode(content), "gitCommit"):
                    return found
    return None


def _first(value: Any, key: str) -> str | None:
    """The first string under `key`, however deep."""
    below: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, dict) and isinstance(here := value.get(key), str):  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return here
    return next((found for one in below if (found := _first(one, key))), None)


def latest(repository: Repository, name: str) -> tuple[Descriptor, Manifest]:
    """The image under a tag or digest. Raises NotThere with what was asked for."""
    try:
        content, descriptor = repository.manifest(name)
    except NotThere as error:
        raise NotThere(f"{repository}:{name}: {error}; push it first") from error
    return descriptor, read(content, Manifest, f"{repository}:{name}")
