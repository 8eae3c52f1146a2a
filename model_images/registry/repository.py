"""One repository of one registry: manifests, blobs, and what refers to an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from model_images.registry.descriptors import (
    INDEX,
    MANIFESTS,
    Descriptor,
    Manifest,
    check_digest,
    digest_of,
    digest_of_file,
    document,
    read,
)
from model_images.registry.errors import DigestDiffers, NotThere
from model_images.registry.reference import Reference, parse_digest
from model_images.registry.transport import BLOCK_BYTES, Dropped, Transport
from model_images.registry.watching import Watch, unwatched

FALLBACK_ATTEMPTS = 5


class Repository:
    """Speaks for the repository that `reference` names; tag and digest of it are not looked at."""

    def __init__(self, reference: Reference, transport: Transport | None = None) -> None:
        self.reference = reference
        self.transport = transport or Transport(reference.host)
        self.path = f"/v2/{reference.repository}"
        self.reading = f"repository:{reference.repository}:pull"
        self.writing = f"repository:{reference.repository}:pull,push"

    def __str__(self) -> str:
        return self.reference.place

    def holds_blob(self, digest: str) -> bool:
        """Whether the registry says so."""
        path = f"{self.path}/blobs/{digest}"
        return self.transport.request("HEAD", path, scope=self.reading, good=(200, 404)).status == 200

    def manifest(self, name: str) -> tuple[bytes, Descriptor]:
        """The bytes of a manifest by tag or digest; by digest they are checked.

        Raises:
            NotThere: no such manifest. DigestDiffers: another content than was asked for.
        """
        accept = {"Accept": ", ".join(MANIFESTS)}
        answer = self.transport.request("GET", f"{self.path}/manifests/{name}", scope=self.reading, headers=accept)
        content = answer.data
        if name.startswith("sha256:"):
            check_digest(content, name, f"{self}@{name}")
        kind = read(content, Manifest, f"{self}:{name}").media_type or answer.headers.get("Content-Type", "")
        return content, Descriptor(media_type=kind, digest=digest_of(content), size=len(content))

    def put_manifest(self, content: bytes, media_type: str, name: str, *, tells: bool = False) -> bool:
        """Sends a manifest under a digest or a tag, and makes sure that the registry knows it by the same digest.

        `tells`: ask whether the registry took note of the manifest's subject, which is then the answer.

        Raises:
            DigestDiffers: the registry answers with another digest, so something between changed the bytes.
        """
        headers = {"Content-Type": media_type}
        path = f"{self.path}/manifests/{name}"
        answer = self.transport.request("PUT", path, scope=self.writing, headers=headers, body=content, good=(201,))
        wanted = digest_of(content)
        got = answer.headers.get("Docker-Content-Digest") or self.manifest(name)[1].digest
        if got != wanted:
            raise DigestDiffers(
                f"{self}: PUT manifest {name}: the registry answers digest {got}; sent: {wanted}; "
                "do not use this registry before it is known what changes manifests"
            )
        return tells and "OCI-Subject" in answer.headers

    def small_blob(self, blob: Descriptor) -> bytes:
        """A blob that is a document: a configuration, a record. Checked."""
        answer = self.transport.request("GET", f"{self.path}/blobs/{blob.digest}", scope=self.reading)
        check_digest(answer.data, blob.digest, f"{self}@{blob.digest}")
        return answer.data

    def put_small_blob(self, digest: str, content: bytes) -> None:
        """Sends a document in one piece, if it is not there."""
        if not self.holds_blob(digest):
            _, location, _ = self.begin_upload(digest, None)
            path = f"{location}{'&' if '?' in location else '?'}digest={digest}"
            headers = {"Content-Type": "application/octet-stream"}
            self.transport.request("PUT", path, scope=self.writing, headers=headers, body=content, good=(201,))

    def download(self, blob: Descriptor, path: Path, watch: Watch = unwatched) -> Path:
        """The blob as a file at `path`: what a broken download has left there is gone on with.

        Raises:
            NotThere, Refused, Unreachable; DigestDiffers: the file is taken away again.
        """
        unfinished = path.with_name(f"{path.name}.part")
        failures = 0
        while (there := unfinished.stat().st_size if unfinished.exists() else 0) < blob.size or not unfinished.exists():
            try:
                self._fetch_from(blob, unfinished, there, watch)
            except Dropped as dropped:
                grown = unfinished.exists() and unfinished.stat().st_size > there
                failures = 1 if grown else failures + 1
                if failures >= self.transport.patience.attempts:
                    raise self.transport.unreachable(
                        "GET", f"{self.path}/blobs/{blob.digest}", dropped, failures
                    ) from dropped
                self.transport.patience.wait(failures, dropped.wait_s)
        if (got := digest_of_file(unfinished)) != blob.digest:
            unfinished.unlink()
            raise DigestDiffers(f"{self}@{blob.digest}: got content with digest {got}; nothing was kept")
        return unfinished.replace(path)

    def _fetch_from(self, blob: Descriptor, path: Path, start: int, watch: Watch) -> None:
        headers = {"Range": f"bytes={start}-"} if start else {}
        where = f"{self.path}/blobs/{blob.digest}"
        answer = self.transport.once("GET", where, scope=self.reading, headers=headers, stream=True)
        if answer.status not in {200, 206}:
            raise self.transport.refusal("GET", where, answer)
        if answer.status == 200:
            start = 0
        with path.open("r+b" if start else "wb") as file:
            file.seek(start)
            for block in self.transport.blocks(answer, BLOCK_BYTES):
                start += len(block)
                if start > blob.size:
                    answer.close()
                    path.unlink()
                    raise DigestDiffers(f"{self}@{blob.digest}: got more than its {blob.size} bytes; nothing was kept")
                file.write(block)
                watch(blob.digest, start, blob.size)
        if start < blob.size:
            raise Dropped(f"the answer ended after {start} of {blob.size} bytes")

    def referrers(self, digest: str) -> Sequence[Descriptor]:
        """What refers to the manifest: by the registry's own list, else by the specification's tag for it."""
        accept = {"Accept": INDEX}
        path: str | None = f"{self.path}/referrers/{parse_digest(digest)}"
        found: list[Descriptor] = []
        while path:
            answer = self.transport.request("GET", path, scope=self.reading, headers=accept, good=(200, 404, 405))
            if answer.status != 200 or INDEX not in answer.headers.get("Content-Type", ""):
                return self._fallback(digest)
            found += read(answer.data, Manifest, f"{self}: {path}").manifests
            link = answer.headers.get("Link", "")
            path = link.split(">")[0].lstrip("<") if 'rel="next"' in link or "rel=next" in link else None
        return tuple(found)

    def add_referrer(self, content: bytes, descriptor: Descriptor, subject: str) -> None:
        """Sends a manifest that refers to `subject`; where the registry keeps no list of referrers, we keep it for it.

        Raises:
            DigestDiffers: two writers kept taking each other's line out of the list.
        """
        if self.put_manifest(content, descriptor.media_type, descriptor.digest, tells=True):
            return
        for _ in range(FALLBACK_ATTEMPTS):
            # Read, add, write, read again: the specification offers nothing better where two may write at once.
            listed = {one.digest: one for one in self._fallback(subject)}
            if descriptor.digest in listed:
                return
            listed[descriptor.digest] = descriptor
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed[key] for key in sorted(listed)]}
            self.put_manifest(document(index), INDEX, fallback_tag(subject))
        if descriptor.digest not in {one.digest for one in self._fallback(subject)}:
            raise DigestDiffers(
                f"{self}:{fallback_tag(subject)}: another writer takes our line out; run the command again"
            )

    def _fallback(self, digest: str) -> Sequence[Descriptor]:
        try:
            content, _ = self.manifest(fallback_tag(digest))
        except NotThere:
            return ()
        return read(content, Manifest, f"{self}:{fallback_tag(digest)}").manifests

    def begin_upload(self, digest: str, mount_from: str | None) -> tuple[bool, str, int]:
        """Whether the blob could be taken over from `mount_from`; else the new upload's location and least chunk."""
        query, scope = "", self.writing
        if mount_from:
            query = "?" + urlencode({"mount": digest, "from": mount_from})
            scope = f"{self.writing} repository:{mount_from}:pull"
        answer = self.transport.request("POST", f"{self.path}/blobs/uploads/{query}", scope=scope, good=(201, 202))
        least = answer.headers.get("OCI-Chunk-Min-Length", "0")
        return (
            answer.status == 201,
            answer.headers.get("Location", ""),
            int(least) if least.isascii() and least.isdigit() else 0,
        )


def fallback_tag(digest: str) -> str:
    """The referrers tag schema of the OCI distribution specification."""
    return digest.replace(":", "-")
