"""Live servers that tests share: one a model folder, from the sources and (slow) from the built image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.model_images.live import ROOT, LiveServer, serve_command, start

SAMPLES = ROOT / "model_images" / "samples"
Serving = Callable[[Path], LiveServer]


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
