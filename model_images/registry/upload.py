"""One blob sent in chunks that can be gone on with: after a broken connection, and after our own end.

The registry is asked how much it holds (GET on the upload's location) and gets the rest. Some registries forget an
upload whose chunk broke off (docker-registry 2.8 does, since what it wrote no longer fits the state in the location):
then the blob begins anew, and the blobs before it are never sent again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from model_images.registry.descriptors import Descriptor
from model_images.registry.errors import DigestDiffers, NotThere, Refused
from model_images.registry.repository import Repository
from model_images.registry.transport import BLOCK_BYTES, Dropped
from model_images.registry.watching import Watch, unwatched
from model_images.whole_files import replace

CHUNK_BYTES = 16 * 1024 * 1024
Sent = Literal["present", "mounted", "sent"]


def ledger_folder() -> Path:
    """Where the locations of unfinished uploads are noted, so that the next run can go on."""
    own = os.environ.get("HOMEPORT_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(own) if own else base / "homeport") / "uploads"


class Upload:
    """The upload of one blob from a file, which is only asked for (it may have to be fetched) if it must be sent."""

    def __init__(
        self,
        repository: Repository,
        blob: Descriptor,
        source: Callable[[], Path],
        *,
        ledger: Path | None = None,
        watch: Watch = unwatched,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self.repository, self.blob, self.source, self.watch = repository, blob, source, watch
        self.chunk_bytes = chunk_bytes
        key = hashlib.sha256(f"{repository}@{blob.digest}".encode()).hexdigest()
        self.note = (ledger or ledger_folder()) / key
        self.path = Path()
        self.location = ""
        self.offset = 0
        self.resumed_at = 0

    def run(self, mount_from: str | None = None) -> Sent:
        """Sends what the registry lacks.

        Raises:
            Unreachable: all attempts without any progress failed; Refused; DigestDiffers.
        """
        if self._recall():
            self.resumed_at = self.offset
        elif self._begin(mount_from):
            return "mounted"
        self.path = self.source()
        failures, furthest = 0, -1
        while True:
            try:
                if self._step():
                    self.note.unlink(missing_ok=True)
                    return "sent"
            except Dropped as dropped:
                # Only getting further than ever counts as progress: a chunk sent again does not.
                failures = 1 if self.offset > furthest else failures + 1
                furthest = max(furthest, self.offset)
                if self.offset >= self.blob.size and self.repository.holds_blob(self.blob.digest):
                    self.note.unlink(missing_ok=True)  # only the answer was lost
                    return "sent"
                patience = self.repository.transport.patience
                if failures >= patience.attempts:
                    raise self.repository.transport.unreachable("PATCH", self.location, dropped, failures) from dropped
                patience.wait(failures, dropped.wait_s)
                self._find_place()

    def _step(self) -> bool:
        """One chunk, or the end; whether that was the end."""
        if self.offset >= self.blob.size:
            return self._finish()
        length = min(self.chunk_bytes, self.blob.size - self.offset)
        transport = self.repository.transport
        answer = transport.once(
            "PATCH",
            self.location,
            scope=self.repository.writing,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Range": f"{self.offset}-{self.offset + length - 1}",
            },
            body=lambda: self._blocks(self.offset, length),
            length=length,
        )
        if answer.status in {404, 416}:
            raise Dropped(f"answered {answer.status}: the registry no longer has this upload where we have it")
        if answer.status not in {201, 202, 204}:
            if self.offset and self.chunk_bytes < self.blob.size:
                return self._in_one_piece()
            raise transport.refusal("PATCH", self.location, answer)
        self._move(answer.headers.get("Location"), self._held(answer.headers.get("Range"), self.offset + length))
        return False

    def _finish(self) -> bool:
        join = "&" if "?" in self.location else "?"
        answer = self.repository.transport.once(
            "PUT", f"{self.location}{join}digest={self.blob.digest}", scope=self.repository.writing, body=lambda: ()
        )
        if answer.status == 404:
            raise Dropped("answered 404: the registry no longer has this upload")
        if answer.status == 400 and self.chunk_bytes < self.blob.size:
            return self._in_one_piece()
        if answer.status != 201:
            raise self.repository.transport.refusal("PUT", self.location, answer)
        got = answer.headers.get("Docker-Content-Digest", self.blob.digest)
        if got != self.blob.digest:
            raise DigestDiffers(f"{self.repository}: blob {self.blob.digest}: the registry answers digest {got}")
        return True

    def _in_one_piece(self) -> bool:
        """Begins anew for registries that know no chunks: they say so at the second one, or when the digest differs."""
        self.chunk_bytes = self.blob.size
        self._begin(None)
        return False

    def _begin(self, mount_from: str | None) -> bool:
        mounted, location, least = self.repository.begin_upload(self.blob.digest, mount_from)
        if mounted:
            self.note.unlink(missing_ok=True)
            return True
        if not location:
            raise Refused(f"{self.repository}: POST blobs/uploads: answered without a Location; is this a registry?")
        self.chunk_bytes = max(self.chunk_bytes, least)
        self._move(location, 0)
        return False

    def _find_place(self) -> None:
        """After a failure: where the registry has this upload, or a new one from the start."""
        if not self._ask():
            self._begin(None)

    def _recall(self) -> bool:
        try:
            self.location = self.note.read_text(encoding="utf-8")
        except OSError:
            return False
        return self._ask()

    def _ask(self) -> bool:
        transport, scope = self.repository.transport, self.repository.writing
        if not transport.is_ours(self.location):
            return False
        try:
            answer = transport.request("GET", self.location, scope=scope, good=(200, 204))
        except (NotThere, Refused):
            return False
        self._move(answer.headers.get("Location"), self._held(answer.headers.get("Range"), 0))
        return True

    def _held(self, header: str | None, expected: int) -> int:
        """Bytes that the registry holds. `0-0` may mean none or one byte: what was expected decides."""
        first, dash, last = (header or "").removeprefix("bytes=").partition("-")
        if first != "0" or not dash or not (last.isascii() and last.isdigit()):
            return expected
        held = int(last) + 1
        return min(expected, 1) if held == 1 else min(held, self.blob.size)

    def _move(self, location: str | None, offset: int) -> None:
        if location:
            self.location = self.repository.transport.url(location)
        self.offset = offset
        self.watch(self.blob.digest, offset, self.blob.size)
        if self.location and self.blob.size > 0:
            self.note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Some registries put a right to write into the location.
            replace(self.note, self.location.encode(), mode=0o600)

    def _blocks(self, start: int, length: int) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(start)
            end = start + length
            while start < end and (block := file.read(min(BLOCK_BYTES, end - start))):
                start += len(block)
                yield block
                self.watch(self.blob.digest, start, self.blob.size)
