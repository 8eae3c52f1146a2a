"""One moto for the tests of this folder and below, empty for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model_images.serve.aws.aws_server import AwsServer


@pytest.fixture(scope="session")
def _moto() -> Iterator[AwsServer]:
    server = AwsServer()
    yield server
    server.stop()


@pytest.fixture
def aws(_moto: AwsServer) -> AwsServer:
    """AWS as moto plays it."""
    _moto.reset()
    return _moto
