"""The section `homeport:region` of a platform stack: one AWS region, its network, cluster and pools of nodes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from components.cidr import ZONE_LETTERS, check_network
from components.places import Cloud
from stacks.settings.errors import Complaint
from stacks.settings.fields import (
    AccountId,
    CallerCidr,
    Cidr,
    EndpointService,
    KubernetesVersion,
    PlaceName,
    Receiver,
    RoleArn,
    Section,
    SubnetId,
    VpcId,
    Zone,
    refuse,
)
from stacks.settings.monitoring import Budget, receivers_named_twice
from stacks.settings.pools import Pool, SystemPool
from stacks.settings.storage import Cache, Gateway, ModelStore, Registry, Streams

PRIVATE = "private"
DEFAULT_ENDPOINTS = (
    "autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "sts",
)  # fmt: skip
_GATEWAYS = ("s3", "dynamodb")


class NewNetwork(Section):
    """A network of Homeport's own."""

    cidr: Annotated[
        Cidr,
        Field(description="The region's range, private, /16 to /20. No two regions of an environment may overlap."),
    ]
    zones: Annotated[
        int,
        Field(ge=2, le=len(ZONE_LETTERS), description="How many zones, the first ones by letter. EKS needs two."),
    ] = 3
    nat: Annotated[
        Literal["shared", "per_zone"],
        Field(description="`shared`: one NAT gateway, cheap. `per_zone`: one a zone, survives the loss of a zone."),
    ] = "shared"
    endpoints: Annotated[
        tuple[EndpointService, ...],
        Field(
            description="AWS services reached without NAT, by the last part of their names. S3 and DynamoDB always are."
        ),
    ] = DEFAULT_ENDPOINTS

    def model_post_init(self, _context: object, /) -> None:
        problem = check_network(self.cidr)
        if problem is not None:
            refuse(Complaint("cidr", str(self.cidr), problem.removeprefix("needs "), "choose another range"))
        for index, service in enumerate(self.endpoints):
            if service in _GATEWAYS or service in self.endpoints[:index]:
                allowed = f"each service once; not {' or '.join(_GATEWAYS)}, which have gateway endpoints anyway"
                refuse(Complaint(f"endpoints[{index}]", service, allowed, "remove it"))


class ExistingNetwork(Section):
    """A network that someone else owns; nothing in it is changed."""

    existing: Annotated[VpcId, Field(description="The VPC's id.")]
    private_subnets: Annotated[
        dict[Zone, SubnetId], Field(min_length=2, description="Subnets with a way out, by zone letter. EKS needs two.")
    ]
    public_subnets: Annotated[
        dict[Zone, SubnetId],
        Field(description="Subnets for load balancers, by zone letter. Left out: no model is public."),
    ] = Field(default_factory=dict)
    intra_subnets: Annotated[
        dict[Zone, SubnetId],
        Field(description="Subnets for the control plane, by zone letter. Left out: the private ones."),
    ] = Field(default_factory=dict)


def _network_kind(value: object) -> str:
    existing = "existing" in value if isinstance(value, dict) else isinstance(value, ExistingNetwork)
    return "~existing" if existing else "~new"


Network = Annotated[
    Annotated[NewNetwork, Tag("~new")] | Annotated[ExistingNetwork, Tag("~existing")], Discriminator(_network_kind)
]


def _access_kind(value: object) -> str:
    return "~word" if isinstance(value, str) else "~networks"


ApiAccess = Annotated[
    Annotated[Literal["private"], Tag("~word")]
    | Annotated[tuple[CallerCidr, ...], Tag("~networks"), Field(min_length=1)],
    Discriminator(_access_kind),
]


class Cluster(Section):
    """The region's Kubernetes cluster."""

    version: Annotated[
        KubernetesVersion, Field(description="Kubernetes version, in quotes. Raised one step at a time.")
    ]
    api_access: Annotated[
        ApiAccess,
        Field(
            description="`private`: the API answers inside the network only, deploy from there. Or a list of ranges."
        ),
    ] = PRIVATE
    admins: Annotated[
        tuple[RoleArn, ...],
        Field(description="IAM roles with full rights in the cluster, besides the role that applies stacks."),
    ] = ()


class RegionSection(Section):
    """One region of AWS."""

    cloud: Annotated[Literal[Cloud.AWS], Field(description="The cloud of the stack's name.")]
    place: Annotated[PlaceName, Field(description="The region of the stack's name.")]
    account: Annotated[
        AccountId, Field(description="The account of the environment file; the provider refuses any other.")
    ]
    network: Annotated[
        Network, Field(description="`{cidr: ...}` for a new network, `{existing: vpc-...}` for another's.")
    ]
    cluster: Annotated[Cluster, Field(description="The Kubernetes cluster.")]
    system: Annotated[SystemPool, Field(description="Nodes without accelerators.")] = SystemPool()
    pools: Annotated[tuple[Pool, ...], Field(description="Nodes with accelerators. Left out: none.")] = ()
    registry: Annotated[Registry, Field(description="Images of the models.")] = Registry()
    model_store: Annotated[ModelStore, Field(description="Weights of the models.")] = ModelStore()
    cache: Annotated[Cache, Field(description="Kept answers, where a model asks for them.")] = Cache()
    streams: Annotated[Streams, Field(description="Streams that models read and write.")] = Streams()
    gateway: Annotated[Gateway, Field(description="In front of the models' APIs.")] = Gateway()
    notify: Annotated[
        tuple[Receiver, ...],
        Field(description="Who hears of alarms: email and https addresses, in clear. Each confirms. Left out: nobody."),
    ] = ()
    budget: Annotated[
        Budget | None,
        Field(description="What a month may cost. Left out: no budget, and no watch for unusual costs."),
    ] = None

    def model_post_init(self, _context: object, /) -> None:
        complaints = receivers_named_twice(self.notify)
        if complaints:
            refuse(*complaints)
