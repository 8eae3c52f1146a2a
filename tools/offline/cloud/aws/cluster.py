"""AWS clusters and what stands beside them: EKS, log groups."""

from __future__ import annotations

import base64

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_EKS = "arn:{partition}:eks:{place}:{account}:"


def _cluster(asked: Asked) -> Properties:
    words = Words(asked)
    code = str(words["hash_cluster"]).upper()
    domain = f"{words['region']}.eks.{words['dns']}"
    certificate = base64.b64encode(f"stand-in certificate of {asked.name}".encode()).decode()
    # The network's answer needs the inputs within it, so a template cannot make it.
    network = {"clusterSecurityGroupId": f"sg-{words['hex_cluster']}", "vpcId": f"vpc-{words['hex_vpc']}"}
    return {
        "endpoint": f"https://{code}.gr7.{domain}",
        "identities": [{"oidcs": [{"issuer": f"https://oidc.eks.{words['region']}.{words['dns']}/id/{code}"}]}],
        "certificateAuthority": {"data": certificate},
        "certificateAuthorities": [{"data": certificate}],
        "status": "ACTIVE",
        "platformVersion": "eks.1",
        "createdAt": "2026-01-01T00:00:00Z",
        "vpcConfig": {**network, **dict(asked.inputs.get("vpcConfig") or {})},
    }


KINDS: dict[str, Kind] = {
    "aws:eks/cluster:Cluster": Kind(
        source="eks/cluster.go",
        replaces=(
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "bootstrapSelfManagedAddons",
            "computeConfig.nodeRoleArn",
            "kubernetesNetworkConfig.ipFamily",
            "kubernetesNetworkConfig.serviceIpv4Cidr",
            "name",
            "outpostConfig.controlPlaneInstanceType",
            "outpostConfig.controlPlanePlacement",
            "remoteNetworkConfig",
            "roleArn",
        ),
        replaces_removed=("encryptionConfig",),  # it can be switched on, never off
        id="{input[name]}",
        arn=_EKS + "cluster/{input[name]}",
        compute=_cluster,
        identity=("name",),
        named="name",
    ),
    "aws:eks/nodeGroup:NodeGroup": Kind(
        source="eks/node_group.go",
        replaces=(
            "amiType",
            "capacityType",
            "clusterName",
            "diskSize",
            "instanceTypes",
            "launchTemplate.id",
            "launchTemplate.name",
            "nodeGroupName",
            "nodeGroupNamePrefix",
            "nodeRoleArn",
            "remoteAccess",
            "subnetIds",
        ),
        id="{input[clusterName]}:{input[nodeGroupName]}",
        arn=_EKS + "nodegroup/{input[clusterName]}/{input[nodeGroupName]}/{uuid}",
        outputs={
            "status": "ACTIVE",
            "resources": [{"autoscalingGroups": [{"name": "eks-{input[nodeGroupName]}-{uuid}"}]}],
        },
        identity=("clusterName", "nodeGroupName"),
        named="nodeGroupName",
    ),
    "aws:eks/addon:Addon": Kind(
        source="eks/addon.go",
        replaces=("addonName", "clusterName"),
        id="{input[clusterName]}:{input[addonName]}",
        arn=_EKS + "addon/{input[clusterName]}/{input[addonName]}/{uuid}",
        identity=("clusterName", "addonName"),
    ),
    "aws:eks/accessEntry:AccessEntry": Kind(
        source="eks/access_entry.go",
        replaces=("clusterName", "principalArn", "type"),
        id="{input[clusterName]}:{input[principalArn]}",
        outputs={"accessEntryArn": _EKS + "access-entry/{input[clusterName]}/{uuid}"},
        identity=("clusterName", "principalArn"),
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Kind(
        source="eks/access_policy_association.go",
        replaces=("accessScope", "clusterName", "policyArn", "principalArn"),
        id="{input[clusterName]}#{input[principalArn]}#{input[policyArn]}",
        identity=("clusterName", "principalArn", "policyArn"),
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Kind(
        source="eks/pod_identity_association.go",
        replaces=("clusterName", "namespace", "serviceAccount"),
        id="a-{hex}",
        outputs={
            "associationId": "{id}",
            "associationArn": _EKS + "podidentityassociation/{input[clusterName]}/{id}",
        },
        identity=("clusterName", "namespace", "serviceAccount"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        source="logs/group.go",
        replaces=("logGroupClass", "name", "namePrefix"),
        id="{input[name]}",
        arn="arn:{partition}:logs:{place}:{account}:log-group:{input[name]}",
        identity=("name",),
        named="name",
    ),
}
