"""Broken connections, and our own end, in the middle of a blob."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from model_images.registry.descriptors import Descriptor, digest_of
from model_images.registry.errors import Refused, Unreachable
from model_images.registry.upload import Upload, ledger_folder
from tests.model_images.registry.asking import repository
from tests.model_images.registry.layouts import layout
from tests.model_images.registry.memory_registry import MemoryRegistry
from tests.model_images.registry.registries import Asked, proxy, registry

CONTENT = os.urandom(400_000)


def upload(host: str, folder: Path, content: bytes = CONTENT, chunk_bytes: int = 100_000) -> Upload:
    path = folder / "blob"
    path.write_bytes(content)
    blob = Descriptor(media_type="application/octet-stream", digest=digest_of(content), size=len(content))
    return Upload(repository(host), blob, lambda: path, chunk_bytes=chunk_bytes)


def test_a_connection_that_breaks_in_a_chunk_goes_on_from_what_the_registry_holds(
    tmp_path: Path, memory: MemoryRegistry
) -> None:
    memory.cut_after = 70_000
    assert upload(memory.host, tmp_path).run() == "sent"
    assert memory.starts_at == ["0", "70000", "170000", "270000", "370000"]
    assert memory.blobs["models/fraud", digest_of(CONTENT)] == CONTENT


def test_a_chunk_that_the_registry_never_saw_is_sent_again(tmp_path: Path, host: str) -> None:
    drops = iter([False, True, True, False, False, False, False])

    def fault(asked: Asked) -> bool:
        if asked.method != "PATCH" or not next(drops, False):
            return False
        asked.read(50_000)
        asked.drop()
        return True

    with proxy(host, fault) as between:
        assert upload(between.host, tmp_path).run() == "sent"
        assert between.sent_bytes() == len(CONTENT)
        assert between.count("GET", "/blobs/uploads/") == 2
    assert repository(host).holds_blob(digest_of(CONTENT))


def test_an_upload_that_the_registry_forgot_begins_anew(tmp_path: Path, memory: MemoryRegistry) -> None:
    def fault(asked: Asked) -> bool:
        if (
            asked.method == "PATCH"
            and asked.headers["Content-Range"].startswith("200000")
            and len(memory.starts_at) == 2
        ):
            memory.uploads.clear()
        return False

    with proxy(memory.host, fault) as between:
        assert upload(between.host, tmp_path).run() == "sent"
    assert memory.starts_at == ["0", "100000", "0", "100000", "200000", "300000"]


@pytest.mark.parametrize("status", [429, 503])
def test_later_is_waited_for(tmp_path: Path, memory: MemoryRegistry, status: int) -> None:
    told = iter(["0", "1", "Wed, 21 Oct 2026 07:28:00 GMT"])

    def fault(asked: Asked) -> bool:
        if asked.method != "PATCH" or (wait := next(told, None)) is None:
            return False
        asked.read()
        asked.answer(status, {"Retry-After": wait})
        return True

    with proxy(memory.host, fault) as between:
        assert upload(between.host, tmp_path).run() == "sent"


def test_a_chunk_that_always_breaks_ends_with_the_next_step(tmp_path: Path, memory: MemoryRegistry) -> None:
    def fault(asked: Asked) -> bool:
        if asked.method == "PATCH" and not asked.headers["Content-Range"].startswith("0-"):
            asked.drop()
            return True
        return False

    with proxy(memory.host, fault) as between, pytest.raises(Unreachable) as gone:
        upload(between.host, tmp_path).run()
    assert "gave up after 4 attempts; the same command goes on where this one stopped" in str(gone.value)


def test_a_registry_whose_answer_to_the_end_is_lost_has_the_blob(tmp_path: Path, host: str) -> None:
    lost = iter([True])

    with proxy(host) as between:

        def change(asked: Asked, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
            if asked.method == "PUT" and next(lost, False):
                asked.drop()
            return headers, body

        between.change = change
        assert upload(between.host, tmp_path).run() == "sent"
        assert between.sent_bytes() == len(CONTENT)
    assert repository(host).holds_blob(digest_of(CONTENT))


@pytest.mark.parametrize("said", [True, False], ids=["refuses the second chunk", "keeps the last chunk alone"])
def test_a_registry_that_takes_a_blob_in_one_piece_gets_one_piece(
    tmp_path: Path, memory: MemoryRegistry, said: bool
) -> None:
    memory.one_piece_only, memory.forgets_chunks = said, not said
    assert upload(memory.host, tmp_path).run() == "sent"
    assert memory.starts_at == (["0", "100000", "0"] if said else ["0", "100000", "200000", "300000", "0"])


@pytest.mark.parametrize("size", [0, 1, 2, 100_000, 100_001])
def test_blobs_of_awkward_sizes_arrive(tmp_path: Path, host: str, size: int) -> None:
    content = CONTENT[:size]
    assert upload(host, tmp_path, content).run() == "sent"
    assert repository(host).holds_blob(digest_of(content))


def test_the_note_of_an_upload_is_private_and_goes_with_it(tmp_path: Path, memory: MemoryRegistry) -> None:
    one = upload(memory.host, tmp_path)
    one._begin(None)
    assert one.note.parent == ledger_folder()
    assert one.note.stat().st_mode & 0o077 == 0
    assert upload(memory.host, tmp_path).run() == "sent"
    assert not one.note.exists()


def test_a_note_of_an_upload_at_another_host_is_not_asked(tmp_path: Path, memory: MemoryRegistry) -> None:
    one = upload(memory.host, tmp_path)
    one.note.parent.mkdir(parents=True)
    one.note.write_text("https://elsewhere.example/v2/models/fraud/blobs/uploads/1")
    assert one.run() == "sent"


def test_content_that_is_not_what_its_digest_says_is_refused_by_the_registry(
    tmp_path: Path, memory: MemoryRegistry
) -> None:
    one = upload(memory.host, tmp_path)
    (tmp_path / "blob").write_bytes(b"x" * len(CONTENT))
    with pytest.raises(Refused, match="DIGEST_INVALID"):
        one.run()


PUSHER = """
import sys
from pathlib import Path
from model_images.registry.layout import Layout
from model_images.registry.push import PushOptions, push
from model_images.registry.reference import parse_reference
from model_images.registry.repository import Repository
import model_images.registry.upload as upload
source = Layout(Path(sys.argv[1]))
target = Repository(parse_reference(sys.argv[2]))
for blob in sorted(source.folder.glob("blobs/sha256/*"), key=lambda path: path.stat().st_size)[-1:]:
    from model_images.registry.descriptors import Descriptor
    one = Descriptor(media_type="x", digest=f"sha256:{blob.name}", size=blob.stat().st_size)
    sent = upload.Upload(target, one, lambda: blob, chunk_bytes=100_000)
    sent.run()
    print(sent.resumed_at)
