"""What settings may say but no component serves yet: refused by name, so that nobody waits for what will not come."""

from __future__ import annotations

from collections.abc import Iterator

from stacks.settings.errors import Problem
from stacks.settings.model import BuiltImage, ModelSettings
from stacks.settings.release import Release

_LATER_PARTS = ("cache", "capture", "stream", "features", "batch", "shadow", "drift")
_SERVED_METRICS = ("cpu_utilization", "memory_utilization")


def unserved_parts(model: ModelSettings, file: str) -> list[Problem]:
    """One problem for each part of the model file that nothing serves."""
    return [Problem(file, path, got, f"not yet: {words}", step) for path, got, words, step in _of_model(model)]


def unserved_release(release: Release, file: str, path: str) -> list[Problem]:
    """One problem for each part of a release that nothing serves."""
    found: list[tuple[str, object]] = [
        ("stable.weights", release.stable.weights),
        ("candidate", {} if release.candidate else None),
        ("candidate_weight", release.candidate_weight),
    ]
    words = "not yet: only a stable image is served"
    return [Problem(file, f"{path}.{field}", got, words, "remove it") for field, got in found if got is not None]


_Found = Iterator[tuple[str, object, str, str]]


def _of_model(model: ModelSettings) -> _Found:
    yield from _of_target(model)
    yield from _of_image(model)
    yield from _of_scale(model)
    for field in ("api_keys", "jwt", "rate", "quota_per_day"):
        value = getattr(model.access, field)
        if value:
            yield (
                f"access.{field}",
                value if isinstance(value, bool | int) else {},
                "access is by networks only",
                "remove it",
            )
    for field in _LATER_PARTS:
        if getattr(model, field) is not None:
            yield field, {}, "no component serves this part", "remove it"


def _of_target(model: ModelSettings) -> _Found:
    if model.serve_on.aws != "kubernetes":
        yield "serve_on.aws", model.serve_on.aws, "kubernetes only", "write kubernetes"
    if model.serve_on.gcp is not None:
        yield "serve_on.gcp", model.serve_on.gcp, "no component serves Google Cloud", "remove it"
    if model.mode != "realtime":
        yield "mode", model.mode, "realtime only", "write realtime"


def _of_image(model: ModelSettings) -> _Found:
    if not isinstance(model.image, BuiltImage):
        yield "image.ready", model.image.ready, "images of the model image builder only", "write {accelerator: ...}"
    elif model.image.accelerator == "neuron":
        yield "image.accelerator", "neuron", "cpu and cuda only", "choose an accelerator of NVIDIA"


def _of_scale(model: ModelSettings) -> _Found:
    for index, metric in enumerate(model.scale.metrics):
        if metric.kind not in _SERVED_METRICS:
            yield f"scale.metrics[{index}]", metric.kind, f"{', '.join(_SERVED_METRICS)} only", "choose one of them"
    if model.scale.schedule:
        yield "scale.schedule", list(model.scale.schedule), "replicas follow metrics only", "remove it"
