"""The optional parts of a model file: what stands around a model, each there only when its file asks for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.fields import Cron, ModelName, Section, Text

KEPT_DAYS = 30
"""Days that answers of batches and asynchronous calls are kept where `capture` does not say."""


class ReadyImage(Section):
    """An image that somebody else built."""

    ready: Annotated[Text, Field(description="The image's address.")]
    ports: Annotated[dict[str, int], Field(description="Ports by name: http, metrics.")] = Field(default_factory=dict)
    probes: Annotated[dict[str, str], Field(description="Paths by probe: live, ready.")] = Field(default_factory=dict)
    metrics: Annotated[str | None, Field(description="Path of the metrics.")] = None


class ScheduledScale(Section):
    """More replicas from a time of day on."""

    cron: Annotated[Cron, Field(description="When it starts, as five fields of cron, in quotes.")]
    timezone: Annotated[Text, Field(description="Name of the time zone, such as Europe/Berlin.")] = "UTC"
    min: Annotated[int, Field(ge=0, le=1000, description="Fewest replicas from then on.")]


class Cache(Section):
    """Answers kept for equal questions, in the region's Valkey."""

    ttl_s: Annotated[int, Field(ge=1, le=31_536_000, description="How long an answer is kept, in seconds.")]


class Capture(Section):
    """Questions and answers kept for later, in the region's bucket of predictions."""

    sample: Annotated[float, Field(gt=0, le=1, description="Share of the calls that is kept.")]
    retention_days: Annotated[int, Field(ge=1, le=3650, description="How long, in days.")]


class Stream(Section):
    """Consume, predict, publish: streams of the region, by name. Models that name the same one share it."""

    input: Annotated[ModelName, Field(description="The stream that is read.")]
    output: Annotated[ModelName, Field(description="The stream that is written.")]


class Features(Section):
    """Values looked up when a call comes, in a table of the region."""

    table: Annotated[ModelName, Field(description="The table. Models that name the same one share it.")]
    key: Annotated[
        Text, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="The input that is looked up; the table's key.")
    ]


class Batch(Section):
    """The same image over files, below `batch/MODEL/` of the region's bucket of predictions."""

    schedule: Annotated[Cron, Field(description="When it runs, as five fields of cron, in quotes.")]
    timezone: Annotated[Text, Field(description="Name of the time zone, such as Europe/Berlin.")] = "UTC"
    spot: Annotated[
        bool, Field(description="Whether spare machines do; where there are none, ordinary ones are taken.")
    ] = True


class Shadow(Section):
    """A release that sees copies of the calls and answers nobody."""

    candidate: Annotated[bool, Field(description="Whether the candidate is shadowed.")]


class Drift(Section):
    """What the inputs of today are compared with: managed endpoints with `capture` only."""

    baseline: Annotated[
        ModelName,
        Field(
            description="Folder below `baselines/MODEL/` of the region's bucket of predictions, with statistics.json "
            "and constraints.json."
        ),
    ]
    schedule: Annotated[Cron, Field(description="When it runs, in full hours, as five fields of cron.")] = "0 * * * *"
