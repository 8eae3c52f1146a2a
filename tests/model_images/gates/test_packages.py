"""The model with the packages of its lock alone."""

from __future__ import annotations

from pathlib import Path

from model_images.gates.packages import foreign, locked, packages
from tests.model_images.gates.subjects import MODEL_PY, subject

# What reading model.yaml and predicting need of an image's server.
LOCK = "msgspec==0.22.0 \\\n    --hash=sha256:00\nnumpy==2.4.6\norjson==3.13.0\npyyaml==6.0.3\nyamlcore==0.0.4\n"
WITH_PANDAS = f"import pandas\n{MODEL_PY}"


def test_a_folder_without_a_lock_declares_nothing(tmp_path: Path) -> None:
    assert packages(subject(tmp_path)).passed is None


def test_a_model_that_needs_what_its_lock_names_passes(tmp_path: Path) -> None:
    result = packages(subject(tmp_path, requirements_dot_lock=LOCK))
    assert result.problems == ()
    assert result.numbers == {"packages": 5}


def test_a_package_that_the_lock_does_not_name_is_told(tmp_path: Path) -> None:
    result = packages(subject(tmp_path, code=WITH_PANDAS, requirements_dot_lock=LOCK))
    (problem,) = result.problems
    assert problem.startswith("with the packages of requirements.lock alone: ")
    assert "pandas" in problem


def test_names_are_compared_as_package_indexes_do() -> None:
    assert locked("PyYAML==6.0.3 \\\n    --hash=sha256:00\nuvicorn[standard]==1\nruamel.yaml==1\n# numpy==1\n") == {
        "pyyaml",
        "uvicorn",
        "ruamel-yaml",
    }
    assert "yaml" not in foreign({"pyyaml"})
    assert "yaml" in foreign(set())


def test_what_an_installed_version_needs_is_not_foreign() -> None:
    assert "yaml" not in foreign({"yamlcore"})
