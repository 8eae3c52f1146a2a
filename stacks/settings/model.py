"""The sections of `stacks/models/NAME.yaml`: how a model is served, where its data may be, how it scales, its SLO."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from components.accelerators import ACCELERATORS, Vendor
from components.places import NO_JURISDICTION
from stacks.settings.access import Access
from stacks.settings.errors import MISSING, Complaint, near
from stacks.settings.fields import ModelName, Percent, Range, Section, refuse
from stacks.settings.model_parts import (
    Batch,
    Cache,
    Capture,
    Drift,
    Features,
    ReadyImage,
    ScheduledScale,
    Shadow,
    Stream,
)
from stacks.settings.model_rules import what_the_target_refuses

_IMAGE_FOR = {Vendor.NVIDIA: "cuda", Vendor.NEURON: "neuron"}


class Data(Section):
    """Where the model's data may be."""

    residency: Annotated[
        str,
        Field(description="The jurisdiction that every byte of it stays in, such as eu. `none` is a deliberate word."),
    ]


class ServeOn(Section):
    """What serves the model, by cloud."""

    aws: Annotated[
        Literal["kubernetes", "sagemaker", "lambda"],
        Field(description="On AWS: Kubernetes (EKS), a SageMaker endpoint, or a Lambda function."),
    ] = "kubernetes"
    gcp: Annotated[
        Literal["kubernetes", "vertex", "cloud-run"] | None,
        Field(description="On Google Cloud. Not yet: kubernetes, vertex, cloud-run."),
    ] = None


class BuiltImage(Section):
    """An image of the model image builder."""

    accelerator: Annotated[
        Literal["cpu", "cuda", "neuron"],
        Field(description="What the image's libraries are built for; must fit resources.accelerator."),
    ] = "cpu"


def _image_kind(value: object) -> str:
    ready = "ready" in value if isinstance(value, dict) else isinstance(value, ReadyImage)
    return "~ready" if ready else "~built"


Image = Annotated[
    Annotated[BuiltImage, Tag("~built")] | Annotated[ReadyImage, Tag("~ready")], Discriminator(_image_kind)
]


class AcceleratorRequest(Section):
    """Accelerators of one replica."""

    type: Annotated[
        str,
        Field(
            description="The accelerator, a row of components/accelerators.py, such as l4.",
            json_schema_extra={"enum": list(ACCELERATORS)},
        ),
    ]
    count: Annotated[int, Field(ge=1, le=16, description="How many each replica gets, all on one node.")] = 1


class Resources(Section):
    """What each replica gets."""

    cpu: Annotated[float, Field(gt=0, le=192, description="CPU cores of each replica.")]
    memory_gib: Annotated[
        float, Field(gt=0, le=4096, description="Memory of each replica in GiB; more is never given.")
    ]
    accelerator: Annotated[AcceleratorRequest | None, Field(description="Left out: none.")] = None


class Metric(Section):
    """One thing that decides how many replicas there are; exactly one of its fields is set."""

    cpu_utilization: Annotated[Percent | None, Field(description="Percent of the CPU asked for.")] = None
    memory_utilization: Annotated[Percent | None, Field(description="Percent of the memory asked for.")] = None
    gpu_utilization: Annotated[
        Percent | None, Field(description="SageMaker only. Percent of the accelerators' time.")
    ] = None
    queue_length: Annotated[
        int | None,
        Field(ge=1, description="SageMaker only. Calls of a replica a minute; async: calls that wait, a replica."),
    ] = None

    @property
    def kind(self) -> str:
        """The name of the field that is set."""
        return next(iter(self.model_fields_set))

    def model_post_init(self, _context: object, /) -> None:
        if len(self.model_fields_set) != 1:
            allowed = f"exactly one of {', '.join(type(self).model_fields)}"
            refuse(
                Complaint(
                    "", ", ".join(sorted(self.model_fields_set)) or MISSING, allowed, "write one entry for each metric"
                )
            )


