"""An image taken out of a registry: as an OCI layout on disk, or as the source of a push elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from model_images.registry.descriptors import Descriptor, digest_of_file
from model_images.registry.errors import InputError
from model_images.registry.layout import write_layout
from model_images.registry.push import BLOBS_AT_ONCE, tree
from model_images.registry.repository import Repository
from model_images.registry.watching import Watch, unwatched


class Remote:
    """A repository as a source. Blobs are kept in `folder` under their digests, and not fetched twice."""

    def __init__(self, repository: Repository, folder: Path, watch: Watch = unwatched) -> None:
        self.repository, self.folder, self.watch = repository, folder, watch

    def __str__(self) -> str:
        return str(self.repository)

    def manifest(self, digest: str) -> bytes:
        """The manifest's bytes, checked."""
        return self.repository.manifest(digest)[0]

    def blob(self, blob: Descriptor) -> Path:
        """The file with the blob's content, checked."""
        path = self.folder / "blobs" / Path(*blob.digest.split(":", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and digest_of_file(path) == blob.digest:
            return path
        return self.repository.download(blob, path, self.watch)

    def referrers(self, digest: str) -> Sequence[Descriptor]:
        """Manifests that refer to `digest`."""
        return self.repository.referrers(digest)


def pull(repository: Repository, name: str, folder: Path, watch: Watch = unwatched) -> Descriptor:
    """Writes the image `name` (tag or digest) and what refers to it as a layout; a broken pull is gone on with.

    Raises:
        InputError: `folder` holds something else. RegistryError: the index is then not written.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "blobs").is_dir():
        raise InputError(f"--output: got {folder}, a folder with other things in it; allowed: a new or an empty one")
    root = repository.manifest(name)[1]
    subjects = _take(Remote(repository, folder, watch), [root])
    second = Remote(repository, folder / "referrers", watch)
    referring = [one for subject in subjects for one in repository.referrers(subject.digest)]
    if referring:
        _take(second, referring)
        write_layout(second.folder, referring)
    write_layout(folder, [named(root)])
    return root


def named(root: Descriptor) -> Descriptor:
    """With the name under which umoci looks for it."""
    return msgspec.structs.replace(root, annotations={"org.opencontainers.image.ref.name": "latest"})


def _take(source: Remote, roots: Sequence[Descriptor]) -> list[Descriptor]:
    """All manifests below the roots, written as blobs with everything they name."""
    entries = [entry for root in roots for entry in tree(source, root)]
    blobs = {blob.digest: blob for _, _, manifest in entries for blob in manifest.blobs}
    with ThreadPoolExecutor(BLOBS_AT_ONCE) as pool:
        list(pool.map(source.blob, blobs.values()))
    for descriptor, content, _ in entries:
        path = source.folder / "blobs" / Path(*descriptor.digest.split(":", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [descriptor for descriptor, _, _ in entries]
