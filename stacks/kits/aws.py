"""Homeport's components of AWS, and how settings become their args.

Every component gets the kit's one provider, which refuses any other account and labels whatever takes tags. What is
asked of AWS while the graph is built stands at the end of this file.
"""

from __future__ import annotations

from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.accelerators import ACCELERATORS
from components.account.aws import AwsAccount, AwsAccountArgs
from components.account.aws_boundaries import workload_boundary_arn
from components.account.aws_delivery import delivery_role_arn
from components.account.aws_github import GitHubRepository
from components.account.aws_state import StateStore
from components.account.types import AccountOutputs
from components.certificate.aws import AwsCertificate, AwsCertificateArgs
from components.certificate.types import CertificateOutputs
from components.cluster.aws import AwsCluster, AwsClusterArgs, control_plane_log_group, system_pool
from components.cluster.aws_addons import ADDONS
from components.cluster.pools import CapacityBlock, NodePool
from components.cluster.types import ClusterOutputs
from components.front_door.aws import AwsFrontDoor, AwsFrontDoorArgs
from components.front_door.types import FrontDoorOutputs
from components.identity.aws import AwsIdentity, AwsIdentityArgs, cluster_role_arn
from components.identity.aws_model import AwsModelIdentity, AwsModelIdentityArgs
from components.identity.types import IdentityOutputs
from components.keys.aws import AwsKeys, AwsKeysArgs
from components.keys.types import KeysOutputs
from components.labels import Labels
from components.naming import aws_image_address
from components.network.aws import AwsNetwork, AwsNetworkArgs, NatMode
from components.network.aws_existing import AwsExistingNetworkArgs, existing_network
from components.network.aws_flow_logs import flow_log_group
from components.network.types import NetworkOutputs
from components.serving.aws import aws_exposure
from components.serving.model import Exposure
from stacks.contracts import PlatformContract
from stacks.settings import (
    AccountSettings,
    ExistingNetwork,
    FrontDoorSettings,
    ModelSettings,
    ModelsSettings,
    NewNetwork,
    PlatformSettings,
    Pool,
)

# EKS puts no control plane there: "Subnet requirements for clusters" in its user guide names the exception; the ids are
# from knowledge. Ids, not names: what is zone `a` for one account is another's `c`.
ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"]

Targets = dict[str, dict[str, pulumi.Output[str]]]


