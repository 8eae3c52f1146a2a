"""The section `homeport:releases` of a models stack: which release of which model runs in this region."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.fields import Digest, ModelName, Section


class Artifact(Section):
    """What runs: an image in the region's own registry, by digest."""

    image: Annotated[Digest, Field(description="Digest of the image in the region's registry, sha256:...")]
    weights: Annotated[
        Digest | None,
        Field(description="Not yet. Digest of weights in the region's model store, for models too large for an image."),
    ] = None


class Release(Section):
    """The release of one model in one region."""

    stable: Annotated[Artifact, Field(description="What answers callers.")]
    candidate: Annotated[Artifact | None, Field(description="Not yet. What takes a share of the calls on trial.")] = (
        None
    )
    candidate_weight: Annotated[
        int | None, Field(ge=0, le=100, description="Not yet. The candidate's share in percent.")
    ] = None


class ReleasesSection(Section):
    """Releases by model; a model without one does not run in this region."""

    releases: Annotated[dict[ModelName, Release], Field(description="Releases by the model's name.")]
