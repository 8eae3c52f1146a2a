"""PyTorch models, saved by `torch.export.save` (`.pt2`), run on the processor.

An exported program is a graph with its weights: no code of the model is needed to load it. It takes one tensor an
input, in the inputs' order, or one tensor of shape (rows, inputs) in which all scalar inputs stand side by side. It
answers one tensor an output: a dictionary by output name, or a tuple in the outputs' order.
"""

from __future__ import annotations

import importlib
import logging
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from model_images.model_file import ModelFile, Tensor
from model_images.runtimes import ArtifactError, first_line
from model_images.runtimes.columns import as_matrix, check_numbers
from model_images.runtimes.outputs import declared
from model_images.serve.arrays import TYPES
from model_images.serve.rows import MODEL_ERRORS, Outputs, Rows, Runtime

# Its types are unknown to checkers.
torch: Any = importlib.import_module("torch")
# What loading imports in the end (900 modules): here the parent of all workers does it once.
importlib.import_module("torch.export.pt2_archive")

TORCH_TYPES: Final[dict[str, Any]] = {
    "float32": torch.float32,
    "float64": torch.float64,
    "int64": torch.int64,
    "bool": torch.bool,
}


def load(folder: Path, model: ModelFile) -> PytorchModel:
    """The program of the artifact, checked against `model.yaml`.

    Raises:
        ArtifactError: if the file is not readable, was saved by another version, or inputs or outputs do not fit.
    """
    path = folder / model.artifact
    check_numbers(model, path)
    _check_archive(path)
    # A worker process is the unit of parallelism.
    torch.set_num_threads(1)
    # What is wrong comes as an exception; torch would also log its own traceback.
    logging.getLogger("torch.export").setLevel(logging.CRITICAL)
    try:
        program = torch.export.load(path)
        module = program.module()
    except MODEL_ERRORS as error:
        raise ArtifactError(f"{path}: not readable by torch {torch.__version__}: {first_line(error)}") from error
    stacked = _check_inputs(program, model, path)
    return PytorchModel(path, model, module, _answers(program, model, path), stacked=stacked)


class PytorchModel(Runtime):
    """A program, and which of its answers is which output."""

    def __init__(self, path: Path, model: ModelFile, module: Any, answers: list[Any], *, stacked: bool) -> None:
        self._path = path
        self._outputs = model.outputs
        self._module = module
        self._answers = answers
        self._stacked = stacked
        self._dtype = TYPES[model.inputs[0].type]

    def predict(self, rows: Rows) -> Outputs:
        given = [as_matrix(rows, self._dtype)] if self._stacked else rows.columns.values()
        with torch.inference_mode():
            answered = self._module(*[_tensor(array) for array in given])
        if isinstance(answered, torch.Tensor):
            answered = (answered,)
        return {
            output.name: declared(answered[key].numpy(), output, rows.count, self._path)
            for output, key in zip(self._outputs, self._answers, strict=True)
        }


def _tensor(array: Any) -> Any:
    # Arrays made of a request's bytes cannot be written to, of which torch warns.
    return torch.from_numpy(np.require(array, requirements=("C", "W")))


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()  # torch itself loads weights whose checksum is wrong
            names = [name for name in archive.namelist() if name.endswith("models/model.json")]
            found = re.search(rb'"torch_version": ?"(\d+\.\d+)([^"]*)"', archive.read(names[0])) if names else None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise ArtifactError(f"{path}: not readable by torch {torch.__version__}: {first_line(error)}") from error
    if damaged:
        raise ArtifactError(f"{path}: not readable by torch {torch.__version__}: {damaged} is damaged")
    if found is None:
        raise ArtifactError(
            f"{path}: not readable by torch: no exported program; allowed: what torch.export.save writes"
        )
    made = found[1].decode()
    if made != ".".join(torch.__version__.split(".")[:2]):
        raise ArtifactError(
            f"{path}: saved by torch {made}{found[2].decode()}, but this is torch {torch.__version__}; export it "
            "again, or pin the version that saved it"
        )


def _check_inputs(program: Any, model: ModelFile, path: Path) -> bool:
    """Whether the program takes all inputs side by side."""
    wanted = set(program.graph_signature.user_inputs)
    takes = [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder" and node.name in wanted]
    inputs = model.inputs
    if len(takes) == 1 and len(inputs) > 1 and not any(given.shape for given in inputs):
        for given in inputs:
            _check(
                f"input {given.name}", Tensor(name=given.name, type=given.type, shape=(len(inputs),)), takes[0], path
            )
        return True
    if len(takes) != len(inputs):
        raise ArtifactError(f"{path}: inputs: got {len(inputs)}; allowed: {len(takes)}, as the program takes")
    for given, own in zip(inputs, takes, strict=True):
        _check(f"input {given.name}", given, own, path)
    return False


def _answers(program: Any, model: ModelFile, path: Path) -> list[Any]:
    """Where each output stands in what the program answers: a name of its dictionary or a place of its tuple."""
    own = program.graph.output_node().args[0][-len(program.graph_signature.user_outputs) :]
    spec = program.call_spec.out_spec
    keys: list[Any] = list(spec.context) if spec.type is dict else list(range(len(own)))
    wanted: list[Any] = [o.name for o in model.outputs] if spec.type is dict else list(range(len(model.outputs)))
    missing = [output.name for output, key in zip(model.outputs, wanted, strict=True) if key not in keys]
    if missing or (spec.type is not dict and len(keys) != len(wanted)):
        raise ArtifactError(
            f"{path}: outputs: {', '.join(missing) or len(wanted)}: not what the program answers; allowed: "
            f"{', '.join(map(str, keys)) if spec.type is dict else f'{len(keys)} outputs in its order'}"
        )
    for output, key in zip(model.outputs, wanted, strict=True):
        _check(f"output {output.name}", output, own[keys.index(key)].meta["val"], path)
    return wanted


def _check(what: str, tensor: Tensor, own: Any, path: Path) -> None:
    rest = tuple(own.shape[1:])
    if tensor.type not in TORCH_TYPES or own.dtype != TORCH_TYPES[tensor.type]:
        raise ArtifactError(f"{path}: {what}: got {tensor.type}; allowed: {str(own.dtype).removeprefix('torch.')}")
    fits = len(rest) == len(tensor.shape) and all(
        not isinstance(size, int) or size == given for size, given in zip(rest, tensor.shape, strict=True)
    )
    if not fits:
        raise ArtifactError(f"{path}: {what}: got shape {list(tensor.shape)} a row; allowed: {list(rest)}")
    if own.ndim and isinstance(own.shape[0], int):
        raise ArtifactError(
            f"{path}: {what}: the program takes {own.shape[0]} row(s) at a time; allowed: any number of rows (export "
            "it with torch.export.Dim as its first dimension)"
        )
