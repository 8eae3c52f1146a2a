"""A real API server for these tests: they are skipped where the cluster's programs are not built (`make cluster`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.objects import Applied
from tools.cluster.build import built_already
from tools.cluster.client import Client
from tools.cluster.folders import home
from tools.cluster.life import client, down, up
from tools.offline.files import locked

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            if not built_already():
                item.add_marker(pytest.mark.skip(reason="no programs of the cluster; `make cluster` builds them"))


@pytest.fixture(scope="module")
def api() -> Iterator[Client]:
    """The cluster, for one file at a time: two would meet in it. One that stood before stands afterwards."""
    with locked(home() / ".tests"):
        stood = client() is not None
        yield up()
        if not stood:
            down()


@pytest.fixture
def applied(api: Client) -> Iterator[Applied]:
    """Objects that are gone again after the test."""
    made = Applied(api)
    yield made
    made.remove()
