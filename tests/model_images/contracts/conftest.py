"""What the contracts' tests share: a running model of numbers, one in this process that answers text, an invocation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_images.conftest import Serving
from tests.model_images.contracts.invoking import JSON_BODY, invoke
from tests.model_images.contracts.mirror import mirror_folder
from tests.model_images.live import LiveServer
from tests.model_images.served import InProcess, mixed_model, stacked_model


@pytest.fixture(scope="session")
def mirror(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """A model of numbers that sets custom attributes: mirror.py."""
    return serving(mirror_folder(tmp_path_factory.mktemp("mirror")))


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[InProcess]:
    """A model with inputs and outputs of every type, in this process."""
    model = InProcess(mixed_model(tmp_path), {"AIP_HEALTH_ROUTE": "/health", "AIP_PREDICT_ROUTE": "/predict"})
    yield model
    model.close()


@pytest.fixture
def stacked(tmp_path: Path) -> Iterator[InProcess]:
    """A model whose inputs are all scalars of one type, in this process."""
    model = InProcess(stacked_model(tmp_path))
    yield model
    model.close()


@pytest.fixture(scope="session")
def score(fraud: LiveServer) -> float:
    """The fraud sample's prediction for ROW."""
    [found] = invoke(fraud, JSON_BODY).json()["predictions"]
    return found
