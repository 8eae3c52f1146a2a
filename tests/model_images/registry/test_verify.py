"""Every region's registry holds the same image, or the line says what differs."""

from __future__ import annotations

from pathlib import Path

from model_images.registry.reference import parse_reference
from model_images.registry.verify import Holding, verify
from tests.model_images.registry.asking import repository
from tests.model_images.registry.layouts import layout
from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.registries import proxy
from tests.model_images.registry.test_push import pushed


def held(digest: str, *places: str) -> list[Holding]:
    return verify(digest, [parse_reference(place) for place in places])


def test_two_registries_with_the_same_image_are_the_same(tmp_path: Path, host: str, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    for place in (host, memory.host):
        pushed(tmp_path / "image", repository(place), "1.2")
    found = held(root["digest"], f"{host}/models/fraud:1.2", f"{memory.host}/models/fraud")
    assert [(one.same, one.manifests, one.blobs, one.referrers) for one in found] == [(True, 1, 3, 1)] * 2


def test_a_registry_without_the_image_is_named(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host))
    with memory_registry() as empty:
        first, second = held(root["digest"], f"{memory.host}/models/fraud", f"{empty.host}/models/fraud")
    assert (first.same, second.same) == (True, False)
    assert "answered 404" in second.problem


def test_a_blob_that_is_missing_is_found(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image", sbom=False)
    pushed(tmp_path / "image", repository(memory.host))
    lost = next(iter(memory.blobs))
    del memory.blobs[lost]
    (found,) = held(root["digest"], f"{memory.host}/models/fraud")
    assert (found.same, found.missing, found.blobs) == (False, (lost[1],), 2)


def test_a_tag_that_names_another_image_is_found(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "one")
    other = layout(tmp_path / "two", [b"another"])
    pushed(tmp_path / "one", repository(memory.host))
    pushed(tmp_path / "two", repository(memory.host), "1.2")
    (found,) = held(root["digest"], f"{memory.host}/models/fraud:1.2")
    assert found.problem == f"tag 1.2 names {other['digest']}"


def test_a_registry_that_lies_about_the_content_is_found(tmp_path: Path, memory: MemoryRegistry) -> None:
    root = layout(tmp_path / "image")
    pushed(tmp_path / "image", repository(memory.host))
    with proxy(memory.host) as between:
        between.change = lambda asked, headers, body: (headers, body + b"\n")
        (found,) = held(root["digest"], f"{between.host}/models/fraud")
    assert not found.same
    assert "asked for" in found.problem
