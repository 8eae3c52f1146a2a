"""The file `model.yaml` of a model folder: what is baked into the image.

How the model is served (where, how many, its cache and limits) is said in `stacks/models/NAME.yaml`, not here. The same
reader runs where an image is built and inside it, so it is light to import: msgspec, no pydantic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_origin, get_type_hints

import msgspec
import yaml
from yamlcore import CCoreLoader

from model_images.serve.fields import wrong_limits, wrong_values

Scalar = bool | int | float | str
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,62}\Z",
        description="a small letter, then small letters, digits, _ and -, 63 characters at most",
    ),
]
Version = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]+(\.[0-9]+){0,2}\Z",
        description='one to three numbers with dots, in quotes: "1", "1.2", "1.2.3"',
    ),
]
PinnedRequirement = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]+\])?==[0-9][A-Za-z0-9.!+]*\Z",
        description="name==version",
    ),
]
ElementType = Literal["float32", "float64", "int64", "bool", "string"]
Framework = Literal["sklearn", "xgboost", "lightgbm", "onnx", "pytorch", "python"]
# What a model folder may hold that is not baked into its image.
NOT_BAKED = (
    "training",
    "evaluation",
    "tests",
    "requirements.lock",
    "requirements-cuda.lock",
    "requirements-neuron.lock",
)


class ModelFileError(ValueError):
    """Everything that is wrong with one model folder, a line each: file, field, value got, what is allowed."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the file's parts: a key that is not known is refused."""


class Tensor(Part, frozen=True):
    """One named input or output."""

    name: Name
    """Its name in requests, answers, CSV headers and Open Inference tensors."""
    type: ElementType
    """The type of each value; a number of another type is refused where it does not fit."""
    shape: tuple[Annotated[int, msgspec.Meta(gt=0)], ...] = ()
    """The shape of one row, without the batch, such as `[8, 8]`; left out: one value."""


class Input(Tensor, frozen=True):
    """One named input. A row whose value is not allowed is answered 422, and the model never sees it."""

    min: int | float | None = None
    """The least value that is allowed. Of numbers only."""
    max: int | float | None = None
    """The greatest value that is allowed. Of numbers only."""
    values: tuple[Scalar, ...] = ()
    """The only values that are allowed, of any type."""


class WarmUp(Part, frozen=True):
    """One example request."""

    instances: Annotated[tuple[list[Any] | dict[str, Any], ...], msgspec.Meta(min_length=1)]
    """Rows that the inputs allow: each a list in the inputs' order, or an object by input name."""


class Batching(Part, frozen=True):
    """How rows of several requests are predicted together."""

    max_rows: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """Rows of one batch, at most."""
    max_wait_ms: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 2
    """How long the first row of a batch may wait for others, in milliseconds; a request that is alone never waits."""


class Evaluation(Part, frozen=True):
    """A data set beside the model and the thresholds that a release must reach on it."""

    data: str
    """A CSV file below the model folder, such as `evaluation/data.csv`."""
    metrics: dict[str, float]
    """Metrics and their thresholds, such as `{accuracy: 0.9, log_loss: 0.2}`: a loss at most, any other at least so."""


class ModelFile(Part, frozen=True):
    """One model folder's `model.yaml`."""

    name: Name
    """The model's name: in Open Inference's routes, and in the image's labels."""
    version: Version
    """The model's version. Raise it when the artifact changes."""
    framework: Framework
    """What loads the artifact; the image holds this framework and no other."""
    artifact: str
    """The trained model: a file in the folder."""
    inputs: Annotated[tuple[Input, ...], msgspec.Meta(min_length=1)]
    """What one row holds, in the order in which the model takes it."""
    outputs: Annotated[tuple[Tensor, ...], msgspec.Meta(min_length=1)]
    """What is answered for one row: one output as a plain value, several as an object by name."""
    warmup: WarmUp
    """Predicted at every start before the server is ready, and by `check`."""
    batching: Batching = Batching()
    """Leave it out unless measurements say otherwise."""
    requirements: tuple[PinnedRequirement, ...] = ()
    """Packages that the model needs besides its framework, such as `pandas==3.1.1`. A pin of the framework itself
    replaces the project's."""
    evaluation: Evaluation | None = None
    """What `test` and compression hold the model to. Left out: nothing is evaluated."""


def read_model_file(folder: Path, *, artifact_apart: bool = False) -> ModelFile:
    """The checked `model.yaml` of `folder`. With `artifact_apart` the artifact need not be there, and is not looked at.

    Raises:
        ModelFileError: naming everything that is wrong at once; also if the artifact is not there.
    """
    path = folder / "model.yaml"
    try:
        # YAML 1.2: `no` and `on` are words.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=CCoreLoader)  # noqa: S506  makes plain data only
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror}; a model folder holds a model.yaml") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelFileError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    wrong = list(_problems(content, ModelFile))
    if not wrong:
        model = msgspec.convert(content, ModelFile)
        wrong = list(_contradictions(model))
        wrong += _problems_of_name(model) if artifact_apart else _problems_of_artifact(folder, model)
        if not wrong:
            return model
    raise ModelFileError("\n".join(f"{path}: {line}" for line in wrong))


