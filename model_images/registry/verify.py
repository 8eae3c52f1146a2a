"""Do several registries hold the same image? By digest: every manifest below it is read, every blob asked for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from model_images.registry.errors import RegistryError
from model_images.registry.pull import Remote
from model_images.registry.push import tree
from model_images.registry.reference import Reference
from model_images.registry.repository import Repository


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What one registry holds of an image. `tagged` is the digest under the reference's tag, where one was given."""

    place: str
    same: bool
    manifests: int = 0
    blobs: int = 0
    missing: tuple[str, ...] = ()
    referrers: int = 0
    tagged: str | None = None
    problem: str = ""


def verify(digest: str, references: Sequence[Reference]) -> list[Holding]:
    """A line for each place, in the order given. Never raises for what one of them lacks or answers."""
    with ThreadPoolExecutor(max(1, len(references))) as pool:
        return list(pool.map(partial(_holding, digest), references))


def _holding(digest: str, reference: Reference) -> Holding:
    repository = Repository(reference)
    place = str(repository)
    try:
        tagged = repository.manifest(reference.tag)[1].digest if reference.tag else None
        root = repository.manifest(digest)[1]
        # Only manifests are read, so that the source needs no folder.
        manifests = list(tree(Remote(repository, Path()), root))
        blobs = {blob.digest for _, _, parsed in manifests for blob in parsed.blobs}
        missing = tuple(sorted(blob for blob in blobs if not repository.holds_blob(blob)))
        referrers = len(repository.referrers(digest))
    except RegistryError as error:
        return Holding(place=place, same=False, problem=str(error))
    problem = f"{len(missing)} blobs are missing, the first: {missing[0]}; push the image again" if missing else ""
    if tagged not in {None, digest}:
        problem = problem or f"tag {reference.tag} names {tagged}"
    return Holding(
        place=place,
        same=not problem,
        manifests=len(manifests),
        blobs=len(blobs) - len(missing),
        missing=missing,
        referrers=referrers,
        tagged=tagged,
        problem=problem,
    )
