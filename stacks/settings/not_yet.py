"""Parts of a model file and of a release that have their shape already and that no component serves yet.

A part that would be passed over in silence is worse than one that is refused: nobody waits for what will not come.
"""

from __future__ import annotations

from collections.abc import Iterator

from stacks.settings.errors import Problem
from stacks.settings.model import BuiltImage, ModelSettings
from stacks.settings.release import Release


def unserved_parts(model: ModelSettings, file: str) -> list[Problem]:
    """One problem for each part of the model file that nothing serves."""
    return [Problem(file, path, got, f"not yet: {words}", step) for path, got, words, step in _of_model(model)]


def unserved_release(release: Release, model: ModelSettings, file: str, path: str) -> list[Problem]:
    """One problem for each part of a release that nothing serves."""
    if model.serve_on.aws == "sagemaker":
        return []
    found = {"stable.weights": release.stable.weights}
    if release.candidate is not None:
        found["candidate.weights"] = release.candidate.weights
    words = f"not yet: on {model.serve_on.aws} weights lie in the image"
    return [Problem(file, f"{path}.{field}", got, words, "remove it") for field, got in found.items() if got]


_Found = Iterator[tuple[str, object, str, str]]


def _of_model(model: ModelSettings) -> _Found:
    if model.serve_on.gcp is not None:
        yield "serve_on.gcp", model.serve_on.gcp, "no component serves Google Cloud", "remove it"
    if not isinstance(model.image, BuiltImage):
        yield "image.ready", model.image.ready, "images of the model image builder only", "write {accelerator: ...}"
