"""The table of packages is the one that the server is tested with."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from model_images.build.errors import BuildError
from model_images.build.frameworks import FRAMEWORKS, REPLACEABLE, SERVER, requirements_of
from model_images.model_file import Framework, read_model_file

ROOT = Path(__file__).parents[3]
FRAUD = read_model_file(ROOT / "model_images/samples/fraud")


def pinned(*files: str) -> dict[str, str]:
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines() if "==" in line]
    return {line.partition("==")[0]: line.partition("==")[2].split()[0] for line in lines if "[" not in line}


def test_the_servers_packages_have_the_tested_versions() -> None:
    tested = pinned("requirements.txt")
    assert [pin for pin in SERVER if tested.get(pin.partition("==")[0]) != pin.partition("==")[2]] == []


def test_the_frameworks_on_a_processor_have_the_tested_versions() -> None:
    tested = pinned("tools/requirements.txt")
    pins = {pin.partition("==")[0]: pin.partition("==")[2] for row in FRAMEWORKS.values() for pin in row["cpu"]}
    assert {name: tested[name] for name in pins if name in tested} == {n: v for n, v in pins.items() if n in tested}
    assert {"scikit-learn", "xgboost-cpu", "lightgbm", "onnxruntime"} <= tested.keys() & pins.keys()


def test_every_framework_has_a_row() -> None:
    assert FRAMEWORKS.keys() == set(get_args(Framework))
    assert all("cpu" in row for row in FRAMEWORKS.values())


def test_an_accelerator_that_a_framework_cannot_use_is_refused() -> None:
    with pytest.raises(BuildError, match=r"--accelerator: got 'cuda'; allowed for framework sklearn: cpu"):
        requirements_of(msgspec.structs.replace(FRAUD, framework="sklearn"), "cuda")


def test_a_models_own_pin_replaces_the_tables() -> None:
    model = msgspec.structs.replace(FRAUD, framework="sklearn", requirements=("scikit-learn==1.7.0", "pandas==2.3.3"))
    pins = requirements_of(model, "cpu")
    assert [pin for pin in pins if pin.startswith(("scikit", "pandas"))] == ["pandas==2.3.3", "scikit-learn==1.7.0"]


def test_all_that_the_table_names_may_be_replaced() -> None:
    named = {pin.partition("==")[0] for row in FRAMEWORKS.values() for pins in row.values() for pin in pins}
    assert named - {"onnxruntime-gpu"} <= set(REPLACEABLE)


def test_a_models_own_pin_of_a_package_of_the_server_stands_against_the_servers() -> None:
    pins = requirements_of(msgspec.structs.replace(FRAUD, requirements=("msgspec==0.1",)), "cpu")
    assert sum(pin.startswith("msgspec==") for pin in pins) == 2  # no lock can be made of both: uv says why
