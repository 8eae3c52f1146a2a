"""Identities of one AWS region's cluster: control plane, nodes, and the add-ons that call AWS.

Pods get credentials by EKS Pod Identity only: the node role holds no right that a pod could use, and IMDS is closed
to pods by the cluster. The associations of add-ons belong to the add-ons themselves (the cluster), those of models to
`AwsModelIdentity`, the autoscaler of nodes has its own. Owns no OIDC provider for the cluster (no IRSA) and no
permissions boundary (the account does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws_policies import (
    WORKLOAD_PATH,
    Statement,
    arn,
    document,
    iam_arn,
    pod_trust,
    service_trust,
    workload_role_arn,
)
from components.identity.types import IdentityOutputs
from components.naming import physical_name

ROLE_NAME_LONGEST = 64

# Every role of AWS is named here once, with the reason for a policy that AWS wrote.
CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
# Not the WorkerNodeMinimalPolicy of EKS Auto Mode: Bottlerocket asks EC2 for the node's name before it joins.
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
CNI_POLICIES = ("AmazonEKS_CNI_Policy",)
# Only volumes and instances tagged with this cluster's name; of 2026-04-16, wants driver v1.58.0 or newer.
VOLUME_DRIVER_POLICIES = ("AmazonEBSCSIDriverEKSClusterScopedPolicy",)
# Fixed by the add-on amazon-cloudwatch-observability.
AGENT_NAMESPACE, AGENT_ACCOUNT = "amazon-cloudwatch", "cloudwatch-agent"


@dataclass(frozen=True, kw_only=True)
class AwsIdentityArgs:
    stack: str
    account: str
    region: str
    cluster_name: str  # its ARN follows from it, so that the roles can stand before the cluster does
    secrets_key_arn: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str


def cluster_role_arn(*, stack: str, region: str, account: str) -> str:
    """The ARN that the control plane's role will have: key policies name it before it exists."""
    return workload_role_arn(_role_name(stack, "cluster"), region=region, account=account)


class AwsIdentity(pulumi.ComponentResource):
    """Five roles below `/homeport/`, each under the account's permissions boundary."""

    outputs: IdentityOutputs

    def __init__(self, name: str, args: AwsIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:identity:AwsIdentity", name, None, opts)
        self._name, self._args = name, args
        self._attachments: list[pulumi.Resource] = []
        cluster_arn = arn("eks", f"cluster/{args.cluster_name}", region=args.region, account=args.account)
        only_this_cluster = {
            "ArnEquals": {"aws:SourceArn": cluster_arn},
            "StringEquals": {"aws:SourceAccount": args.account},
        }
        cluster = self._role(
            "cluster", "control plane", service_trust("eks.amazonaws.com", only_this_cluster), CLUSTER_POLICIES
        )
        self._inline(cluster, "cluster", "use-secrets-key", _use_secrets_key, args.secrets_key_arn)
        # EC2 sends no source account when it assumes a role, and a role cannot be passed across accounts.
        node = self._role("node", "nodes", service_trust("ec2.amazonaws.com"), NODE_POLICIES)
        cni = self._pod_role("vpc-cni", "pod network", cluster_arn, "aws-node", CNI_POLICIES)
        driver = self._pod_role("ebs-csi", "volumes", cluster_arn, "ebs-csi-controller-sa", VOLUME_DRIVER_POLICIES)
        self._inline(driver, "ebs-csi", "use-volumes-key", _use_volumes_key, args.volumes_key_arn)
        agent = self._pod_role("agent", "logs and metrics", cluster_arn, AGENT_ACCOUNT, (), AGENT_NAMESPACE)
        watching = agent_policy(region=args.region, account=args.account, cluster=args.cluster_name)
        self._attach(agent, "agent", "watch", watching)
        self.outputs = IdentityOutputs(
            cluster_role_arn=cluster.arn,
            node_role_arn=node.arn,
            cni_role_arn=cni.arn,
            volume_driver_role_arn=driver.arn,
            agent_role_arn=agent.arn,
            attachments=tuple(self._attachments),
        )
        self.register_outputs({"cluster_role_arn": cluster.arn, "node_role_arn": node.arn})

    def _pod_role(
        self,
        role: str,
        what: str,
        cluster_arn: str,
        service_account: str,
        policies: tuple[str, ...],
        namespace: str = "kube-system",
    ) -> aws.iam.Role:
        """A role of one service account."""
        trust = pod_trust(
            account=self._args.account,
            cluster_arn=cluster_arn,
            namespace=namespace,
            service_account=service_account,
        )
        return self._role(role, what, trust, policies)

    def _role(self, role: str, what: str, trust: str, policies: tuple[str, ...]) -> aws.iam.Role:
        """A role and the policies of AWS that it carries."""
        args = self._args
        made = aws.iam.Role(
            f"{self._name}-{role}",
            name=_role_name(args.stack, role),
            path=WORKLOAD_PATH,
            description=f"{args.stack}: {what}",
            assume_role_policy=trust,
            permissions_boundary=args.permissions_boundary_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for policy in policies:
            attachment = aws.iam.RolePolicyAttachment(
                f"{self._name}-{role}-{policy}",
                role=made.name,
                policy_arn=iam_arn(f"policy/{policy}", region=args.region, account="aws"),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self._attachments.append(attachment)
        return made

    def _inline(
        self, role: aws.iam.Role, key: str, policy: str, write: Callable[[str], str], key_arn: pulumi.Input[str]
    ) -> None:
        """Rights on one key, in the role itself."""
        self._attach(role, key, policy, pulumi.Output.from_input(key_arn).apply(write))

    def _attach(self, role: aws.iam.Role, key: str, policy: str, text: pulumi.Input[str]) -> None:
        inline = aws.iam.RolePolicy(
            f"{self._name}-{key}-{policy}",
            name=policy,
            role=role.name,
            policy=text,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._attachments.append(inline)


def agent_policy(*, region: str, account: str, cluster: str) -> str:
    """What the collector of logs and metrics may do: write into the cluster's four log groups, and send metrics.

    Narrower than AWS's CloudWatchAgentServerPolicy: it may not make a log group, which would have neither key nor end.
    """
    streams = arn("logs", f"log-group:/aws/containerinsights/{cluster}/*:*", region=region, account=account)
    calls = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    # IAM ties neither of these two to a resource.
    return document(
        Statement(sid="WriteContainerLogs", actions=calls, resources=(streams,)),
        Statement(
            sid="SendMetrics",
            actions=("cloudwatch:PutMetricData",),
            resources=("*",),
            conditions={"StringLike": {"cloudwatch:namespace": ("CWAgent", "ContainerInsights*")}},
        ),
        Statement(sid="KnowTheNode", actions=("ec2:DescribeTags", "ec2:DescribeVolumes"), resources=("*",)),
    )


def _role_name(stack: str, role: str) -> str:
    return physical_name(stack, role, longest=ROLE_NAME_LONGEST)


def _use_secrets_key(key_arn: str) -> str:
    actions = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants")
    return document(Statement(sid="UseSecretsKey", actions=actions, resources=(key_arn,)))


def _use_volumes_key(key_arn: str) -> str:
    use = tuple(
        f"kms:{action}"
        for action in "Decrypt DescribeKey Encrypt GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo".split()
    )
    return document(
        Statement(sid="UseVolumesKey", actions=use, resources=(key_arn,)),
        Statement(
            sid="GrantToVolumes",
            actions=("kms:CreateGrant",),
            resources=(key_arn,),
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
