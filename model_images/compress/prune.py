"""Unstructured pruning by magnitude: the smallest weights of each matrix become zero.

The artifact stays as long, and ONNX Runtime computes with the zeros: what shrinks is the artifact's share of the image
and of what is pulled, since zeros pack well. For less time a row, quantize or distill.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.compress.folder import Compressed, CompressionError, compress, require_onnx
from model_images.model_file import ModelFile
from model_images.serve.rows import Array

PRUNED: Final = {"MatMul", "Gemm", "Conv", "ConvTranspose"}


def prune(folder: Path, output: Path, *, sparsity: float = 0.5) -> Compressed:
    """A form of an ONNX model folder in which `sparsity` (between 0 and 1) of each matrix's weights are zero.

    Raises:
        CompressionError: if the graph has no weights; see `compress` for the rest.
    """
    if not 0 < sparsity < 1:
        raise CompressionError(f"--sparsity: got {sparsity:g}; allowed: between 0 and 1")
    require_onnx(folder, "prune")

    def recipe(old: Path, model: ModelFile, made: Path) -> None:
        onnx: Any = importlib.import_module("onnx")
        graph = onnx.load(old / model.artifact)
        weights = list(_weights(graph.graph))
        if not weights:
            kinds = sorted({node.op_type for node in graph.graph.node})
            raise CompressionError(
                f"{old / model.artifact}: nothing to prune: the graph holds {', '.join(kinds):.120}; allowed: graphs "
                "with float weights (MatMul, Gemm, Conv ...); the thresholds of trees are none"
            )
        for tensor in weights:
            pruned = without_smallest(onnx.numpy_helper.to_array(tensor), sparsity)
            tensor.CopyFrom(onnx.numpy_helper.from_array(pruned, tensor.name))
        (made / model.artifact).write_bytes(graph.SerializeToString())

    return compress(folder, output, f"pruned, {sparsity:.0%} of each matrix", recipe)


def without_smallest(weights: Array, sparsity: float) -> Array:
    """A copy whose `sparsity` smallest weights by magnitude are zero, rounded down; of equal ones the first."""
    flat = weights.reshape(-1).copy()
    flat[np.argsort(np.abs(flat), kind="stable")[: int(sparsity * flat.size)]] = 0
    return flat.reshape(weights.shape)


def _weights(graph: Any) -> Iterator[Any]:
    used = {name for node in graph.node if node.op_type in PRUNED for name in node.input}
    for tensor in graph.initializer:
        if tensor.name in used and len(tensor.dims) > 1 and tensor.data_type in {1, 11}:  # float and double
            yield tensor
