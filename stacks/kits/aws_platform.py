"""What a platform of AWS is made of: one region, ready for models."""

from __future__ import annotations

from components.account.aws_delivery import delivery_role_arn
from components.certificate.aws import AwsCertificate, AwsCertificateArgs
from components.certificate.types import CertificateOutputs
from components.cluster.aws import AwsCluster, AwsClusterArgs, control_plane_log_group
from components.cluster.types import ClusterOutputs
from components.identity.aws import AwsIdentity, AwsIdentityArgs, cluster_role_arn
from components.identity.types import IdentityOutputs
from components.keys.aws import AwsKeys, AwsKeysArgs
from components.keys.types import KeysOutputs
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
from stacks.kits.aws import AwsKit
from stacks.kits.aws_data import bucket_with_key
from stacks.kits.aws_nodes import fewest_nodes, node_pool, system_nodes
from stacks.kits.aws_optional import optional_log_groups, optional_purposes
from stacks.settings import ExistingNetwork, PlatformSettings


class AwsPlatform(AwsKit):
    """The components of a platform stack, in the order in which the program asks for them."""

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
                *optional_log_groups(self, settings),
            ),
            alarm_topic=topic_name(self.stack),
            store_bucket=store_bucket(stack=self.stack, account=self.account),
            purposes=optional_purposes(settings.needs),
            predictions_bucket=bucket_with_key(self, settings.needs),
            protect=settings.protect_data,
        )
        return AwsKeys("keys", args, self.opts).outputs

    def network(self, settings: PlatformSettings, keys: KeysOutputs) -> NetworkOutputs:
        """A network of our own, or one that is there already."""
        network = settings.region.network
        if isinstance(network, ExistingNetwork):
            return existing_network(self.lookups.existing(network))
        args = AwsNetworkArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cidr=network.cidr,
            zones=self.lookups.zones(settings.stack.file, network.zones),
            logs_key_arn=keys.logs_key_arn,
            permissions_boundary_arn=self.boundary(settings.jurisdiction),
            nat=NatMode(network.nat),
            interface_endpoints=network.endpoints,
            protect_logs=settings.protect_data,
        )
        return AwsNetwork("network", args, self.opts).outputs

    def identity(self, settings: PlatformSettings, keys: KeysOutputs) -> IdentityOutputs:
        """The roles of cluster, nodes and add-ons."""
        args = AwsIdentityArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            cluster_name=self.stack,
            secrets_key_arn=keys.secrets_key_arn,
            volumes_key_arn=keys.volumes_key_arn,
            permissions_boundary_arn=self.boundary(settings.jurisdiction),
        )
        return AwsIdentity("identity", args, self.opts).outputs

    def cluster(
        self, settings: PlatformSettings, network: NetworkOutputs, identity: IdentityOutputs, keys: KeysOutputs
    ) -> ClusterOutputs:
        """Control plane, add-ons and pools."""
        cluster = settings.region.cluster
        args = AwsClusterArgs(
            place=self.region,
            cluster_name=self.stack,
            version=cluster.version,
            public_access=() if cluster.api_access == "private" else cluster.api_access,
            admins=self._releasers(settings),
            viewers=self._delivery_roles(settings, "preview"),
            system_pool=system_nodes(settings.region),
            pools=tuple(node_pool(pool, self.region) for pool in settings.region.pools),
            addon_versions=self.lookups.addon_versions(cluster.version),
            network=network,
            identity=identity,
            keys=keys,
            protect_data=settings.protect_data,
            labels=self.labels,
        )
        return AwsCluster("cluster", args, self.opts).outputs

    def registry(self, settings: PlatformSettings, keys: KeysOutputs) -> RegistryOutputs:
        """A repository for each model that may be in this region."""
        kept = settings.region.registry
        args = AwsRegistryArgs(
            stack=self.stack,
            account=self.account,
            region=self.region,
            models=settings.needs.models,
            served_by_lambda=settings.needs.functions,
            key_arn=keys.images_key_arn,
            pushers=self._releasers(settings),
            untagged_days=kept.untagged_days,
            keep_images=kept.keep_images,
            labels=self.labels,
            protect=settings.protect_data,
        )
        return AwsRegistry("registry", args, self.opts).outputs

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
        return AwsModelStore("model-store", args, self.opts).outputs

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
            nodes={pool: (fewest[pool], groups) for pool, groups in cluster.scaling_groups.items()},
            gateways=network.nat_gateway_ids,
            certificate_arn=certificate.identifier,
            alarms_key_arn=keys.alarms_key_arn,
            logs_key_arn=keys.logs_key_arn,
            receivers=region.notify,
            billed_stacks=(self.stack, f"{self.stack}-models"),
            budget_usd=region.budget.monthly_usd if region.budget else None,
            protect_logs=settings.protect_data,
        )
        return AwsMonitoring("monitoring", args, self.opts).outputs

    def certificate(self, settings: PlatformSettings) -> CertificateOutputs:
        """The region's own certificate for the jurisdiction's names."""
        args = AwsCertificateArgs(domain=settings.domain, jurisdiction=settings.jurisdiction)
        return AwsCertificate("certificate", args, self.opts).outputs

    def _releasers(self, settings: PlatformSettings) -> tuple[str, ...]:
        """Who brings images and weights and applies stacks: the delivery's role, and the people named as admins."""
        return (*self._delivery_roles(settings, "apply"), *settings.region.cluster.admins)

    def _delivery_roles(self, settings: PlatformSettings, role: str) -> tuple[str, ...]:
        if not settings.delivered:
            return ()
        return (delivery_role_arn(role, environment=self.labels.environment, region=self.region, account=self.account),)
