"""Registries to talk to: one in memory, and the real one, which is slow only because it must be installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_images.registry.memory_registry import MemoryRegistry, memory_registry
from tests.model_images.registry.registries import registry


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No login and no unfinished upload of the person who runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("DOCKER_CONFIG", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def memory() -> Iterator[MemoryRegistry]:
    with memory_registry() as server:
        yield server


@pytest.fixture(params=["memory", pytest.param("docker-registry", marks=pytest.mark.slow)])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Host and port of an empty registry."""
    if request.param == "memory":
        with memory_registry() as server:
            yield server.host
    else:
        with registry(tmp_path / "registry") as found:
            yield found