class AwsKit:
    """One stack's components in one region of one account."""

    def __init__(self, stack: str, *, region: str, account: str, labels: Labels) -> None:
        self.stack, self.region, self.account, self.labels = stack, region, account, labels
        self.provider = aws.Provider(
            "aws",
            region=region,
            allowed_account_ids=[account],
            default_tags=aws.ProviderDefaultTagsArgs(tags=labels.tags()),
        )
        self._opts = pulumi.ResourceOptions(provider=self.provider)

    def account_of(self, settings: AccountSettings) -> AccountOutputs:
        """Zone, validation records, boundaries, delivery."""
        github = settings.github
        source = GitHubRepository(**github.model_dump()) if github else None
        args = AwsAccountArgs(
            environment=settings.stack.environment,
            account=self.account,
            home_region=self.region,
            domain=settings.domain,
            jurisdictions=settings.jurisdictions,
            source=source,
            state=tuple(
                StateStore(bucket=bucket.bucket, key_alias=key.alias, region=bucket.region)
                for bucket, key in settings.state.values()
            ),
            protect=settings.protect_data,
        )
        return AwsAccount("account", args, self._opts).outputs

    def keys(self, settings: PlatformSettings) -> KeysOutputs:
        """Keys stand first; what will use them is known to them by name."""
        args = AwsKeysArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cluster_role_arn=cluster_role_arn(stack=self.stack, region=self.region, account=self.account),
            log_groups=(control_plane_log_group(self.stack), flow_log_group(self.stack)),
            protect=settings.protect_data,
        )
        return AwsKeys("keys", args, self._opts).outputs

    def network(self, settings: PlatformSettings, keys: KeysOutputs) -> NetworkOutputs:
        """A network of our own, or one that is there already."""
        network = settings.region.network
        if isinstance(network, ExistingNetwork):
            return existing_network(self._existing(network))
        args = AwsNetworkArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cidr=network.cidr,
            zones=self._zones(settings, network),
            logs_key_arn=keys.logs_key_arn,
            permissions_boundary_arn=self._boundary(settings.jurisdiction),
            nat=NatMode(network.nat),
            interface_endpoints=network.endpoints,
        )
        return AwsNetwork("network", args, self._opts).outputs

    def identity(self, settings: PlatformSettings, keys: KeysOutputs) -> IdentityOutputs:
        """The roles of cluster, nodes and add-ons."""
        args = AwsIdentityArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cluster_name=self.stack,
            secrets_key_arn=keys.secrets_key_arn,
            volumes_key_arn=keys.volumes_key_arn,
            permissions_boundary_arn=self._boundary(settings.jurisdiction),
        )
        return AwsIdentity("identity", args, self._opts).outputs

    def cluster(
        self, settings: PlatformSettings, network: NetworkOutputs, identity: IdentityOutputs, keys: KeysOutputs
    ) -> ClusterOutputs:
        """Control plane, add-ons and pools."""
        cluster, system = settings.region.cluster, settings.region.system
        args = AwsClusterArgs(
            place=self.region,
            cluster_name=self.stack,
            version=cluster.version,
            public_access=() if cluster.api_access == "private" else cluster.api_access,
            admins=(*self._delivery_roles(settings, "apply"), *cluster.admins),
            viewers=self._delivery_roles(settings, "preview"),
            system_pool=system_pool(
                machines=system.instance_types, min_nodes=system.nodes.min, max_nodes=system.nodes.max
            ),
            pools=tuple(_node_pool(pool, self.region) for pool in settings.region.pools),
            addon_versions=self._addon_versions(cluster.version),
            network=network,
            identity=identity,
            keys=keys,
            protect_data=settings.protect_data,
            labels=self.labels,
        )
        return AwsCluster("cluster", args, self._opts).outputs

    def certificate(self, settings: PlatformSettings) -> CertificateOutputs:
        """The region's own certificate for the jurisdiction's names."""
        args = AwsCertificateArgs(domain=settings.domain, jurisdiction=settings.jurisdiction)
        return AwsCertificate("certificate", args, self._opts).outputs

    def model_identity(
        self, settings: ModelsSettings, model: str, platform: pulumi.Output[PlatformContract], namespace: str
    ) -> AwsModelIdentity:
        """Who the model's pods are; its service account bears the model's name."""
        args = AwsModelIdentityArgs(
            stack=self.stack,
            model=model,
            account=self.account,
            cluster_name=platform.apply(lambda contract: contract.cluster.name),
            cluster_arn=platform.apply(lambda contract: contract.cluster.identifier),
            namespace=namespace,
            service_account=model,
            permissions_boundary_arn=self._boundary(settings.jurisdiction),
        )
        return AwsModelIdentity(f"{model}-identity", args, self._opts)

    def image(self, model: str, digest: str) -> str:
        """Where the model's image lies: in the region's own registry."""
        return aws_image_address(account=self.account, place=self.region, model=model, digest=digest)

    def exposure(self, model: ModelSettings, platform: pulumi.Output[PlatformContract]) -> Exposure | None:
        """The load balancer through which callers from outside reach the model, if any may."""
        return aws_exposure(
            networks=model.access.networks,
            certificate_arn=platform.apply(lambda contract: contract.certificate),
            labels=self.labels.for_model(model.name),
        )

    def login(self, cluster: str) -> tuple[str, tuple[str, ...]]:
        """The command that gives whoever runs Pulumi a token for the cluster: the AWS CLI and its arguments."""
        arguments = ("--output", "json", "--region", self.region, "--cluster-name", cluster)
        return "aws", ("eks", "get-token", *arguments)

    def front_door(self, settings: FrontDoorSettings, targets: Targets) -> FrontDoorOutputs:
        """Names, health checks and records of one jurisdiction."""
        args = AwsFrontDoorArgs(
            domain=settings.domain,
            jurisdiction=settings.jurisdiction,
            zone_id=self._zone_id(settings.domain),
            targets=targets,
            places=settings.places,
        )
        return AwsFrontDoor("front-door", args, self._opts).outputs

    def _boundary(self, jurisdiction: str) -> str:
        return workload_boundary_arn(
            environment=self.labels.environment, jurisdiction=jurisdiction, region=self.region, account=self.account
        )

    def _delivery_roles(self, settings: PlatformSettings, role: str) -> tuple[str, ...]:
        if not settings.delivered:
            return ()
        return (delivery_role_arn(role, environment=self.labels.environment, region=self.region, account=self.account),)

    # What is asked of AWS while the graph is built.

    def _zones(self, settings: PlatformSettings, network: NewNetwork) -> tuple[str, ...]:
        """The first zones by name that EKS takes; local zones, which may lie abroad, are left out."""
        found = aws.get_availability_zones(
            state="available",
            exclude_zone_ids=ZONES_WITHOUT_EKS,
            filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
            opts=self._lookup,
        )
        names = sorted(found.names)
        if len(names) < network.zones:
            raise pulumi.RunError(
                f"{settings.stack.file}: region.network.zones: got {network.zones}; allowed: at most {len(names)}, "
                f"since {self.region} offers this account {', '.join(names)}; ask for fewer zones"
            )
        return tuple(names[: network.zones])

    def _existing(self, network: ExistingNetwork) -> AwsExistingNetworkArgs:
        found = aws.ec2.get_vpc(id=network.existing, opts=self._lookup)
        by_zone = [
            {f"{self.region}{letter}": subnet for letter, subnet in subnets.items()}
            for subnets in (network.private_subnets, network.public_subnets, network.intra_subnets)
        ]
        return AwsExistingNetworkArgs(
            vpc_id=network.existing,
            cidr=IPv4Network(found.cidr_block),
            private_subnet_ids=by_zone[0],
            public_subnet_ids=by_zone[1],
            intra_subnet_ids=by_zone[2],
        )

    def _addon_versions(self, version: str) -> dict[str, pulumi.Input[str]]:
        """The version of each add-on that EKS gives a cluster of this version when nobody names one."""
        return {
            name: aws.eks.get_addon_version_output(
                addon_name=name, kubernetes_version=version, opts=pulumi.InvokeOutputOptions(provider=self.provider)
            ).version
            for name in ADDONS
        }

    def _zone_id(self, domain: str) -> pulumi.Output[str]:
        """The account stack's zone, found by the domain: nobody reads that stack's state."""
        options = pulumi.InvokeOutputOptions(provider=self.provider)
        return aws.route53.get_zone_output(name=domain, private_zone=False, opts=options).zone_id

    @property
    def _lookup(self) -> pulumi.InvokeOptions:
        return pulumi.InvokeOptions(provider=self.provider)


def _node_pool(pool: Pool, region: str) -> NodePool:
    block = pool.capacity_block
    return NodePool(
        name=pool.name,
        machines=pool.machines,
        capacity=pool.capacity,
        min_nodes=pool.nodes.min,
        max_nodes=pool.nodes.max,
        disk_gib=pool.disk_gib,
        accelerator=ACCELERATORS[pool.accelerator],
        capacity_block=CapacityBlock(reservation_id=block.reservation, zone=f"{region}{block.zone}") if block else None,
    )
