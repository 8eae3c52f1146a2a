"""The file `model.yaml` of a model folder: what is baked into the image.

How the model is served (where, how many, its cache and limits) is said in `stacks/models/NAME.yaml`, not here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from yamlcore import CCoreLoader

Scalar = bool | int | float | str
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
PinnedRequirement = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.!+]+$")]


class ModelFileError(ValueError):
    """Everything that is wrong with one model folder, a line each: file, field, value got, what is allowed."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tensor(_Part):
    """One named input or output. `shape` is that of one row, without the batch; absent means a scalar."""

    name: Name
    type: Literal["float32", "float64", "int64", "bool", "string"]
    shape: tuple[Annotated[int, Field(gt=0)], ...] = ()


class Input(Tensor):
    """An input may also be limited: to a range (`min`, `max`, both included) or to a set of `values`."""

    min: float | None = None
    max: float | None = None
    values: tuple[Scalar, ...] = ()


class WarmUp(_Part):
    """One example request: rows in the inputs' order, or objects by input name."""

    instances: Annotated[tuple[tuple[Scalar, ...] | dict[str, Scalar], ...], Field(min_length=1)]


class Batching(_Part):
    """Rows that may be predicted together, and how long the first of them may wait for the others (milliseconds)."""

    max_rows: Annotated[int, Field(ge=1, le=4096)] = 64
    max_wait_ms: Annotated[float, Field(ge=0, le=1000)] = 2


class Evaluation(_Part):
    """A data set beside the model and the thresholds that a release must reach on it."""

    data: str
    metrics: dict[str, float]


class ModelFile(_Part):
    """One model folder's `model.yaml`."""

    name: Name
    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")]
    framework: Literal["sklearn", "xgboost", "lightgbm", "onnx", "pytorch", "python"]
    artifact: str
    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]
    outputs: Annotated[tuple[Tensor, ...], Field(min_length=1)]
    warmup: WarmUp
    batching: Batching = Batching()
    requirements: tuple[PinnedRequirement, ...] = ()
    evaluation: Evaluation | None = None

    @model_validator(mode="after")
    def _warm_up_fits_the_inputs(self) -> ModelFile:
        names = [given.name for given in self.inputs]
        for row, instance in enumerate(self.warmup.instances):
            got = sorted(instance) if isinstance(instance, dict) else len(instance)
            if got != (sorted(names) if isinstance(instance, dict) else len(names)):
                raise ValueError(f"warmup.instances[{row}] does not name the inputs {', '.join(names)}, each once")
        return self


def read_model_file(folder: Path) -> ModelFile:
    """The checked `model.yaml` of `folder`.

    Raises:
        ModelFileError: naming everything that is wrong at once; also if the artifact is not there.
    """
    path = folder / "model.yaml"
    try:
        # YAML 1.2: `no` and `on` are words.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=CCoreLoader)  # noqa: S506  makes plain data only
        model = ModelFile.model_validate(content)
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror}; a model folder holds a model.yaml") from error
    except yaml.YAMLError as error:
        raise ModelFileError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise ModelFileError("\n".join(_lines(path, error))) from error
    if not (folder / model.artifact).is_file():
        raise ModelFileError(f"{path}: artifact: got {model.artifact!r}; allowed: the name of a file in {folder}")
    return model


def _lines(path: Path, error: ValidationError) -> list[str]:
    return [
        f"{path}: {'.'.join(map(str, problem['loc'])) or 'file'}: got {problem['input']!r:.80}; {problem['msg']}"
        for problem in error.errors()
    ]
