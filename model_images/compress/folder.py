"""A new model folder with a smaller artifact, held to the evaluation of the old one.

The new folder is a copy of the old but for the artifact; it appears only once the new model has reached the
thresholds. The version in `model.yaml` stays: what is released is told apart by its digest.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from model_images.evaluation import evaluate, missed
from model_images.model_file import ModelFile, read_model_file
from model_images.runtimes import load
from model_images.scores import LOSSES


class CompressionError(ValueError):
    """A model, an option or data that a compression cannot use: one line with what is allowed."""


class BelowThreshold(ValueError):
    """The compressed model misses a threshold of its own evaluation: one line with all that it misses."""


class Size(msgspec.Struct, frozen=True):
    """Bytes of an artifact, and of it compressed as an image's layer is."""

    bytes: int
    packed_bytes: int


class Compressed(msgspec.Struct, frozen=True, kw_only=True):
    """What a compression did: metrics and size of the artifact before and after."""

    name: str
    how: str
    output: str
    thresholds: Mapping[str, float]
    before: Mapping[str, float]
    after: Mapping[str, float]
    size_before: Size
    size_after: Size

    def lines(self) -> list[str]:
        """The report for people."""
        told = [f"{self.name}: {self.how}"]
        for name, threshold in self.thresholds.items():
            side = "at most" if name in LOSSES else "at least"
            told.append(f"  {name:<9} {self.before[name]:.4f} -> {self.after[name]:.4f}  ({side} {threshold:g})")
        sizes = (
            (self.size_before.bytes, self.size_after.bytes),
            (self.size_before.packed_bytes, self.size_after.packed_bytes),
        )
        for what, (before, after) in zip(("artifact", "in image"), sizes, strict=True):
            told.append(f"  {what:<9} {before:,} -> {after:,} bytes  ({after / before:.0%})")
        return [*told, f"written to {self.output}"]


Recipe = Callable[[Path, ModelFile, Path], None]
"""Reads the model of the first folder and changes the second, a copy of it: the artifact, and model.yaml if need be."""


def compress(folder: Path, output: Path, how: str, recipe: Recipe) -> Compressed:
    """Writes the model folder `output`.

    Raises:
        BelowThreshold: nothing is written then.
        CompressionError: if there is no evaluation, or `output` is there already; whatever `recipe` raises of it.
        ModelFileError, ArtifactError, EvaluationError: if the old folder is not sound.
    """
    model = read_model_file(folder)
    if model.evaluation is None or not model.evaluation.metrics:
        raise CompressionError(f"{folder / 'model.yaml'}: evaluation: missing; what is lost has to be measured")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise CompressionError(f"--output {output}: is there already; allowed: a folder that is not there, or empty")
    before = evaluate(folder, model, load(folder, model))
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as scratch:
        made = Path(scratch) / "model"
        shutil.copytree(folder, made, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        recipe(folder, model, made)
        smaller = read_model_file(made)
        after = evaluate(made, smaller, load(made, smaller))
        lost = missed(smaller, after)
        if lost:
            raise BelowThreshold(f"{model.name}: {how}: {'; '.join(lost)}; nothing was written")
        sizes = [size_of(folder / model.artifact), size_of(made / smaller.artifact)]
        if output.is_dir():
            output.rmdir()
        made.rename(output)
    return Compressed(
        name=model.name,
        how=how,
        output=str(output),
        thresholds=model.evaluation.metrics,
        before=before,
        after=after,
        size_before=sizes[0],
        size_after=sizes[1],
    )


def size_of(path: Path) -> Size:
    """Bytes of a file, as it is and packed."""
    content = path.read_bytes()
    return Size(len(content), len(zlib.compress(content, 6)))


def set_key(model_yaml: Path, key: str, value: str) -> None:
    """Changes one plain top-level key of a `model.yaml`, all else in it as it was written.

    Raises:
        CompressionError: if the key does not stand on a line of its own.
    """
    text = model_yaml.read_text(encoding="utf-8")
    changed, count = re.subn(rf"(?m)^{key}:[ \t]*[^\s#][^\n#]*?([ \t]+#.*)?$", rf"{key}: {value}\g<1>", text)
    if count != 1:
        raise CompressionError(f"{model_yaml}: {key}: not on a line of its own; allowed: `{key}: VALUE`")
    model_yaml.write_text(changed, encoding="utf-8")


def require_onnx(folder: Path, what: str) -> None:
    """Raises CompressionError for a model of another framework, before anything of it is loaded."""
    framework = read_model_file(folder).framework
    if framework != "onnx":
        raise CompressionError(
            f"{folder / 'model.yaml'}: framework: got {framework}; {what} works on onnx (distill takes any)"
        )
