"""Parts of a model file that no component serves yet. They have their shape already, so that a file written for them
is checked as a whole; what is used of them is refused with "not yet" (`not_yet.py`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.fields import Cron, Section, Text


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


class Jwt(Section):
    """Signed tokens of an issuer."""

    issuer: Annotated[Text, Field(description="The issuer's URL.")]
    audience: Annotated[Text, Field(description="The audience that a token must name.")]


class Rate(Section):
    """How often a caller may call."""

    per_second: Annotated[int, Field(ge=1, description="Calls a second.")]
    burst: Annotated[int, Field(ge=1, description="Calls at once.")]


class Cache(Section):
    """Answers kept for equal questions."""

    ttl_s: Annotated[int, Field(ge=1, description="How long an answer is kept, in seconds.")]


class Capture(Section):
    """Questions and answers kept for later."""

    sample: Annotated[float, Field(gt=0, le=1, description="Share of the calls that is kept.")]
    retention_days: Annotated[int, Field(ge=1, le=3650, description="How long, in days.")]


class Stream(Section):
    """Consume, predict, publish."""

    input: Annotated[Text, Field(description="The stream that is read.")]
    output: Annotated[Text, Field(description="The stream that is written.")]


class Features(Section):
    """Values looked up when a call comes."""

    table: Annotated[Text, Field(description="The table.")]
    key: Annotated[Text, Field(description="The field of the call that is looked up.")]


class Batch(Section):
    """The same image over files."""

    schedule: Annotated[Cron, Field(description="When it runs, as five fields of cron, in quotes.")]
    input: Annotated[Text, Field(description="Folder of the input in the region's bucket.")]
    spot: Annotated[bool, Field(description="Whether spare machines do.")] = True


class Shadow(Section):
    """A release that sees copies of the calls and answers nobody."""

    candidate: Annotated[bool, Field(description="Whether the candidate is shadowed.")]


class Drift(Section):
    """What the inputs of today are compared with."""

    baseline: Annotated[Text, Field(description="File with the distributions of training.")]
