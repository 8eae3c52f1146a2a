"""What a platform installs into its cluster by the Kubernetes API: the autoscaler of nodes, and device plug-ins.

So applying a platform needs the way to that API, as applying its models does: see docs/decisions/0015.
"""

from __future__ import annotations

import pulumi

from components.aws_policies import arn
from components.cluster.aws_autoscaler import AwsAutoscaler, AwsAutoscalerArgs
from components.cluster.aws_plugins import AwsDevicePlugins, AwsDevicePluginsArgs
from components.cluster.types import ClusterOutputs
from stacks.kits.aws import AwsKit
from stacks.kits.aws_nodes import node_pool, system_nodes
from stacks.kits.kubeconfig import cluster_provider
from stacks.settings import PlatformSettings


def install_services(kit: AwsKit, settings: PlatformSettings, cluster: ClusterOutputs) -> None:
    """Declares both; the cluster's pools are those of the settings."""
    region = settings.region
    pools = tuple(node_pool(pool, kit.region) for pool in region.pools)
    kubernetes = cluster_provider(
        name=cluster.name,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authority,
        # As the cluster's ARN will be: a preview must know where objects are to be.
        identifier=arn("eks", f"cluster/{kit.stack}", region=kit.region, account=kit.account),
        login=kit.login,
    )
    opts = pulumi.ResourceOptions(providers=[kit.provider, kubernetes])
    autoscaler = AwsAutoscalerArgs(
        stack=kit.stack,
        account=kit.account,
        region=kit.region,
        cluster_name=kit.stack,
        version=region.cluster.version,
        system_pool=system_nodes(region),
        pools=pools,
        cluster=cluster,
        permissions_boundary_arn=kit.boundary(settings.jurisdiction),
    )
    AwsAutoscaler("autoscaler", autoscaler, opts)
    AwsDevicePlugins("device-plugins", AwsDevicePluginsArgs(region=kit.region, pools=pools, cluster=cluster), opts)
