"""Homeport's components of AWS, and how settings become their args.

Every component gets the kit's one provider, which refuses any other account and labels whatever takes tags. What is
asked of AWS while the graph is built stands in `aws_lookups`.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.account.aws import AwsAccount, AwsAccountArgs
from components.account.aws_boundaries import workload_boundary_arn
from components.account.aws_delivery import delivery_role_arn
from components.account.aws_github import GitHubRepository
from components.account.aws_state import StateStore
from components.account.types import AccountOutputs
from components.certificate.aws import AwsCertificate, AwsCertificateArgs
from components.certificate.types import CertificateOutputs
from components.cluster.aws import AwsCluster, AwsClusterArgs, control_plane_log_group, system_pool
from components.cluster.types import ClusterOutputs
from components.front_door.aws import AwsFrontDoor, AwsFrontDoorArgs
from components.front_door.types import FrontDoorOutputs
from components.identity.aws import AwsIdentity, AwsIdentityArgs, cluster_role_arn
from components.identity.aws_model import AwsModelIdentity, AwsModelIdentityArgs
from components.identity.types import IdentityOutputs
from components.keys.aws import AwsKeys, AwsKeysArgs
from components.keys.types import KeysOutputs
from components.labels import Labels
from components.model_store.aws import AwsModelStore, AwsModelStoreArgs, store_bucket
from components.model_store.types import ModelStoreOutputs
from components.monitoring.aws import AwsMonitoring, AwsMonitoringArgs, container_log_groups
from components.monitoring.aws_topic import topic_name
from components.monitoring.types import MonitoringOutputs
from components.network.aws import AwsNetwork, AwsNetworkArgs, NatMode
from components.network.aws_existing import existing_network
from components.network.aws_flow_logs import flow_log_group
from components.network.types import NetworkOutputs
from components.registry.aws import AwsRegistry, AwsRegistryArgs
from components.registry.types import RegistryOutputs
from components.serving.aws import aws_exposure
from components.serving.model import Exposure
from stacks.contracts import PlatformContract
from stacks.kits.aws_lookups import AwsLookups
from stacks.kits.aws_nodes import fewest_nodes, node_pool
from stacks.settings import (
    AccountSettings,
    ExistingNetwork,
    FrontDoorSettings,
    ModelSettings,
    ModelsSettings,
    PlatformSettings,
)

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
        self._lookups = AwsLookups(region, self.provider)

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
            cost_tags=settings.cost_tags,
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
            log_groups=(
                control_plane_log_group(self.stack),
                flow_log_group(self.stack),
                *container_log_groups(self.stack),
            ),
            alarm_topic=topic_name(self.stack),
            store_bucket=store_bucket(stack=self.stack, account=self.account),
            protect=settings.protect_data,
        )
        return AwsKeys("keys", args, self._opts).outputs

    def network(self, settings: PlatformSettings, keys: KeysOutputs) -> NetworkOutputs:
        """A network of our own, or one that is there already."""
        network = settings.region.network
        if isinstance(network, ExistingNetwork):
            return existing_network(self._lookups.existing(network))
        args = AwsNetworkArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cidr=network.cidr,
            zones=self._lookups.zones(settings.stack.file, network.zones),
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
            admins=self._releasers(settings),
            viewers=self._delivery_roles(settings, "preview"),
            system_pool=system_pool(
                machines=system.instance_types, min_nodes=system.nodes.min, max_nodes=system.nodes.max
            ),
            pools=tuple(node_pool(pool, self.region) for pool in settings.region.pools),
            addon_versions=self._lookups.addon_versions(cluster.version),
            network=network,
            identity=identity,
            keys=keys,
            protect_data=settings.protect_data,
            labels=self.labels,
        )
        return AwsCluster("cluster", args, self._opts).outputs

    def registry(self, settings: PlatformSettings, keys: KeysOutputs) -> RegistryOutputs:
        """A repository for each model that may be in this region."""
        kept = settings.region.registry
        args = AwsRegistryArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            models=settings.models,
            key_arn=keys.images_key_arn,
            pushers=self._releasers(settings),
            untagged_days=kept.untagged_days,
            keep_images=kept.keep_images,
            labels=self.labels,
            protect=settings.protect_data,
        )
        return AwsRegistry("registry", args, self._opts).outputs

    def model_store(self, settings: PlatformSettings, keys: KeysOutputs) -> ModelStoreOutputs:
        """The bucket of weights."""
        kept = settings.region.model_store
        args = AwsModelStoreArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            key_arn=keys.weights_key_arn,
            writers=self._releasers(settings),
            deleted_days=kept.deleted_days,
            access_log_days=kept.access_log_days,
            protect=settings.protect_data,
        )
        return AwsModelStore("model-store", args, self._opts).outputs

    def monitoring(
        self,
        settings: PlatformSettings,
        keys: KeysOutputs,
        network: NetworkOutputs,
        cluster: ClusterOutputs,
        certificate: CertificateOutputs,
    ) -> MonitoringOutputs:
        """Alarms and who hears of them, container logs, the platform's dashboard and its costs."""
        region, fewest = settings.region, fewest_nodes(settings.region)
        args = AwsMonitoringArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cluster=self.stack,
            nodes={pool: (fewest[pool], group) for pool, group in cluster.node_groups.items()},
            gateways=network.nat_gateway_ids,
            certificate_arn=certificate.identifier,
            alarms_key_arn=keys.alarms_key_arn,
            logs_key_arn=keys.logs_key_arn,
            receivers=region.notify,
            billed_stacks=(self.stack, f"{self.stack}-models"),
            budget_usd=region.budget.monthly_usd if region.budget else None,
            protect_logs=settings.protect_data,
        )
        return AwsMonitoring("monitoring", args, self._opts).outputs

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
            zone_id=self._lookups.zone_id(settings.domain),
            targets=targets,
            places=settings.places,
        )
        return AwsFrontDoor("front-door", args, self._opts).outputs

    def _boundary(self, jurisdiction: str) -> str:
        return workload_boundary_arn(
            environment=self.labels.environment, jurisdiction=jurisdiction, region=self.region, account=self.account
        )

    def _releasers(self, settings: PlatformSettings) -> tuple[str, ...]:
        """Who brings images and weights and applies stacks: the delivery's role, and the people named as admins."""
        return (*self._delivery_roles(settings, "apply"), *settings.region.cluster.admins)

    def _delivery_roles(self, settings: PlatformSettings, role: str) -> tuple[str, ...]:
        if not settings.delivered:
            return ()
        return (delivery_role_arn(role, environment=self.labels.environment, region=self.region, account=self.account),)
