"""An image on its way back: broken connections, other people's folders, foreign tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from model_images.registry.descriptors import Descriptor, Manifest, digest_of, read
from model_images.registry.errors import DigestDiffers, InputError, Refused, RegistryError, Unreachable
from model_images.registry.layout import Layout
from model_images.registry.pull import pull
from tests.model_images.registry.asking import repository
from tests.model_images.registry.layouts import INDEX, MANIFEST, digest, layout
from tests.model_images.registry.memory_registry import MemoryRegistry
from tests.model_images.registry.registries import Asked, proxy, registry
from tests.model_images.registry.test_push import pushed

CONTENT = os.urandom(300_000)


@pytest.fixture
def blob(memory: MemoryRegistry) -> Descriptor:
    memory.blobs["models/fraud", digest_of(CONTENT)] = CONTENT
    return Descriptor(media_type="x", digest=digest_of(CONTENT), size=len(CONTENT))


def cut(asked: Asked, content: bytes) -> bool:
    """Announces all of `content` and sends half of it."""
    asked.handler.send_response(200)
    asked.handler.send_header("Content-Length", str(len(content)))
    asked.handler.end_headers()
    asked.handler.wfile.write(content[: len(content) // 2])
    asked.drop()
    return True


def test_a_download_that_breaks_off_goes_on_with_the_rest(
    tmp_path: Path, memory: MemoryRegistry, blob: Descriptor
) -> None:
    ranges: list[str | None] = []

    def fault(asked: Asked) -> bool:
        ranges.append(asked.headers["Range"])
        return len(ranges) == 1 and cut(asked, CONTENT)

    with proxy(memory.host, fault) as between:
        path = repository(between.host).download(blob, tmp_path / "blob")
    assert path.read_bytes() == CONTENT
    assert ranges == [None, f"bytes={len(CONTENT) // 2}-"]


def test_a_download_that_always_breaks_off_ends_and_keeps_what_came(
    tmp_path: Path, memory: MemoryRegistry, blob: Descriptor
) -> None:
    with proxy(memory.host, lambda asked: cut(asked, CONTENT)) as between, pytest.raises(Unreachable):
        repository(between.host).download(blob, tmp_path / "blob")
    assert repository(memory.host).download(blob, tmp_path / "blob").read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", [CONTENT[:-1] + b"x", CONTENT + b"more"])
def test_other_content_is_not_kept(tmp_path: Path, memory: MemoryRegistry, blob: Descriptor, wrong: bytes) -> None:
    memory.blobs["models/fraud", blob.digest] = wrong
    with pytest.raises(DigestDiffers, match="nothing was kept"):
        repository(memory.host).download(blob, tmp_path / "blob")
    assert list(tmp_path.glob("blob*")) == []


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path, memory: MemoryRegistry) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("mine")
    with pytest.raises(InputError, match="a folder with other things in it"):
        pull(repository(memory.host), "1.2", tmp_path / "mine")


def test_a_second_pull_fetches_no_blob_again(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host), "1.2")
    pull(repository(memory.host), "1.2", tmp_path / "back")
    before = memory.count("GET", "/blobs/")
    pull(repository(memory.host), "1.2", tmp_path / "back")
    assert memory.count("GET", "/blobs/") == before


@pytest.mark.parametrize("end", ["x:{}", "sha256:{}"])
def test_a_digest_that_is_a_path_is_refused_and_nothing_is_written_there(
    tmp_path: Path, memory: MemoryRegistry, end: str
) -> None:
    name = end.format(tmp_path / "outside")
    memory.manifests["models/fraud", name] = b"{}", MANIFEST
    child = {"mediaType": MANIFEST, "digest": name, "size": 2}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}).encode()
    memory.manifests["models/fraud", "1.2"] = memory.manifests["models/fraud", digest(index)] = index, INDEX
    with pytest.raises(RegistryError, match="not what the OCI specification says"):
        pull(repository(memory.host), "1.2", tmp_path / "back")
    assert not list(tmp_path.glob("outside*"))


def test_a_document_that_would_fill_the_memory_is_not_read(memory: MemoryRegistry) -> None:
    def endless(asked: Asked) -> bool:
        asked.handler.send_response(200)
        asked.handler.send_header("Transfer-Encoding", "chunked")
        asked.handler.end_headers()
        for _ in range(40):
            asked.handler.wfile.write(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
        return True

    with proxy(memory.host, endless) as between, pytest.raises(Refused, match="more bytes than a document may have"):
        repository(between.host).manifest("1.2")


@pytest.mark.slow
def test_skopeo_sees_the_same_digest_in_the_registry_and_in_what_was_pulled(tmp_path: Path) -> None:
    skopeo = shutil.which("skopeo")
    assert skopeo, "skopeo is not on PATH; next: tools/images/make_tools.sh, or the Debian package of that name"
    root = layout(tmp_path / "image")
    with registry(tmp_path / "registry") as host:
        pushed(tmp_path / "image", repository(host), "1.2")
        ask = [skopeo, "inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{host}/models/fraud:1.2"]
        there = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        pull(repository(host), "1.2", tmp_path / "back")
    ask = [skopeo, "inspect", "--format", "{{.Digest}}", f"oci:{tmp_path / 'back'}"]
    here = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    assert there == here == root["digest"] == Layout(tmp_path / "back").root.digest


def test_a_blob_that_was_damaged_on_disk_is_fetched_again(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host), "1.2")
    pull(repository(memory.host), "1.2", tmp_path / "back")
    for path in (tmp_path / "back/blobs/sha256").iterdir():
        path.write_bytes(b"damaged")
    pull(repository(memory.host), "1.2", tmp_path / "back")
    back = Layout(tmp_path / "back")
    manifest = read(back.manifest(root["digest"]), Manifest, "back")
    assert all(back.blob(blob).is_file() for blob in manifest.blobs)
