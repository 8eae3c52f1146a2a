"""What an MLflow model says about itself, as a model.yaml says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model_images.registry.errors import Refused
from model_images.registry.mlflow_flavors import choose
from model_images.registry.mlflow_signature import pinned, tensors, warm_up


def signature(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": json.dumps(entries)}


def tensor(dtype: str, *shape: int, name: str | None = None) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}} | ({"name": name} if name else {})


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("double", "float64"),
        ("float", "float32"),
        ("integer", "int64"),
        ("long", "int64"),
        ("boolean", "bool"),
        ("string", "string"),
    ],
)
def test_column_types_become_ours(kind: str, ours: str) -> None:
    assert tensors(signature({"type": kind, "name": "Mean Radius"}), "inputs") == [
        {"name": "mean_radius", "type": ours}
    ]


def test_one_tensor_of_columns_is_scalars_where_the_framework_takes_columns() -> None:
    given = signature(tensor("float64", -1, 2))
    assert tensors(given, "inputs", columns=True) == [
        {"name": "x0", "type": "float64"},
        {"name": "x1", "type": "float64"},
    ]
    assert tensors(given, "inputs") == [{"name": "input", "type": "float64", "shape": [2]}]


def test_named_tensors_keep_name_and_shape() -> None:
    found = tensors(signature(tensor("float32", -1, 3, 8, name="image"), tensor("str", -1, name="text")), "inputs")
    assert found == [{"name": "image", "type": "float32", "shape": [3, 8]}, {"name": "text", "type": "string"}]


def test_all_that_cannot_be_said_is_said_at_once() -> None:
    given = signature(
        {"type": "datetime", "name": "when"}, tensor("float32", -1, -1, name="image"), {"type": "long", "name": "1st"}
    )
    with pytest.raises(Refused) as wrong:
        tensors(given, "inputs")
    lines = str(wrong.value).splitlines()
    assert lines[0].startswith("signature.inputs[0]: when: got datetime; allowed: ")
    assert lines[1].startswith("signature.inputs[1]: image: got shape [-1, -1]; allowed: one unknown size")
    assert lines[2] == "signature.inputs: 1st: names begin with a letter; rename it"


def test_names_that_become_one_are_refused() -> None:
    with pytest.raises(Refused, match="a_b: two columns have this name"):
        tensors(signature({"type": "long", "name": "a b"}, {"type": "long", "name": "A_b"}), "inputs")


@pytest.mark.parametrize(
    "example",
    [
        {"dataframe_split": {"columns": ["B", "A"], "data": [[2, 1], [4, 3]]}},
        {"inputs": [[1, 2], [3, 4]]},
        {"inputs": {"A": [1, 3], "B": [2, 4]}},
        {"instances": [[1, 2], [3, 4]]},
    ],
)
def test_every_form_of_example_becomes_rows_in_the_inputs_order(tmp_path: Path, example: dict[str, Any]) -> None:
    (tmp_path / "serving_input_example.json").write_text(json.dumps(example))
    assert warm_up(tmp_path, [{"name": "a"}, {"name": "b"}]) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("example", [None, {"inputs": []}, {"inputs": [[1]]}, {"inputs": {"a": [1]}}, {"messages": []}])
def test_an_example_that_is_none_is_refused(tmp_path: Path, example: dict[str, Any] | None) -> None:
    if example is not None:
        (tmp_path / "serving_input_example.json").write_text(json.dumps(example))
    with pytest.raises(Refused, match="input example: "):
        warm_up(tmp_path, [{"name": "a"}, {"name": "b"}])


def test_requirements_are_pinned_or_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("mlflow==3\nScikit_Learn==1.9.1\npandas==3.1.1\nfoo>=1  # why\nbar\n")
    assert pinned(tmp_path, frozenset({"mlflow", "scikit-learn"})) == (["pandas==3.1.1"], ["foo>=1", "bar"])


@pytest.mark.parametrize(
    ("flavors", "line"),
    [
        ({"python_function": {}}, "flavors: got python_function; allowed: onnx"),
        ({"xgboost": {"data": "model.xgb", "model_format": "xgb"}}, "allowed: ubj, json"),
        ({"pytorch": {"model_data": "data"}}, "got a pickled module; allowed: an exported one"),
        ({"sklearn": {"pickled_model": "model.pkl", "code": "code"}}, "got code of its own"),
    ],
)
def test_a_flavor_that_no_image_serves_is_refused_with_the_next_step(
    tmp_path: Path, flavors: dict[str, Any], line: str
) -> None:
    with pytest.raises(Refused, match=line):
        choose(tmp_path, flavors)


def test_weights_beside_a_graph_come_with_it(tmp_path: Path) -> None:
    for name in ("model.onnx", "model.onnx.data"):
        (tmp_path / name).write_text("")
    chosen = choose(tmp_path, {"onnx": {"data": "model.onnx"}})
    assert (chosen.artifact, sorted(chosen.files)) == ("model.onnx", ["model.onnx", "model.onnx.data"])
