"""What the models of a region ask of its platform. Each optional component stands there only if one of them does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ConfigDict

from stacks.settings.access import Access
from stacks.settings.fields import Section
from stacks.settings.model import Data, Resources, ServeOn, may_be_in
from stacks.settings.model_parts import KEPT_DAYS, Batch, Cache, Capture, Drift, Features, Stream


class Placement(Section):
    """A model file as a platform reads it: where the model may be, and what it asks for there."""

    model_config = ConfigDict(extra="ignore")
    data: Data
    serve_on: ServeOn = ServeOn()
    mode: str = "realtime"
    resources: Resources | None = None
    access: Access = Access()
    cache: Cache | None = None
    capture: Capture | None = None
    stream: Stream | None = None
    features: Features | None = None
    batch: Batch | None = None
    drift: Drift | None = None

    @property
    def by_api(self) -> bool:
        """As ModelSettings.by_api."""
        return self.access.by_api(self.serve_on.aws)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """By part, who asks for it; names of models are sorted.

    `predictions`: days that a model's captures and answers are kept. `features`: the key of each table. `batch`: of
    each model the accelerator that its jobs need, or None.
    """

    models: tuple[str, ...] = ()
    by_api: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()  # on Kubernetes, called by an API or fed by a stream
    endpoints: tuple[str, ...] = ()  # on SageMaker
    functions: tuple[str, ...] = ()  # on Lambda
    cache: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    streaming: tuple[str, ...] = ()  # models that read one
    features: Mapping[str, str] = field(default_factory=dict[str, str])
    batch: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    predictions: Mapping[str, int] = field(default_factory=dict[str, int])


def needs_of(placements: Mapping[str, Placement], jurisdiction: str) -> Needs:
    """What the models that may be in a jurisdiction ask for."""
    here = {name: one for name, one in sorted(placements.items()) if may_be_in(one.data.residency, jurisdiction)}
    kept = {name: one for name, one in here.items() if one.capture or one.batch or one.drift or one.mode == "async"}
    return Needs(
        models=tuple(here),
        by_api=_who(here, lambda one: one.by_api),
        linked=_who(here, lambda one: one.serve_on.aws == "kubernetes" and (one.by_api or one.stream is not None)),
        endpoints=_who(here, lambda one: one.serve_on.aws == "sagemaker"),
        functions=_who(here, lambda one: one.serve_on.aws == "lambda"),
        cache=_who(here, lambda one: one.cache is not None),
        streams=_names(name for one in here.values() if one.stream for name in (one.stream.input, one.stream.output)),
        streaming=_who(here, lambda one: one.stream is not None),
        features={one.features.table: one.features.key for one in here.values() if one.features},
        batch={name: _accelerator(one) for name, one in here.items() if one.batch},
        predictions={name: one.capture.retention_days if one.capture else KEPT_DAYS for name, one in kept.items()},
    )


def keys_that_differ(placements: Mapping[str, Placement]) -> dict[str, tuple[str, str]]:
    """Models whose table of features has another key for a model before: the table, and that key."""
    keys: dict[str, str] = {}
    found: dict[str, tuple[str, str]] = {}
    for name, one in sorted(placements.items()):
        if one.features is None:
            continue
        first = keys.setdefault(one.features.table, one.features.key)
        if first != one.features.key:
            found[name] = (one.features.table, first)
    return found


def _who(placements: Mapping[str, Placement], asks: Callable[[Placement], bool]) -> tuple[str, ...]:
    return tuple(name for name, placement in placements.items() if asks(placement))


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))


def _accelerator(placement: Placement) -> str | None:
    asked = placement.resources.accelerator if placement.resources else None
    return asked.type if asked else None
