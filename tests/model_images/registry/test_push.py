"""What arrives in a registry, and what does not have to be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_images.registry.descriptors import Descriptor
from model_images.registry.errors import DigestDiffers, InputError, Refused
from model_images.registry.layout import Layout
from model_images.registry.pull import pull
from model_images.registry.push import Pushed, PushOptions, push
from model_images.registry.repository import Repository
from tests.model_images.registry.asking import repository
from tests.model_images.registry.layouts import blob, image, index, layout
from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.registries import Asked, proxy


def pushed(folder: Path, target: Repository, tag: str | None = None, mount_from: str | None = None) -> Pushed:
    source = Layout(folder)
    return push(source, source.root, target, PushOptions(tag=tag, mount_from=mount_from))


def test_an_image_comes_back_with_the_digest_it_was_pushed_with(tmp_path: Path, host: str) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(host), "1.2")
    pull(repository(host), "1.2", tmp_path / "back")
    back = Layout(tmp_path / "back")
    assert back.root.digest == root["digest"]
    assert back.manifest(root["digest"]) == Layout(tmp_path / "image").manifest(root["digest"])


def test_what_refers_to_the_image_travels_with_it(tmp_path: Path, host: str) -> None:
    root = layout(tmp_path / "image")
    assert pushed(tmp_path / "image", repository(host)).referrers == 1
    (sbom,) = repository(host).referrers(root["digest"])
    assert sbom.artifact_type == "application/vnd.cyclonedx+json"
    pull(repository(host), root["digest"], tmp_path / "back")
    assert [one.digest for one in Layout(tmp_path / "back").referrers(root["digest"])] == [sbom.digest]


def test_only_missing_blobs_are_sent(tmp_path: Path, host: str) -> None:
    layout(tmp_path / "first", [b"base" * 1000, b"model 1"], sbom=False)
    layout(tmp_path / "second", [b"base" * 1000, b"model 2"], sbom=False)
    first, second = pushed(tmp_path / "first", repository(host)), pushed(tmp_path / "second", repository(host))
    assert (first.sent, first.present) == (3, 0)
    assert (second.sent, second.present) == (2, 1)


def test_a_second_push_sends_nothing(tmp_path: Path, host: str) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(host))
    again = pushed(tmp_path / "image", repository(host))
    assert (again.sent, again.sent_bytes, again.mounted) == (0, 0, 0)


def test_blobs_of_a_sister_repository_are_mounted(tmp_path: Path, host: str) -> None:
    layout(tmp_path / "image", sbom=False)
    pushed(tmp_path / "image", repository(host, "dev/fraud"))
    there = pushed(tmp_path / "image", repository(host, "prod/fraud"), mount_from="dev/fraud")
    assert (there.mounted, there.sent) == (3, 0)


def test_a_registry_that_does_not_mount_gets_the_bytes(tmp_path: Path) -> None:
    layout(tmp_path / "image", sbom=False)
    with memory_registry(mounts=False) as server:
        pushed(tmp_path / "image", repository(server.host, "dev/fraud"))
        there = pushed(tmp_path / "image", repository(server.host, "prod/fraud"), mount_from="dev/fraud")
    assert (there.mounted, there.sent) == (0, 3)


def test_an_index_of_platforms_is_pushed_whole(tmp_path: Path, host: str) -> None:
    folder = tmp_path / "image"
    children = [image(folder, [b"amd64"]), image(folder, [b"arm64"])]
    content = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": children}
    root = blob(folder, json.dumps(content).encode(), "application/vnd.oci.image.index.v1+json")
    index(folder, [root])
    pushed(folder, repository(host), "1.2")
    pull(repository(host), "1.2", tmp_path / "back")
    assert Layout(tmp_path / "back").root.digest == root["digest"]
    assert Layout(tmp_path / "back").manifest(children[1]["digest"])


def test_two_referrers_are_both_listed_where_the_registry_keeps_no_list(tmp_path: Path) -> None:
    root = layout(tmp_path / "image")
    with memory_registry(with_referrers=False) as server:
        pushed(tmp_path / "image", repository(server.host))
        (tmp_path / "image/referrers/index.json").unlink()
        second = layout(tmp_path / "other", sbom=False)
        assert second["digest"] == root["digest"]
        subject = Descriptor(media_type=root["mediaType"], digest=root["digest"], size=root["size"])
        for kind in ("one", "two"):
            manifest = json.dumps({"schemaVersion": 2, "artifactType": kind, "subject": root}).encode()
            target = repository(server.host)
            target.put_manifest(manifest, root["mediaType"], "scratch")
            line = Descriptor(
                media_type=root["mediaType"], digest=target.manifest("scratch")[1].digest, size=len(manifest)
            )
            target.add_referrer(manifest, line, subject.digest)
        assert len(repository(server.host).referrers(root["digest"])) == 3
        assert ("models/fraud", root["digest"].replace(":", "-")) in server.manifests


def test_a_registry_that_answers_with_another_digest_is_not_believed(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    other = "sha256:" + "0" * 64
    with proxy(memory.host) as between:
        between.change = lambda asked, headers, body: ({**headers, "Docker-Content-Digest": other}, body)
        with pytest.raises(DigestDiffers, match=rf"the registry answers digest {other}"):
            pushed(tmp_path / "image", repository(between.host))


def test_a_manifest_changed_on_its_way_back_is_refused(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host))
    with proxy(memory.host) as between:
        between.change = lambda asked, headers, body: (headers, body + b" ")
        with pytest.raises(DigestDiffers, match="nothing was taken over"):
            pull(repository(between.host), root["digest"], tmp_path / "back")
    assert not (tmp_path / "back" / "index.json").exists()


def test_a_registry_that_refuses_gives_one_line_with_the_next_step(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")

    def refuses(asked: Asked) -> bool:
        if asked.method == "POST":
            asked.answer(403, body=b'{"errors": [{"code": "DENIED", "message": "not yours"}]}')
        return asked.method == "POST"

    with proxy(memory.host, refuses) as between, pytest.raises(Refused) as refused:
        pushed(tmp_path / "image", repository(between.host))
    assert "answered 403 (DENIED not yours); log in, for example `docker login" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_blob_changed_on_disk_is_not_pushed(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image", [b"model"], sbom=False)
    victim = max((tmp_path / "image/blobs/sha256").iterdir(), key=lambda path: path.read_bytes()[:2] == b"\x1f\x8b")
    content = victim.read_bytes()
    victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DigestDiffers, match="the layout was changed"):
        pushed(tmp_path / "image", repository(memory.host))
    assert not memory.manifests


def test_a_folder_that_is_no_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"index\.json: No such file or directory; an OCI layout holds"):
        _ = Layout(tmp_path).root


def test_the_tag_moves_last(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host), "1.2")
    assert [path for method, path in memory.asked if method == "PUT"][-1] == "/v2/models/fraud/manifests/1.2"


def test_a_manifest_changed_on_its_way_there_is_not_taken_for_ours(tmp_path: Path, memory: MemoryRegistry) -> None:
    layout(tmp_path / "image")
    other = "sha256:" + "0" * 64

    def change(asked: Asked, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        return ({**headers, "Docker-Content-Digest": other} if "/manifests/" in asked.path else headers), body

    with proxy(memory.host) as between:
        between.change = change
        with pytest.raises(DigestDiffers, match=rf"PUT manifest .*: the registry answers digest {other}"):
            pushed(tmp_path / "image", repository(between.host))


def test_a_manifest_changed_on_disk_is_not_pushed(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image", sbom=False)
    victim = tmp_path / "image/blobs/sha256" / root["digest"][7:]
    victim.write_bytes(victim.read_bytes().replace(b'"schemaVersion": 2', b'"schemaVersion":  2'))
    with pytest.raises(DigestDiffers, match="nothing was taken over"):
        pushed(tmp_path / "image", repository(memory.host))
    assert not memory.manifests
