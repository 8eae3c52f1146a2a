"""Device plug-ins: only where a pool needs one, and only on its nodes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from components.cluster.aws import AwsCluster
from components.cluster.aws_plugins import AwsDevicePlugins, AwsDevicePluginsArgs, plugins
from components.cluster.pools import NodePool
from tests.components.cluster.parts import ACCOUNT, CLOSE, GPU, NEURON, cluster_args
from tests.recorder import Graph, record


def installed(*pools: NodePool) -> Graph:
    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=[ACCOUNT])
        cluster = AwsCluster("cluster", cluster_args(pools=pools), pulumi.ResourceOptions(provider=provider)).outputs
        inside = kubernetes.Provider("cluster", kubeconfig="{}", cluster_identifier=cluster.identifier)
        args = AwsDevicePluginsArgs(region="eu-west-1", pools=pools, cluster=cluster)
        AwsDevicePlugins("plugins", args, pulumi.ResourceOptions(provider=inside))

    return record(program)


def test_gpus_need_none() -> None:
    assert installed(GPU).all("Release") == ()


def test_neuron_devices_are_offered_where_a_pool_has_them() -> None:
    [release] = installed(GPU, NEURON).all("Release")
    assert (release["name"], release["namespace"]) == ("neuron", "kube-system")
    assert (release["chart"], release["version"]) == ("oci://public.ecr.aws/neuron/neuron-helm-chart", "1.9.0")
    assert "repositoryOpts" not in release.inputs
    assert release["values"] == {"npd": {"enabled": False}, "scheduler": {"enabled": False}}
    assert release.options["deleted_with"] == "cluster"


def test_adapters_are_offered_by_the_nodes_of_the_pools_that_ask() -> None:
    [release] = installed(CLOSE, GPU).all("Release")
    values = release["values"]
    assert values["supportedInstanceLabels"] == {"keys": ["homeport.dev/pool"], "values": ["gpu-a100"]}
    assert values["tolerations"] == [{"operator": "Exists"}]


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("eu-west-1", "602401143452.dkr.ecr.eu-west-1.amazonaws.com"),
        ("ap-southeast-4", "491585149902.dkr.ecr.ap-southeast-4.amazonaws.com"),
        ("cn-north-1", "918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_image_comes_from_the_region_s_own_registry(region: str, registry: str) -> None:
    _, values = plugins((CLOSE,), region)["efa"]
    assert values["image"]["repository"] == f"{registry}/eks/aws-efa-k8s-device-plugin"
