"""Machines with GPUs for batch jobs: what they are, and what they may do. They exist while jobs run.

Amazon Linux with ECS, as AWS keeps it: a job brings its own image. IMDSv2 with one hop; disks under the region's own
key. Owns no job and no queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.accelerators import ACCELERATORS, Vendor, machine_types
from components.aws_policies import WORKLOAD_PATH, iam_arn, service_trust
from components.labels import Labels
from components.naming import physical_name
from components.places import Cloud

# What the ECS agent does on each machine: joins its cluster, fetches images, writes logs. AWS's own list.
NODE_POLICY = "service-role/AmazonEC2ContainerServiceforEC2Role"
IMAGE = "ECS_AL2023_NVIDIA"
DISK_GIB = 100
# Whichever has most spare machines at a low price; else whichever fits best of those that are to be had.
STRATEGIES = {"SPOT": "SPOT_PRICE_CAPACITY_OPTIMIZED", "EC2": "BEST_FIT_PROGRESSIVE"}


@dataclass(frozen=True, kw_only=True)
class AwsBatchMachinesArgs:
    stack: str
    region: str
    accelerators: tuple[str, ...]
    subnet_ids: tuple[pulumi.Input[str], ...]
    security_group_id: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    max_vcpus: int
    labels: Labels

    def __post_init__(self) -> None:
        wrong = [name for name in self.accelerators if not runs(name)]
        if wrong or not self.accelerators:
            allowed = ", ".join(name for name in ACCELERATORS if runs(name))
            raise ValueError(f"accelerators: got {', '.join(wrong) or 'none'}; allowed: {allowed}")


class AwsBatchMachines(pulumi.ComponentResource):
    """Two compute environments an accelerator, spare machines and ordinary ones; in `environments` their ARNs."""

    environments: Mapping[str, tuple[pulumi.Output[str], pulumi.Output[str]]]  # by accelerator: spare, ordinary

    def __init__(self, name: str, args: AwsBatchMachinesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:batch:AwsBatchMachines", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        profile, rights = self._profile()
        template = self._template()
        # The rights go last: a machine that is ending still says so to its cluster.
        after = pulumi.ResourceOptions(parent=self, depends_on=[rights])
        self.environments = {
            accelerator: (
                self._environment(accelerator, "SPOT", profile, template, after),
                self._environment(accelerator, "EC2", profile, template, after),
            )
            for accelerator in sorted(args.accelerators)
        }
        self.register_outputs({"environments": {key: list(pair) for key, pair in self.environments.items()}})

    def _profile(self) -> tuple[aws.iam.InstanceProfile, pulumi.Resource]:
        args = self._args
        own_name = physical_name(args.stack, "batch-node", longest=64)
        role = aws.iam.Role(
            f"{self._name}-node",
            name=own_name,
            path=WORKLOAD_PATH,
            description=f"{args.stack}: machines of batch jobs",
            # EC2 sends no source account when it assumes a role, and a role cannot be passed across accounts.
            assume_role_policy=service_trust("ec2.amazonaws.com"),
            permissions_boundary=args.permissions_boundary_arn,
            opts=self._child,
        )
        rights = aws.iam.RolePolicyAttachment(
            f"{self._name}-node",
            role=role.name,
            policy_arn=iam_arn(f"policy/{NODE_POLICY}", region=args.region, account="aws"),
            opts=self._child,
        )
        profile = aws.iam.InstanceProfile(
            f"{self._name}-node", name=own_name, path=WORKLOAD_PATH, role=role.name, opts=self._child
        )
        return profile, rights

    def _template(self) -> aws.ec2.LaunchTemplate:
        args = self._args
        own_name = f"{args.stack}-batch"
        # What EC2 makes from the template gets no default tags of the provider.
        tags = {**args.labels.tags(), "Name": own_name}
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            name=own_name,
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=DISK_GIB,
                        encrypted="true",
                        kms_key_id=args.volumes_key_arn,
                        delete_on_termination="true",
                    ),
                )
            ],
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume")
            ],
            opts=self._child,
        )

    def _environment(
        self,
        accelerator: str,
        kind: str,
        profile: aws.iam.InstanceProfile,
        template: aws.ec2.LaunchTemplate,
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        """Its name is AWS's to end: a changed one must stand before the queue lets the old one go."""
        args = self._args
        return aws.batch.ComputeEnvironment(
            f"{self._name}-{accelerator}-{kind.lower()}",
            name_prefix=f"{args.stack}-{accelerator}-{kind.lower()}-",
            type="MANAGED",
            compute_resources=aws.batch.ComputeEnvironmentComputeResourcesArgs(
                type=kind,
                allocation_strategy=STRATEGIES[kind],
                instance_types=[machine.name for machine in machine_types(accelerator, Cloud.AWS)],
                min_vcpus=0,
                max_vcpus=args.max_vcpus,
                instance_role=profile.arn,
                subnets=list(args.subnet_ids),
                security_group_ids=[args.security_group_id],
                ec2_configurations=[aws.batch.ComputeEnvironmentComputeResourcesEc2ConfigurationArgs(image_type=IMAGE)],
                launch_template=aws.batch.ComputeEnvironmentComputeResourcesLaunchTemplateArgs(
                    launch_template_id=template.id, version=template.latest_version.apply(str)
                ),
            ),
            opts=opts,
        ).arn


def runs(accelerator: str) -> bool:
    """Whether batch jobs can have it. Neuron devices would need an image and a device list that Batch does not know."""
    row = ACCELERATORS.get(accelerator)
    return row is not None and row.vendor is Vendor.NVIDIA and bool(machine_types(accelerator, Cloud.AWS))
