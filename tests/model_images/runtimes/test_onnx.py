"""ONNX graphs: what they take and answer is checked when they are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from model_images.runtimes import ArtifactError, load
from tests.model_images.runtimes.artifacts import column_rows, folder_of, matrix_rows

FLOAT, STRING, INT64 = TensorProto.FLOAT, TensorProto.STRING, TensorProto.INT64
Value = tuple[str, int, Sequence[Any]]


def graph(root: Path, nodes: list[Any], takes: list[Value], answers: list[Value], *, opset: int = 18) -> None:
    made = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info(*value) for value in takes],
        [helper.make_tensor_value_info(*value) for value in answers],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    (root / "m.onnx").write_bytes(helper.make_model(made, opset_imports=opsets, ir_version=10).SerializeToString())


def sums(root: Path, *, width: int | str = 2, batch: int | str = "n", answer: Sequence[Any] = ("n", 1)) -> None:
    """A graph whose one tensor holds the scalars side by side; it answers their sum."""
    node = helper.make_node("ReduceSum", ["X"], ["Y"], keepdims=1, noop_with_empty_axes=0)
    axes = helper.make_node("Constant", [], ["axes"], value_ints=[1])
    node.input.append("axes")
    graph(root, [axes, node], [("X", FLOAT, [batch, width])], [("Y", FLOAT, answer)])


def adds(root: Path, shape: Sequence[Any] = ("n", 1)) -> None:
    """A graph with a tensor an input; it answers their sum."""
    node = helper.make_node("Add", ["a", "b"], ["score"])
    graph(root, [node], [("a", FLOAT, shape), ("b", FLOAT, shape)], [("score", FLOAT, shape)])


def test_scalars_go_side_by_side_into_a_graph_with_one_tensor(tmp_path: Path) -> None:
    sums(tmp_path)
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx"))
    assert runtime.predict(matrix_rows((1, 2), (3, 4)))["score"].tolist() == [3.0, 7.0]
    assert runtime.custom_attributes(matrix_rows((1, 2)), {}) is None


def test_columns_that_lie_apart_are_put_side_by_side(tmp_path: Path) -> None:
    sums(tmp_path)
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx"))
    rows = column_rows({"a": np.float32([1, 3]), "b": np.float32([2, 4])})
    assert runtime.predict(rows)["score"].tolist() == [3.0, 7.0]


@pytest.mark.parametrize("shape", [("n", 1), ("n",)])
def test_scalars_go_one_tensor_each_into_a_graph_that_has_their_names(tmp_path: Path, shape: Sequence[Any]) -> None:
    adds(tmp_path, shape)
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx"))
    assert runtime.predict(matrix_rows((1, 2), (3, 4)))["score"].tolist() == [3.0, 7.0]


def test_rows_that_do_not_lie_in_one_piece_of_memory_are_predicted_alike(tmp_path: Path) -> None:
    sums(tmp_path)
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx"))
    rows = matrix_rows((1, 2), (3, 4))
    rows.matrix = np.asfortranarray(rows.matrix)
    assert runtime.predict(rows)["score"].tolist() == [3.0, 7.0]


def test_texts_go_in_and_come_out(tmp_path: Path) -> None:
    node = helper.make_node("StringNormalizer", ["X"], ["Y"], case_change_action="UPPER", is_case_sensitive=1)
    node = helper.make_node("Identity", ["X"], ["Y"])
    graph(tmp_path, [node], [("X", STRING, ["n", 1])], [("Y", STRING, ["n", 1])])
    model = folder_of(
        tmp_path,
        "onnx",
        "m.onnx",
        inputs="inputs: [{name: word, type: string}]",
        outputs="outputs: [{name: same, type: string}]",
        warmup="[x]",
    )
    rows = column_rows({"word": np.array(["a", "ü"], object)})
    assert load(tmp_path, model).predict(rows)["same"].tolist() == ["a", "ü"]


def test_a_map_from_class_to_probability_is_unwrapped_in_the_order_of_classes(tmp_path: Path) -> None:
    zipmap = helper.make_node("ZipMap", ["p"], ["chances"], domain="ai.onnx.ml", classlabels_int64s=[3, 10])
    answer = helper.make_value_info(
        "chances",
        helper.make_sequence_type_proto(helper.make_map_type_proto(INT64, helper.make_tensor_type_proto(FLOAT, None))),
    )
    made = helper.make_graph([zipmap], "made", [helper.make_tensor_value_info("p", FLOAT, ["n", 2])], [answer])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=10), tmp_path / "m.onnx")
    outputs = "outputs: [{name: chances, type: float32, shape: [2]}]"
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx", outputs=outputs))
    assert runtime.predict(matrix_rows((0.25, 0.75)))["chances"].tolist() == [[0.25, 0.75]]
    with pytest.raises(
        ArtifactError, match=r"output chances: got float32, shape \[\]; allowed: a float of shape \[class"
    ):
        load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx", outputs="outputs: [{name: chances, type: float32}]"))


def refused(root: Path, **declared: str) -> str:
    with pytest.raises(ArtifactError) as error:
        load(root, folder_of(root, "onnx", "m.onnx", **declared))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{root / 'm.onnx'}: ")


def test_an_input_of_another_type_than_the_graph_is_refused(tmp_path: Path) -> None:
    sums(tmp_path)
    inputs = "inputs: [{name: a, type: float32}, {name: b, type: float64}]"
    said = refused(tmp_path, inputs=inputs)
    assert said == "input b: got float64; allowed: float32, the type of the graph's one tensor X"
    adds(tmp_path)
    assert refused(tmp_path, inputs=inputs) == "input b: got float64; allowed: float32, as the graph"


def test_more_scalars_than_the_graph_takes_are_refused(tmp_path: Path) -> None:
    sums(tmp_path, width=3)
    assert refused(tmp_path) == "inputs: got 2 scalars; allowed: as many as the graph's tensor X takes, of shape [n, 3]"


def test_an_input_that_is_not_in_the_graph_is_refused(tmp_path: Path) -> None:
    adds(tmp_path)
    inputs = "inputs: [{name: a, type: float32}, {name: c, type: float32}]"
    assert refused(tmp_path, inputs=inputs) == "inputs: c is not in the graph; allowed: a, b"


def test_a_tensor_of_the_graph_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    adds(tmp_path)
    said = refused(tmp_path, inputs="inputs: [{name: a, type: float32}]", warmup="[1]")
    assert said == "inputs: the graph also takes b; allowed: every tensor named"


def test_an_input_of_another_shape_than_the_graph_is_refused(tmp_path: Path) -> None:
    sums(tmp_path, width=3)
    said = refused(tmp_path, inputs="inputs: [{name: a, type: float32, shape: [4]}]", warmup="[[1, 2, 3, 4]]")
    assert said == "input a: got shape [4] a row; allowed: [3], as the graph"


def test_a_graph_for_one_row_at_a_time_is_refused(tmp_path: Path) -> None:
    sums(tmp_path, batch=1)
    assert "the graph takes 1 row(s) at a time; allowed: any number of rows" in refused(tmp_path)


def test_an_output_of_another_type_or_shape_than_the_graph_is_refused(tmp_path: Path) -> None:
    sums(tmp_path)
    said = refused(tmp_path, outputs="outputs: [{name: score, type: int64}]")
    assert said == "output score: got int64; allowed: float32"
    said = refused(tmp_path, outputs="outputs: [{name: score, type: float32, shape: [5]}]")
    assert said == "output score: got shape [5] a row; allowed: [1], as the graph"


def test_an_output_that_is_not_in_the_graph_is_refused(tmp_path: Path) -> None:
    adds(tmp_path)
    said = refused(tmp_path, outputs="outputs: [{name: score, type: float32}, {name: extra, type: float32}]")
    assert said == "outputs: extra is not in the graph; allowed: score"


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x08\x12\xff\xff"])
def test_a_file_that_is_no_graph_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    assert refused(tmp_path).startswith("not readable by onnxruntime ")


def test_a_graph_that_is_cut_off_is_refused_by_name(tmp_path: Path) -> None:
    sums(tmp_path)
    whole = (tmp_path / "m.onnx").read_bytes()
    (tmp_path / "m.onnx").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path).startswith("not readable by onnxruntime ")


def test_a_graph_of_a_later_operator_set_is_refused_by_name(tmp_path: Path) -> None:
    node = helper.make_node("Add", ["a", "b"], ["score"])
    takes: list[Value] = [("a", FLOAT, ["n"]), ("b", FLOAT, ["n"])]
    graph(tmp_path, [node], takes, [("score", FLOAT, ["n"])], opset=99)
    assert "opset" in refused(tmp_path)


def test_what_fails_inside_the_graph_is_one_line_with_the_file(tmp_path: Path) -> None:
    node = helper.make_node("Reshape", ["X", "shape"], ["Y"])
    shape = helper.make_node("Constant", [], ["shape"], value_ints=[7, 1])
    graph(tmp_path, [shape, node], [("X", FLOAT, ["n", 2])], [("Y", FLOAT, ["n", 1])])
    runtime = load(tmp_path, folder_of(tmp_path, "onnx", "m.onnx"))
    with pytest.raises(RuntimeError, match=r"m\.onnx: .*Reshape"):
        runtime.predict(matrix_rows((1, 2)))
