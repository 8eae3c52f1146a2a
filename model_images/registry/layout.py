"""An image on disk: an OCI layout with one manifest, and a second layout `referrers/` for what refers to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model_images.registry.descriptors import INDEX, Descriptor, Manifest, check_digest, digest_of_file, document, read
from model_images.registry.errors import DigestDiffers, InputError
from model_images.whole_files import replace


class Layout:
    """Reads a layout; nothing is taken over whose digest differs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    @property
    def root(self) -> Descriptor:
        """The one image, or index of platforms, that the layout holds.

        Raises:
            InputError: no layout, or one with more or fewer manifests than one.
        """
        found = _index(self.folder)
        if len(found) != 1:
            raise InputError(f"{self.folder}/index.json: got {len(found)} manifests; allowed: one; build it anew")
        return found[0]

    def manifest(self, digest: str) -> bytes:
        """The manifest's bytes, checked."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; the layout is not whole; build the image anew") from error
        check_digest(content, digest, str(path))
        return content

    def blob(self, blob: Descriptor) -> Path:
        """The file with the blob's content, checked."""
        path = self._path(blob.digest)
        if not path.is_file() or path.stat().st_size != blob.size:
            got = f"{path.stat().st_size} bytes" if path.is_file() else "no file"
            raise InputError(f"{path}: got {got}; allowed: {blob.size} bytes; the layout is not whole; build it anew")
        if (got := digest_of_file(path)) != blob.digest:
            raise DigestDiffers(f"{path}: got content with digest {got}; the layout was changed; build the image anew")
        return path

    def referrers(self, digest: str) -> Sequence[Descriptor]:
        """What refers to the manifest `digest`: SBOM, provenance, signatures, records."""
        if not (self.folder / "referrers" / "index.json").is_file():
            return ()
        second = Layout(self.folder / "referrers")
        found: list[Descriptor] = []
        for one in _index(second.folder):
            subject = read(second.manifest(one.digest), Manifest, f"{second}: {one.digest}").subject
            if subject and subject.digest == digest:
                found.append(one)
        return found

    def _path(self, digest: str) -> Path:
        inside = Path("blobs", *digest.split(":", 1))
        first = self.folder / inside
        return first if first.is_file() else self.folder / "referrers" / inside


def _index(folder: Path) -> Sequence[Descriptor]:
    path = folder / "index.json"
    try:
        return read(path.read_bytes(), Manifest, str(path)).manifests
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; an OCI layout holds an index.json; `python -m model_images build` makes one"
        ) from error


def write_layout(folder: Path, manifests: Sequence[Descriptor]) -> None:
    """`oci-layout` and `index.json` over blobs that are there already; the index comes last, whole or not at all."""
    (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (folder / "oci-layout").write_bytes(document({"imageLayoutVersion": "1.0.0"}))
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
    replace(folder / "index.json", document(index))
