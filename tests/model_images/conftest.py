"""Live servers: one a model folder that tests share, from the sources and (slow) from the built image; and own ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.model_images.live import ROOT, LiveServer, serve_command, start, start_source

SAMPLES = ROOT / "model_images" / "samples"
Serving = Callable[[Path], LiveServer]


class Starting(Protocol):
    """Starts a server from the sources: its folder, its environment, further words of its command line."""

    def __call__(
        self, folder: Path, environ: Mapping[str, str] | None = None, *arguments: str, wait: bool = True
    ) -> LiveServer: ...


def _command(source: str, folder: Path) -> list[str]:
    if source == "source":
        return serve_command(folder)
    from tests.model_images.images import image_command

    return image_command(folder)


@pytest.fixture(scope="session", params=["source", pytest.param("image", marks=pytest.mark.slow)])
def source(request: pytest.FixtureRequest) -> str:
    """Where the server's code comes from: this folder, or the image that was built from it."""
    return request.param


@pytest.fixture(scope="session")
def serving(source: str) -> Iterator[Serving]:
    """`serving(folder)`: a running server of that model folder, started once a session, stopped at its end."""
    running: dict[Path, LiveServer] = {}

    def of(folder: Path) -> LiveServer:
        if folder not in running:
            running[folder] = start(_command(source, folder))
        return running[folder]

    yield of
    for server in running.values():
        server.stop()


@pytest.fixture(scope="session")
def fraud(serving: Serving) -> LiveServer:
    """The server of the smallest sample, a plain-Python scorecard."""
    return serving(SAMPLES / "fraud")


@pytest.fixture
def starting() -> Iterator[Starting]:
    """`starting(folder, ...)`: a server of the test's own, which does not outlive it."""
    begun: list[LiveServer] = []

    def of(folder: Path, environ: Mapping[str, str] | None = None, *arguments: str, wait: bool = True) -> LiveServer:
        begun.append(start_source(folder, environ, *arguments, wait=wait))
        return begun[-1]

    yield of
    for server in begun:
        server.discard()