"""


@pytest.mark.slow
def test_a_pusher_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    layout(tmp_path / "image", [CONTENT], sbom=False)
    reached = threading.Event()

    def fault(asked: Asked) -> bool:
        if asked.method == "PATCH" and asked.headers["Content-Range"].startswith("200000") and not reached.is_set():
            asked.read(10_000)
            reached.set()
            threading.Event().wait(5)
            asked.drop()
            return True
        return False

    with registry(tmp_path / "registry") as real, proxy(real, fault) as between:
        command = [sys.executable, "-c", PUSHER, str(tmp_path / "image"), f"{between.host}/models/fraud"]
        first = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert reached.wait(20)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        second = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        assert second.stdout == "200000\n"
        size = max(path.stat().st_size for path in (tmp_path / "image/blobs/sha256").iterdir())
        assert between.sent_bytes() == size


@pytest.mark.slow
def test_docker_registry_gets_a_blob_whose_chunk_broke_off_from_the_start(tmp_path: Path) -> None:
    with registry(tmp_path / "registry") as real:
        first = upload(real, tmp_path)
        first._begin(None)
        # Half a chunk reaches the registry, which then no longer accepts the state that it gave us itself.
        with socket.create_connection(tuple(real.split(":"))) as broken:
            head = f"PATCH {first.location} HTTP/1.1\r\nHost: {real}\r\nContent-Length: 100000\r\n\r\n"
            broken.sendall(head.encode() + CONTENT[:50_000])
        again = upload(real, tmp_path)
        assert again.run() == "sent"
        assert again.resumed_at == 0
        assert repository(real).holds_blob(digest_of(CONTENT))
