"""Models that are a Python file."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_images.model_file import read_model_file
from model_images.runtimes.python import PythonModelError, predict
from tests.model_images.folders import model_folder


def predictions(folder: Path) -> list[object]:
    return predict(folder, read_model_file(folder))


def test_rows_reach_the_model_by_name_whichever_way_they_are_written(tmp_path: Path) -> None:
    assert predictions(model_folder(tmp_path)) == [12.5, 6.0]


def test_a_file_without_predict_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, code="def load(folder): return None\n")
    with pytest.raises(PythonModelError, match=r"needs two functions, load\(folder\) and predict"):
        predictions(folder)


def test_an_answer_too_few_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, code="def load(folder): return 1\ndef predict(model, rows): return [model]\n")
    with pytest.raises(PythonModelError, match="answered 1 predictions for 2 rows"):
        predictions(folder)