def _problems(content: Any, part: type[Part], field: str = "") -> Iterator[str]:
    """A line for each thing in `content` that does not fit `part`: `field: got ...; allowed: ...`."""
    if not isinstance(content, dict):
        got = "nothing" if content is None else f"{content!r:.80}"
        yield f"{field or 'file'}: got {got}; allowed: a mapping of {', '.join(part.__struct_fields__)}"
        return
    read = cast("dict[Any, Any]", content)
    hints = get_type_hints(part, include_extras=True)
    for key, value in read.items():
        if key not in part.__struct_fields__:
            yield f"{_below(field, key)}: got {value!r:.80}; allowed keys here: {', '.join(part.__struct_fields__)}"
    for entry in msgspec.structs.fields(part):
        below = _below(field, entry.name)
        if entry.name in read:
            yield from _problems_of_value(read[entry.name], hints[entry.name], below)
        elif entry.required:
            yield f"{below}: missing; {entry.name} is required here"


def _problems_of_value(value: Any, wanted: Any, field: str) -> Iterator[str]:
    inner = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    parts = [kind for kind in (inner, *get_args(inner)) if isinstance(kind, type) and issubclass(kind, Part)]
    if parts and get_origin(inner) is not tuple and not (value is None and type(None) in get_args(inner)):
        yield from _problems(value, parts[0], field)
        return
    if get_origin(inner) is tuple and isinstance(value, list) and value:
        for place, item in enumerate(cast("list[Any]", value)):
            if parts:
                yield from _problems(item, parts[0], f"{field}[{place}]")
            else:
                yield from _problems_of_value(item, get_args(inner)[0], f"{field}[{place}]")
        return
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        yield f"{field}: got {value!r:.80}; {_allowed(wanted, str(error))}"


def _allowed(wanted: Any, told: str) -> str:
    """`allowed: ...`; `told` is what msgspec says, for the sorts that have no words of their own here."""
    inner, *metas = get_args(wanted) if get_origin(wanted) is Annotated else (wanted,)
    if get_origin(inner) is Literal:
        return f"allowed: {', '.join(get_args(inner))}"
    if get_origin(inner) is tuple:
        return f"allowed: a list{' of at least one entry' if metas else ''}"
    words: dict[Any, str] = {str: "text", int: "a whole number", float: "a number", int | float | None: "a number"}
    for meta in metas:
        if meta.description:
            return f"allowed: {meta.description}"
        return f"allowed: {words[inner]}, {f'{meta.ge:g} to {meta.le:g}' if meta.ge is not None else f'over {meta.gt}'}"
    return f"allowed: {words[inner]}" if inner in words else told.split(" - at ")[0]


def _contradictions(model: ModelFile) -> Iterator[str]:
    for what, tensors in (("inputs", model.inputs), ("outputs", model.outputs)):
        seen: set[str] = set()
        for place, tensor in enumerate(tensors):
            if tensor.name in seen:
                yield f"{what}[{place}].name: got {tensor.name} again; allowed: each name once"
            seen.add(tensor.name)
    limits = [line for place, given in enumerate(model.inputs) for line in wrong_limits(given, f"inputs[{place}]")]
    yield from limits
    if not limits:
        for row, instance in enumerate(model.warmup.instances):
            yield from wrong_values(model.inputs, instance, f"warmup.instances[{row}]")


def _problems_of_name(model: ModelFile) -> Iterator[str]:
    name = Path(model.artifact)
    if name.is_absolute() or not name.parts or ".." in name.parts or name.parts[0] in NOT_BAKED:
        yield f"artifact: got {model.artifact!r}; allowed: a name inside the folder, not below {', '.join(NOT_BAKED)}"


def _problems_of_artifact(folder: Path, model: ModelFile) -> Iterator[str]:
    artifact = folder / model.artifact
    if not artifact.is_file():
        yield f"artifact: got {model.artifact!r}; allowed: the name of a file in {folder}"
    elif not artifact.resolve().is_relative_to(folder.resolve()) or Path(model.artifact) not in baked_files(folder):
        yield (
            f"artifact: got {model.artifact!r}; allowed: a file inside {folder} that goes into the image "
            f"(no hidden name, not below {', '.join(NOT_BAKED)})"
        )


def _below(field: str, key: Any) -> str:
    return f"{field}.{key}" if field else str(key)


def baked_files(folder: Path) -> list[Path]:
    """The files of a model folder that go into its image, as paths below `folder`, sorted."""
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        if path.is_file() and not hidden and inside.parts[0] not in NOT_BAKED:
            found.append(inside)
    return found


def model_digest(folder: Path) -> str:
    """`sha256:` over names and contents of the baked files: two folders with one digest serve the same model."""
    whole = hashlib.sha256()
    for inside in baked_files(folder):
        with (folder / inside).open("rb") as file:
            whole.update(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {inside.as_posix()}\n".encode())
    return f"sha256:{whole.hexdigest()}"