class Scale(Section):
    """How many replicas run in each region."""

    replicas: Annotated[Range, Field(description="Fewest and most replicas in each region.")] = Range(min=2, max=10)
    metrics: Annotated[
        tuple[Metric, ...],
        Field(min_length=1, description="What replicas follow; the metric that asks for most wins."),
    ] = (Metric(cpu_utilization=70),)
    schedule: Annotated[tuple[ScheduledScale, ...], Field(description="SageMaker only. More replicas at times.")] = ()

    def model_post_init(self, _context: object, /) -> None:
        kinds = [metric.kind for metric in self.metrics]
        for index, kind in enumerate(kinds):
            if kind in kinds[:index]:
                refuse(Complaint(f"metrics[{index}]", kind, "each metric once", "remove one of the two"))


class Slo(Section):
    """What the model promises its callers."""

    availability: Annotated[
        float, Field(ge=90, lt=100, description="Percent of calls answered without a server error.")
    ]
    latency_p99_ms: Annotated[
        int, Field(ge=1, description="99 of 100 calls are answered within this many milliseconds.")
    ]


class ModelSettings(Section):
    """One model, the same in every region that may serve it."""

    name: Annotated[ModelName, Field(description="The file's name without .yaml; part of host and image names.")]
    data: Annotated[Data, Field(description="Where its data may be.")]
    serve_on: Annotated[ServeOn, Field(description="What serves it, by cloud.")] = ServeOn()
    image: Annotated[Image, Field(description="What the image is built for. Not yet: a ready image.")] = BuiltImage()
    resources: Annotated[Resources, Field(description="What each replica gets.")]
    mode: Annotated[
        Literal["realtime", "async", "serverless"],
        Field(
            description="realtime: a caller waits for the answer. On SageMaker also async: answers are written to the "
            "region's bucket of predictions; serverless: no machine while nobody calls."
        ),
    ] = "realtime"
    scale: Annotated[Scale, Field(description="How many replicas run.")] = Scale()
    slo: Annotated[Slo | None, Field(description="What it promises its callers.")] = None
    access: Annotated[Access, Field(description="Who may call it from outside.")] = Access()
    cache: Annotated[Cache | None, Field(description="Answers kept for equal questions.")] = None
    capture: Annotated[Capture | None, Field(description="Questions and answers kept for later.")] = None
    stream: Annotated[Stream | None, Field(description="Consume, predict, publish.")] = None
    features: Annotated[Features | None, Field(description="Values looked up when a call comes.")] = None
    batch: Annotated[Batch | None, Field(description="The same image over files.")] = None
    shadow: Annotated[Shadow | None, Field(description="A release that sees copies only. SageMaker only.")] = None
    drift: Annotated[Drift | None, Field(description="Inputs compared with those of training. SageMaker only.")] = None

    def model_post_init(self, _context: object, /) -> None:
        asked = self.resources.accelerator
        row = ACCELERATORS.get(asked.type) if asked else None
        if asked is not None and row is None:
            step = near(asked.type, ACCELERATORS) or "choose one of them"
            refuse(Complaint("resources.accelerator.type", asked.type, ", ".join(ACCELERATORS), step))
        wanted = _IMAGE_FOR[row.vendor] if row else "cpu"
        if isinstance(self.image, BuiltImage) and self.image.accelerator != wanted:
            reason = f"resources.accelerator is {row.name}" if row else "resources asks for no accelerator"
            refuse(
                Complaint("image.accelerator", self.image.accelerator, f"{wanted}, since {reason}", "make the two fit")
            )
        complaints = [*what_the_target_refuses(self)]
        if complaints:
            refuse(*complaints)

    @property
    def by_api(self) -> bool:
        """Whether callers from outside come through an API."""
        return self.access.by_api(self.serve_on.aws)

    @property
    def shadowed(self) -> bool:
        """Whether a candidate sees copies of the calls instead of a share of them."""
        return self.shadow is not None and self.shadow.candidate

    def may_be_in(self, jurisdiction: str) -> bool:
        """Whether this model may run in regions that an environment lists under this jurisdiction."""
        return may_be_in(self.data.residency, jurisdiction)


def may_be_in(residency: str, jurisdiction: str) -> bool:
    """Whether data of this residency may be in regions that an environment lists under this jurisdiction."""
    return residency in (NO_JURISDICTION, jurisdiction)
