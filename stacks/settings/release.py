"""The section `homeport:releases` of a models stack: which release of which model runs in this region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, cast

from pydantic import Field

from stacks.settings.errors import Complaint, Problem, Said
from stacks.settings.fields import Digest, ModelName, Section, refuse


class Artifact(Section):
    """What runs: an image in the region's own registry, by digest."""

    image: Annotated[Digest, Field(description="Digest of the image in the region's registry, sha256:...")]
    weights: Annotated[
        Digest | None,
        Field(description="SageMaker only. Digest of weights in the region's model store: too large for an image."),
    ] = None


class Release(Section):
    """The release of one model in one region."""

    stable: Annotated[Artifact, Field(description="What answers callers.")]
    candidate: Annotated[Artifact | None, Field(description="What takes a share of the calls on trial.")] = None
    candidate_weight: Annotated[
        int | None,
        Field(ge=0, le=100, description="The candidate's share in percent; 50 is half and half. Left out: 0."),
    ] = None
    shift: Annotated[
        Literal["all_at_once", "canary", "linear"],
        Field(description="SageMaker only. How an endpoint's update moves calls to the new machines."),
    ] = "canary"

    def model_post_init(self, _context: object, /) -> None:
        if self.candidate_weight is not None and self.candidate is None:
            step = "add candidate, or remove the weight"
            refuse(Complaint("candidate_weight", self.candidate_weight, "a weight with a candidate", step))


class ReleasesSection(Section):
    """Releases by model; a model without one does not run in this region."""

    releases: Annotated[dict[ModelName, Release], Field(description="Releases by the model's name.")]


CallerKeys = Mapping[str, Mapping[str, str]]
"""By model, by caller, the caller's API key: a secret."""

KEY_FORM = re.compile(r"[A-Za-z0-9]{20,128}")
"""What API Gateway takes as the value of a key, letters and digits of it."""


def caller_keys(data: object, file: str, problems: list[Problem]) -> CallerKeys | None:
    """The section `homeport:callers` of a models stack, as Pulumi hands it over or as it stands in the file, sealed.

    Written by hand rather than as a Section: no message may show a value.
    """
    step = "write {MODEL: {CALLER: {secure: ...}}} by: python -m fleet keys"
    if not isinstance(data, Mapping):
        problems.append(Problem(file, "callers", Said("another kind of value"), "a mapping by model", step))
        return None
    found: dict[str, dict[str, str]] = {}
    for model, callers in cast("Mapping[str, object]", data).items():
        if not isinstance(callers, Mapping):
            problems.append(Problem(file, f"callers.{model}", Said("another kind of value"), "keys by caller", step))
            continue
        for caller, value in cast("Mapping[str, object]", callers).items():
            sealed = isinstance(value, Mapping) and set(cast("Mapping[str, object]", value)) == {"secure"}
            if not sealed and not (isinstance(value, str) and KEY_FORM.fullmatch(value)):
                allowed = "a secret of 20 to 128 letters and digits"
                problems.append(Problem(file, f"callers.{model}.{caller}", Said("another value"), allowed, step))
            found.setdefault(model, {})[caller] = value if isinstance(value, str) else ""
    return found
