"""The section `homeport:region` of a platform stack: one AWS region, its network, cluster and pools of nodes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from components.accelerators import machine_types, offered_by
from components.capacity import Capacity
from components.cidr import ZONE_LETTERS, check_network
from components.places import Cloud
from stacks.settings.errors import MISSING, Complaint, near
from stacks.settings.fields import (
    AccountId,
    CallerCidr,
    Cidr,
    EndpointService,
    InstanceType,
    KubernetesVersion,
    PlaceName,
    PoolName,
    Range,
    Receiver,
    ReservationId,
    RoleArn,
    Section,
    SubnetId,
    VpcId,
    refuse,
)
from stacks.settings.monitoring import Budget, receivers_named_twice
from stacks.settings.storage import Cache, Gateway, ModelStore, Registry, Streams

PRIVATE = "private"
Zone = Literal["a", "b", "c", "d", "e", "f"]
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


class CapacityBlock(Section):
    """GPUs bought for a span of days."""

    reservation: Annotated[ReservationId, Field(description="The capacity block's reservation, cr-...")]
    zone: Annotated[Zone, Field(description="Letter of the zone in which it lies.")]


class Pool(Section):
    """Nodes with one kind of accelerator."""

    name: Annotated[PoolName, Field(description="Unique in the region. Renaming makes a new pool.")]
    accelerator: Annotated[
        str,
        Field(
            description="The accelerator, a row of components/accelerators.py, such as l4.",
            json_schema_extra={"enum": list(offered_by(Cloud.AWS))},
        ),
    ]
    nodes: Annotated[
        Range, Field(description="Fewest nodes, kept by the first way in `capacity`; most nodes of each way.")
    ]
    capacity: Annotated[
        tuple[Capacity, ...],
        Field(min_length=1, description="How nodes are got, the preferred way first."),
    ] = (Capacity.ON_DEMAND,)
    capacity_block: Annotated[
        CapacityBlock | None,
        Field(description="The block bought. Needed if, and only if, `capacity` names capacity_block."),
    ] = None
    instance_types: Annotated[
        tuple[InstanceType, ...],
        Field(description="Instance types, the preferred first. Left out: the three smallest with the accelerator."),
    ] = ()
    efa: Annotated[
        bool,
        Field(
            description="Elastic Fabric Adapter, for models over several nodes: all nodes in one zone, close together."
        ),
    ] = False
    disk_gib: Annotated[
        int, Field(ge=20, le=16384, description="Disk for images and scratch data of a node, in GiB.")
    ] = 100

    @property
    def machines(self) -> tuple[str, ...]:
        """Instance types in order of preference, all with the same number of accelerators."""
        if self.instance_types:
            return self.instance_types
        rows = machine_types(self.accelerator, Cloud.AWS)
        return tuple(row.name for row in rows if row.accelerators == rows[0].accelerators)[:3]

    @property
    def accelerators_per_node(self) -> int:
        """How many accelerators each node of this pool carries."""
        rows = {row.name: row.accelerators for row in machine_types(self.accelerator, Cloud.AWS)}
        return rows[self.machines[0]]

    def model_post_init(self, _context: object, /) -> None:
        complaints: list[Complaint] = []
        if len(set(self.capacity)) != len(self.capacity):
            complaints.append(Complaint("capacity", ", ".join(self.capacity), "each way once", "remove the second"))
        wanted = Capacity.CAPACITY_BLOCK in self.capacity
        if wanted != (self.capacity_block is not None):
            got = "a block" if self.capacity_block else MISSING
            step = (
                "add it: {reservation: cr-..., zone: a}" if wanted else "remove it, or name capacity_block in capacity"
            )
            complaints.append(
                Complaint("capacity_block", got, "a block exactly when capacity names capacity_block", step)
            )
        complaints.extend(too_many_nodes(self.nodes))
        complaints.extend(self._machine_complaints())
        if complaints:
            refuse(*complaints)

    def _machine_complaints(self) -> list[Complaint]:
        """Nothing for an accelerator that AWS lacks: the region says that, with the names that it has."""
        rows = {row.name: row.accelerators for row in machine_types(self.accelerator, Cloud.AWS)}
        if not rows:
            return []
        complaints = [
            Complaint(
                f"instance_types[{index}]",
                name,
                ", ".join(rows),
                near(name, rows) or f"choose one with {self.accelerator}",
            )
            for index, name in enumerate(self.instance_types)
            if name not in rows
        ]
        if not complaints and len({rows[name] for name in self.instance_types}) > 1:
            got = ", ".join(f"{name} ({rows[name]})" for name in self.instance_types)
            complaints.append(
                Complaint("instance_types", got, "the same number of accelerators each", "make two pools")
            )
        return complaints


MOST_NODES = 450
"""Nodes of one EKS managed node group, without a raised quota."""


def too_many_nodes(nodes: Range) -> list[Complaint]:
    """One complaint for more nodes than EKS has in a group."""
    if nodes.max <= MOST_NODES:
        return []
    return [Complaint("nodes.max", nodes.max, f"at most {MOST_NODES}", "make two pools, or ask for fewer")]


class SystemPool(Section):
    """Nodes for add-ons and for models without an accelerator."""

    nodes: Annotated[Range, Field(description="Fewest and most nodes; with two or more, one may be lost.")] = Range(
        min=2, max=6
    )
    instance_types: Annotated[
        tuple[InstanceType, ...], Field(min_length=1, description="Instance types, the preferred first.")
    ] = ("m7i.large", "m6i.large", "m5.large")

    def model_post_init(self, _context: object, /) -> None:
        complaints = too_many_nodes(self.nodes)
        if complaints:
            refuse(*complaints)


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
