"""A graph's inputs and outputs, checked against `model.yaml`.

A tensor of the graph has a `name`, a `type` (`tensor(float)`) and a `shape` with the batch first: numbers, or names and
None where a dimension may be any.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from model_images.model_file import ElementType, Input, Tensor
from model_images.runtimes import ArtifactError

TYPES: Final[dict[ElementType, str]] = {
    "float32": "tensor(float)",
    "float64": "tensor(double)",
    "int64": "tensor(int64)",
    "bool": "tensor(bool)",
    "string": "tensor(string)",
}
OUTPUT_TYPES: Final[dict[ElementType, tuple[str, ...]]] = {
    "float32": ("tensor(float)", "tensor(double)", "tensor(float16)"),
    "float64": ("tensor(float)", "tensor(double)", "tensor(float16)"),
    "int64": ("tensor(int64)", "tensor(int32)", "tensor(int16)", "tensor(int8)", "tensor(uint8)", "tensor(uint32)"),
    "bool": ("tensor(bool)",),
    "string": ("tensor(string)",),
}
ZIPMAP: Final = "seq(map("


def takes_all_in_one(inputs: Sequence[Input], takes: Sequence[Any]) -> bool:
    """Whether the graph takes all inputs side by side: one tensor, that is none of several inputs."""
    if len(takes) != 1 or any(given.shape for given in inputs):
        return False
    return len(inputs) > 1 or takes[0].name != inputs[0].name


def check_all_in_one(inputs: Sequence[Input], graph: Any, path: Path) -> None:
    """Raises ArtifactError if the inputs do not stand side by side in the graph's one tensor."""
    for given in inputs:
        if TYPES[given.type] != graph.type:
            raise ArtifactError(
                f"{path}: input {given.name}: got {given.type}; allowed: {_ours(graph.type)}, the type of the graph's "
                f"one tensor {graph.name}"
            )
    if len(graph.shape) != 2 or _differs(graph.shape[1], len(inputs)):
        raise ArtifactError(
            f"{path}: inputs: got {len(inputs)} scalars; allowed: as many as the graph's tensor {graph.name} takes, "
            f"of shape {_text(graph.shape)}"
        )
    _check_batch(f"input {graph.name}", graph, path)


def _paired(what: str, tensors: Sequence[Tensor], graphs: Sequence[Any], path: Path) -> list[tuple[Tensor, Any]]:
    if len(tensors) == len(graphs) == 1:
        return [(tensors[0], graphs[0])]
    named = {graph.name: graph for graph in graphs}
    for tensor in tensors:
        if tensor.name not in named:
            raise ArtifactError(f"{path}: {what}: {tensor.name} is not in the graph; allowed: {', '.join(named)}")
    return [(tensor, named[tensor.name]) for tensor in tensors]


def check_each(inputs: Sequence[Input], takes: Sequence[Any], path: Path) -> list[Any]:
    """The graph's tensors in the order of the inputs, one each.

    Raises:
        ArtifactError: if names, types or shapes differ, or the graph takes more than the inputs.
    """
    pairs = _paired("inputs", inputs, takes, path)
    more = [graph.name for graph in takes if graph.name not in {own.name for _, own in pairs}]
    if more:
        raise ArtifactError(f"{path}: inputs: the graph also takes {', '.join(more)}; allowed: every tensor named")
    for given, graph in pairs:
        _check_input(given, graph, path)
    return [graph for _, graph in pairs]


def check_outputs(outputs: Sequence[Tensor], answers: Sequence[Any], path: Path) -> list[Any]:
    """The graph's tensors in the order of the outputs; a graph may answer more. Raises ArtifactError."""
    pairs = _paired("outputs", outputs, answers, path)
    for output, graph in pairs:
        _check_output(output, graph, path)
    return [graph for _, graph in pairs]


def _check_input(given: Tensor, graph: Any, path: Path) -> None:
    if TYPES[given.type] != graph.type:
        raise ArtifactError(f"{path}: input {given.name}: got {given.type}; allowed: {_ours(graph.type)}, as the graph")
    shapes = [given.shape, (1,)] if not given.shape else [given.shape]
    _check_shape(f"input {given.name}", given, graph, shapes, path)
    _check_batch(f"input {given.name}", graph, path)


def _check_output(output: Tensor, graph: Any, path: Path) -> None:
    if graph.type.startswith(ZIPMAP):
        if not output.type.startswith("float") or len(output.shape) != 1:
            raise ArtifactError(
                f"{path}: output {output.name}: got {output.type}, shape {list(output.shape)}; allowed: a float of "
                "shape [classes], which is what the graph's map of probabilities is answered as"
            )
        return
    if graph.type not in OUTPUT_TYPES[output.type]:
        raise ArtifactError(f"{path}: output {output.name}: got {output.type}; allowed: {_ours(graph.type)}")
    shapes = [output.shape, (1,)] if not output.shape else [output.shape]
    _check_shape(f"output {output.name}", output, graph, shapes, path)


def _check_shape(what: str, tensor: Tensor, graph: Any, shapes: Sequence[Sequence[int]], path: Path) -> None:
    if not graph.shape:  # exporters leave the shape out where they do not know it
        return
    own = graph.shape[1:]
    if not any(len(own) == len(s) and not any(map(_differs, own, s)) for s in shapes):
        raise ArtifactError(
            f"{path}: {what}: got shape {list(tensor.shape)} a row; allowed: {_text(own)}, as the graph"
        )


def _check_batch(what: str, graph: Any, path: Path) -> None:
    if graph.shape and isinstance(graph.shape[0], int):
        raise ArtifactError(
            f"{path}: {what}: the graph takes {graph.shape[0]} row(s) at a time; allowed: any number of rows (export "
            "it with a first dimension that has a name instead of a number)"
        )


def _differs(own: Any, given: int) -> bool:
    return isinstance(own, int) and own != given


def _ours(graph_type: str) -> str:
    return next((ours for ours, theirs in TYPES.items() if theirs == graph_type), f"none of ours for {graph_type}")


def _text(shape: Sequence[Any]) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"
