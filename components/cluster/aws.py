"""The Kubernetes cluster of one AWS region: EKS control plane, who may call it, add-ons, and pools of nodes.

Nothing here is open to the world: the API answers inside the network, and outside it only to the networks given.
Owns no workload, no storage class, and no OpenID provider: pods get AWS rights by Pod Identity. What is installed into
the cluster by its own API (the autoscaler of nodes, device plug-ins) stands beside it: it needs a provider of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.capacity import Capacity
from components.cluster.aws_access import AwsAccess, AwsAccessArgs
from components.cluster.aws_addons import (
    ADDONS,
    AFTER_NODES,
    BEFORE_NODES,
    OBSERVABILITY,
    AwsAddons,
    AwsAddonsArgs,
)
from components.cluster.aws_pools import AwsNodePool, AwsNodePoolArgs
from components.cluster.pools import NodePool
from components.cluster.types import ClusterOutputs
from components.identity.types import IdentityOutputs
from components.keys.types import KeysOutputs
from components.labels import Labels
from components.network.types import NetworkOutputs

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
LOG_RETENTION_DAYS = 365

SYSTEM_POOL = "system"
_RESOURCES = ("control_plane", "nodes")  # of the outputs; the state has them already
_SYSTEM_DISK_GIB = 50


@dataclass(frozen=True, kw_only=True)
class AwsClusterArgs:
    """`cluster_name` is plain: roles and key policies name the cluster and its log group before they exist.

    `public_access` empty: the API is reachable inside the network only, and `up` of models needs a runner there.
    `admins` and `viewers` are ARNs of IAM roles; who applies the models stack must be an admin. `system_pool` comes
    from the function of that name. `addon_versions` holds one version for each of `ADDONS`. `protect_data`: the
    cluster and its audit log cannot be deleted until it is taken back.
    """

    place: str
    cluster_name: str
    version: str
    public_access: tuple[IPv4Network, ...]
    admins: tuple[str, ...]
    viewers: tuple[str, ...] = ()
    system_pool: NodePool
    pools: tuple[NodePool, ...] = ()
    addon_versions: Mapping[str, pulumi.Input[str]]
    network: NetworkOutputs
    identity: IdentityOutputs
    keys: KeysOutputs
    protect_data: bool
    labels: Labels

    def __post_init__(self) -> None:
        for cidr in self.public_access:
            if cidr.prefixlen == 0:
                raise ValueError(f"public_access: got {cidr}; allowed: networks of your own, or none")
        names = [pool.name for pool in (self.system_pool, *self.pools)]
        if len(set(names)) != len(names) or names[0] != SYSTEM_POOL:
            raise ValueError(f"pools: got names {names}; allowed: each once, {SYSTEM_POOL!r} first and no other")
        missing = [addon for addon in ADDONS if addon not in self.addon_versions]
        if missing:
            raise ValueError(
                f"addon_versions: got none for {', '.join(missing)}; allowed: one for each of {', '.join(ADDONS)}"
            )


class AwsCluster(pulumi.ComponentResource):
    """`outputs` as any cloud's cluster gives them."""

    outputs: ClusterOutputs

    def __init__(self, name: str, args: AwsClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:cluster:AwsCluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = self._control_plane(name, args)
        access = AwsAccess(
            f"{name}-access",
            AwsAccessArgs(cluster_name=cluster.name, place=args.place, admins=args.admins, viewers=args.viewers),
            child,
        )
        ready = self._addons(f"{name}-base", args, cluster, BEFORE_NODES, ())
        after = (*ready.addons, *args.identity.attachments, *args.network.routes)
        pools = [self._pool(name, args, cluster, pool, after) for pool in (args.system_pool, *args.pools)]
        services = self._addons(f"{name}-services", args, cluster, AFTER_NODES, pools[0].node_groups)

        self.outputs = ClusterOutputs(
            name=cluster.name,
            identifier=cluster.arn,
            endpoint=cluster.endpoint,
            certificate_authority=cluster.certificate_authority.data.apply(_given),
            security_group_id=cluster.vpc_config.cluster_security_group_id.apply(_given),
            version=cluster.version,
            scaling_groups={pool.pool.name: pool.scaling_groups for pool in pools},
            nodes=(*(group for pool in pools for group in pool.node_groups), *services.addons, *access.associations),
            control_plane=cluster,
        )
        self.register_outputs({key: value for key, value in vars(self.outputs).items() if key not in _RESOURCES})

    def _control_plane(self, name: str, args: AwsClusterArgs) -> aws.eks.Cluster:
        # Declared before the cluster: EKS would make this group itself, without key and without an end.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-control-plane",
            name=control_plane_log_group(args.cluster_name),
            retention_in_days=LOG_RETENTION_DAYS,
            kms_key_id=args.keys.logs_key_arn,
            deletion_protection_enabled=args.protect_data,
            opts=pulumi.ResourceOptions(parent=self),
        )
        public = [str(cidr) for cidr in args.public_access]
        callers = self._callers(name, args)
        return aws.eks.Cluster(
            name,
            name=args.cluster_name,
            version=args.version,
            role_arn=args.identity.cluster_role_arn,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=_by_zone(args.network.intra_subnet_ids),
                security_group_ids=[callers.id],
                endpoint_private_access=True,
                endpoint_public_access=bool(public),
                public_access_cidrs=public or None,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                resources=["secrets"],
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.keys.secrets_key_arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=args.protect_data,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, *args.identity.attachments]),
        )

    def _callers(self, name: str, args: AwsClusterArgs) -> aws.ec2.SecurityGroup:
        """Lets hosts of the network call the API: the group that EKS makes admits only those that wear it, so nodes."""
        named = f"{args.cluster_name}-api"
        group = aws.ec2.SecurityGroup(
            f"{name}-api",
            name=named,
            description="HTTPS from inside the network to the Kubernetes API",
            vpc_id=args.network.vpc_id,
            tags={"Name": named},
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-api",
            security_group_id=group.id,
            description="HTTPS from the network",
            cidr_ipv4=str(args.network.cidr),
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags={"Name": named},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group

    def _addons(
        self,
        name: str,
        args: AwsClusterArgs,
        cluster: aws.eks.Cluster,
        names: tuple[str, ...],
        after: tuple[pulumi.Resource, ...],
    ) -> AwsAddons:
        roles = {
            OBSERVABILITY: args.identity.agent_role_arn,
            "aws-ebs-csi-driver": args.identity.volume_driver_role_arn,
            "vpc-cni": args.identity.cni_role_arn,
        }
        wanted = AwsAddonsArgs(
            cluster_name=cluster.name,
            names=names,
            versions=args.addon_versions,
            roles=roles,
            labels=args.labels,
            after=(*args.identity.attachments, *after),
        )
        return AwsAddons(name, wanted, pulumi.ResourceOptions(parent=self))

    def _pool(
        self,
        name: str,
        args: AwsClusterArgs,
        cluster: aws.eks.Cluster,
        pool: NodePool,
        after: tuple[pulumi.Resource, ...],
    ) -> AwsNodePool:
        wanted = AwsNodePoolArgs(
            pool=pool,
            cluster_name=cluster.name,
            cluster_label=args.cluster_name,
            version=cluster.version,
            node_role_arn=args.identity.node_role_arn,
            subnets=args.network.private_subnet_ids,
            security_group_id=cluster.vpc_config.cluster_security_group_id.apply(_given),
            volumes_key_arn=args.keys.volumes_key_arn,
            labels=args.labels,
            after=after,
            starts_with=pool.min_nodes if pool is args.system_pool else 0,
        )
        return AwsNodePool(f"{name}-{pool.name}", wanted, pulumi.ResourceOptions(parent=self))


def control_plane_log_group(cluster_name: str) -> str:
    """The log group into which EKS writes; its name is fixed by EKS."""
    return f"/aws/eks/{cluster_name}/cluster"


def system_pool(*, machines: tuple[str, ...], min_nodes: int, max_nodes: int) -> NodePool:
    """Nodes for add-ons and for models without an accelerator: on demand, without a taint.

    Two nodes at least, so that add-ons with two replicas outlive one of them; their disks hold small images only.
    """
    if min_nodes < 2:
        raise ValueError(f"system pool: nodes.min: got {min_nodes}; allowed: 2 or more, so that one node may be lost")
    return NodePool(
        name=SYSTEM_POOL,
        machines=machines,
        capacity=(Capacity.ON_DEMAND,),
        min_nodes=min_nodes,
        max_nodes=max_nodes,
        disk_gib=_SYSTEM_DISK_GIB,
    )


def _given(value: str | None) -> str:
    """What EKS gives for every cluster that stands, though its type says that it may be absent."""
    if value is None:
        raise pulumi.RunError("EKS described the cluster without its certificate authority or its security group")
    return value


def _by_zone(subnets: Mapping[str, pulumi.Output[str]]) -> list[pulumi.Output[str]]:
    return [subnets[zone] for zone in sorted(subnets)]
