"""Models that are a Python file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_images.model_file import read_model_file
from model_images.runtimes import ArtifactError, load
from model_images.serve.rows import Outputs, RowRefused, Rows, Runtime
from tests.model_images.folders import model_folder

LOAD = "def load(folder): return None\n"
TWO = "[{name: label, type: string}, {name: chances, type: float32, shape: [2]}]"


def rows() -> Rows:
    return Rows(2, {"amount": np.array([12.5, 3.0]), "country": np.array(["DE", "FR"], object)})


def loaded(folder: Path) -> Runtime:
    return load(folder, read_model_file(folder))


def answered(folder: Path) -> dict[str, Any]:
    return {name: array.tolist() for name, array in loaded(folder).predict(rows()).items()}


def predicting(root: Path, expression: str, *, outputs: str = "[{name: score, type: float64}]") -> Path:
    return model_folder(
        root,
        old="[{name: score, type: float64}]",
        new=outputs,
        code=f"{LOAD}def predict(model, rows): return {expression}\n",
    )


def test_rows_reach_the_model_as_objects_by_name(tmp_path: Path) -> None:
    assert answered(model_folder(tmp_path)) == {"score": [12.5, 6.0]}


def test_several_outputs_come_back_as_objects_by_name(tmp_path: Path) -> None:
    folder = predicting(tmp_path, "[{'label': r['country'], 'chances': [0.25, 0.75]} for r in rows]", outputs=TWO)
    assert answered(folder) == {"label": ["DE", "FR"], "chances": [[0.25, 0.75]] * 2}


def test_whole_numbers_are_floats_where_floats_are_declared(tmp_path: Path) -> None:
    assert answered(predicting(tmp_path, "[1, 2]")) == {"score": [1.0, 2.0]}


def test_a_file_without_predict_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.py: needs two functions, load\(folder\) and predict\(model, rows"):
        loaded(model_folder(tmp_path, code=LOAD))


def test_an_answer_too_few_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.py: predict answered 1 predictions for 2 rows"):
        answered(predicting(tmp_path, "[1.0]"))


def test_an_answer_that_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"predict answered 1\.5; allowed: one answer a row"):
        answered(predicting(tmp_path, "1.5"))


def test_an_output_of_another_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactError, match=r"output score: got <U2; allowed: float64, shape \[\] a row, as model.yaml"
    ):
        answered(predicting(tmp_path, "['no', 'no']"))


def test_a_float_is_never_cut_to_an_integer(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"output score: got float64; allowed: int64"):
        answered(predicting(tmp_path, "[1.5, 2.5]", outputs="[{name: score, type: int64}]"))


def test_an_output_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"output score: got shape \[3\] a row; allowed: float64, shape \[\] a row"):
        answered(predicting(tmp_path, "[[1., 2., 3.]] * 2"))


def test_rows_of_different_shapes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="output score: rows of different shapes"):
        answered(predicting(tmp_path, "[[1.], [1., 2.]]"))


def test_a_text_output_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="output score: got None; allowed: string"):
        answered(predicting(tmp_path, "['a', None]", outputs="[{name: score, type: string}]"))


def test_an_object_without_an_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactError, match=r"predictions\[0\]: got {'label': 'x'}; allowed: an object of label, chances"
    ):
        answered(predicting(tmp_path, "[{'label': 'x'}] * 2", outputs=TWO))


def test_the_model_may_refuse_a_row(tmp_path: Path) -> None:
    code = (
        "from model_images.serve.rows import RowRefused\n"
        f"{LOAD}def predict(model, rows): raise RowRefused(1, 'amount: too odd')\n"
    )
    with pytest.raises(RowRefused, match="amount: too odd") as refused:
        answered(model_folder(tmp_path, code=code))
    assert refused.value.row == 1


def test_an_error_of_the_models_own_kind_becomes_one_that_others_know(tmp_path: Path) -> None:
    code = f"class Odd(Exception): ...\n{LOAD}def predict(model, rows): raise Odd('no way')\n"
    with pytest.raises(RuntimeError, match="Odd: no way"):
        answered(model_folder(tmp_path, code=code))
    (tmp_path / "load").mkdir()
    code = "class Odd(Exception): ...\ndef load(folder): raise Odd('no way')\ndef predict(model, rows): ...\n"
    with pytest.raises(ArtifactError, match=r"model\.py: load failed: RuntimeError: Odd: no way"):
        loaded(model_folder(tmp_path / "load", code=code))


def test_a_file_that_cannot_be_imported_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.py: not readable: SyntaxError: "):
        loaded(model_folder(tmp_path, code="def load(:\n"))


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="not readable: ModuleNotFoundError: No module named 'nowhere'"):
        loaded(model_folder(tmp_path, code="import nowhere\n"))


def test_a_load_that_fails_is_refused_by_name(tmp_path: Path) -> None:
    code = "def load(folder): return (folder / 'weights').read_text()\ndef predict(model, rows): return []\n"
    with pytest.raises(ArtifactError, match=r"model\.py: load failed: FileNotFoundError"):
        loaded(model_folder(tmp_path, code=code))


def test_dataclasses_work_in_an_artifact(tmp_path: Path) -> None:
    code = (
        "from __future__ import annotations\nimport dataclasses, typing\n"
        "@dataclasses.dataclass\nclass Points:\n    night: typing.ClassVar[float] = 2.0\n"
        f"{LOAD}def predict(model, rows): return [Points.night for _ in rows]\n"
    )
    assert answered(model_folder(tmp_path, code=code)) == {"score": [2.0, 2.0]}


def test_custom_attributes_are_told_only_by_a_model_that_has_them(tmp_path: Path) -> None:
    outputs: Outputs = {"score": np.array([1.0, 2.0])}
    assert loaded(predicting(tmp_path, "[1, 2]")).custom_attributes(rows(), outputs) is None
    code = f"{LOAD}def predict(m, rows): ...\ndef custom_attributes(rows, outputs): return str(sum(outputs['score']))\n"
    assert loaded(model_folder(tmp_path, code=code)).custom_attributes(rows(), outputs) == "3.0"


def test_custom_attributes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    code = f"{LOAD}def predict(m, rows): ...\ndef custom_attributes(rows, outputs): return 5\n"
    with pytest.raises(ArtifactError, match="custom_attributes answered 5; allowed: a text or None"):
        loaded(model_folder(tmp_path, code=code)).custom_attributes(rows(), {"score": np.zeros(2)})
