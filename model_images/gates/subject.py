"""The model under test: its folder, and example rows to ask it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import yaml
from yamlcore import CCoreLoader

from model_images.evaluation import read_data
from model_images.model_file import ModelFile, model_digest, read_model_file

Row = Mapping[str, Any]
Shape = TypeVar("Shape", bound=msgspec.Struct)


class GateInputError(ValueError):
    """A file that a gate reads is not what it should be: file, field, value got, what is allowed."""


@dataclass(frozen=True)
class Subject:
    """One model folder that was read without a mistake."""

    folder: Path
    model: ModelFile

    @cached_property
    def digest(self) -> str:
        return model_digest(self.folder)

    @property
    def evaluation_path(self) -> Path | None:
        """The evaluation set's file, None if the model names none."""
        return self.folder / self.model.evaluation.data if self.model.evaluation else None

    def warm_up_rows(self) -> list[Row]:
        """The warm-up example, as objects by input name."""
        names = [given.name for given in self.model.inputs]
        return [
            instance if isinstance(instance, dict) else dict(zip(names, instance, strict=True))
            for instance in self.model.warmup.instances
        ]

    def example_rows(self, limit: int) -> list[Row]:
        """The warm-up example, then the evaluation set's first rows; at most `limit`. Raises EvaluationError."""
        return [*self.warm_up_rows(), *self.evaluation_rows][:limit]

    @cached_property
    def evaluation_rows(self) -> Sequence[Row]:
        """Rows of the evaluation set by input name; none if there is no such set. Raises EvaluationError."""
        path = self.evaluation_path
        return () if path is None else read_data(path, self.model.inputs, labelled=False)[0].objects()


def read_subject(folder: Path) -> Subject:
    """Raises ModelFileError."""
    return Subject(folder, read_model_file(folder))


def read_declared(path: Path, shape: type[Shape]) -> Shape:
    """What a model folder declares for a gate, in YAML; the defaults if there is no file.

    Raises:
        GateInputError: naming the file and the field.
    """
    try:
        return msgspec.convert(_mapping(path, shape.__struct_fields__), shape)
    except msgspec.ValidationError as error:
        told, _, place = str(error).partition(" - at ")
        raise GateInputError(f"{path}: {place.strip('`$.') or 'file'}: {told[:1].lower()}{told[1:]}") from error


def _mapping(path: Path, allowed: Sequence[str]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=CCoreLoader)  # noqa: S506  plain data only
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GateInputError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise GateInputError(f"{path}: got {content!r:.80}; allowed: a mapping of {', '.join(allowed)}")
    found = cast("dict[str, Any]", content)
    unknown = [str(key) for key in found if key not in allowed]
    if unknown:
        raise GateInputError(f"{path}: got {', '.join(unknown)}; allowed keys: {', '.join(allowed)}")
    return found
