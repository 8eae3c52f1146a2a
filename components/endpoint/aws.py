"""A model on a SageMaker endpoint: its releases as variants, and how one release follows another.

An endpoint lasts, what it serves does not: each release is a new model and a new configuration, made before the
endpoint is updated, and the old ones go after it. So their names are made up by the engine, of their logical names,
which therefore begin with the stack's. An update that SageMaker took back by itself fails the deployment
(aws_release.py), and the old configuration stays.

Owns role, log group, place in the VPC, models, configuration, endpoint and its scaling. Owns neither the alarms that
take an update back nor the bucket of predictions, and no right of others to call it.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws_policies import Statement, arn
from components.endpoint.aws_args import AwsEndpointArgs, EndpointRelease, endpoint_log_group, endpoint_name
from components.endpoint.aws_configuration import (
    CANDIDATE,
    STABLE,
    asynchronous,
    candidate_variant,
    data_capture,
    machines_on_trial,
    shadow_variant,
    stable_variant,
)
from components.endpoint.aws_documents import (
    async_rights,
    capture_rights,
    image_rights,
    lines_and_metrics,
    network_rights,
    watching,
)
from components.endpoint.aws_network import AwsEndpointNetwork, AwsEndpointNetworkArgs
from components.endpoint.aws_release import deployment_config, serves_what_was_asked
from components.endpoint.aws_scaling import AwsEndpointScaling, AwsEndpointScalingArgs
from components.endpoint.types import EndpointMode, EndpointOutputs
from components.identity.aws_workload import AwsWorkloadRole, AwsWorkloadRoleArgs
from components.monitoring.aws_model_logs import ModelLogs, model_log_group
from components.naming import physical_name

MADE_UP_LONGEST = 63 - len("-configuration") - len("-0123456")
"""So many characters of a made-up name are ours: a role and the engine's seven digits come after them."""


class AwsEndpoint(pulumi.ComponentResource):
    """Endpoint `{stack}-{model}` with variants `stable` and, during a trial, `candidate`."""

    outputs: EndpointOutputs

    def __init__(self, name: str, args: AwsEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:endpoint:AwsEndpoint", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        self._physical = endpoint_name(args.stack, args.model)
        self._prefix = physical_name(args.stack, args.model, longest=MADE_UP_LONGEST)
        logs = self._logs()
        self._role = self._execution_role()
        self._network = self._place()
        rules = self._network.rules if self._network else ()
        self._needed: list[pulumi.Resource] = [logs, *self._role.attachments, *rules]
        configuration = self._configuration()
        endpoint = self._endpoint(configuration)
        self._scaling(endpoint)
        self.outputs = self._outputs(endpoint)
        self.register_outputs({"name": endpoint.name, "arn": endpoint.arn})

    def _logs(self) -> aws.cloudwatch.LogGroup:
        args = self._args
        asked = ModelLogs(
            group=endpoint_log_group(args.stack, args.model),
            key_arn=args.logs_key_arn,
            days=args.log_days,
            tags=self._tags,
            protect=args.protect,
        )
        return model_log_group(f"{self._name}-logs", asked, self)

    def _execution_role(self) -> AwsWorkloadRole:
        args, where = self._args, {"account": self._args.account, "region": self._args.region}
        own = (
            *image_rights(args.repository, **where),
            *lines_and_metrics(endpoint_log_group(args.stack, args.model), **where),
            *(network_rights(**where) if args.network else ()),
        )
        files = (args.files.bucket, args.files.key_arn) if args.files else ("", "")
        given = pulumi.Output.all(args.statements, *files, args.answers_topic, list(args.rollback_alarms))
        return AwsWorkloadRole(
            f"{self._name}-role",
            AwsWorkloadRoleArgs(
                role_name=physical_name(args.stack, args.model, "endpoint", longest=64),
                service="sagemaker.amazonaws.com",
                description=f"{args.stack}: endpoint of model {args.model}",
                account=args.account,
                source_arn=arn("sagemaker", "*", region=args.region, account=args.account),
                permissions_boundary_arn=args.permissions_boundary_arn,
                statements=given.apply(
                    lambda known: (*own, *watching(known[-1], **where), *self._on_files(known), *known[0])
                ),
            ),
            self._child,
        )

    def _on_files(self, known: list[str]) -> tuple[Statement, ...]:
        args = self._args
        _, bucket, key, topic, _ = known
        found: tuple[Statement, ...] = ()
        if args.capture_percent is not None:
            found = capture_rights(args.model, bucket=bucket, key=key, region=args.region)
        if args.mode is EndpointMode.ASYNC:
            found = (*found, *async_rights(args.model, bucket=bucket, key=key, region=args.region, topic=topic))
        return found

    def _place(self) -> AwsEndpointNetwork | None:
        if self._args.network is None:
            return None
        args = AwsEndpointNetworkArgs(endpoint=self._physical, network=self._args.network, tags=self._tags)
        return AwsEndpointNetwork(f"{self._name}-network", args, self._child)

    def _model(self, variant: str, release: EndpointRelease) -> pulumi.Output[str]:
        """The image and its settings. Cut off from every network, unless a part of the model has a reason."""
        network = self._network
        model = aws.sagemaker.Model(
            f"{self._prefix}-{variant}",
            execution_role_arn=self._role.role_arn,
            primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
                image=release.image, environment=dict(release.environment)
            ),
            vpc_config=aws.sagemaker.ModelVpcConfigArgs(
                security_group_ids=[network.security_group_id], subnets=network.subnet_ids.apply(list)
            )
            if network
            else None,
            enable_network_isolation=network is not None and not self._args.needs_network,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._needed),
        )
        return model.name

    def _configuration(self) -> aws.sagemaker.EndpointConfiguration:
        args, machine = self._args, self._args.machine
        variants = [stable_variant(args, self._model(STABLE, args.stable))]
        shadows = None
        if args.candidate is not None:
            candidate = self._model(CANDIDATE, args.candidate)
            if args.shadow:
                shadows = [shadow_variant(args, candidate)]
            else:
                variants.append(candidate_variant(args, candidate))
        return aws.sagemaker.EndpointConfiguration(
            f"{self._prefix}-configuration",
            production_variants=variants,
            shadow_production_variants=shadows,
            data_capture_config=data_capture(args, args.files) if args.files else None,
            async_inference_config=asynchronous(args, args.files) if args.files else None,
            kms_key_arn=None if machine is None or machine.own_disk else args.disk_key_arn,
            tags=self._tags,
            opts=self._child,
        )

    def _endpoint(self, configuration: aws.sagemaker.EndpointConfiguration) -> aws.sagemaker.Endpoint:
        """Guardrails are for machines only: a serverless endpoint changes all at once."""
        args = self._args
        guarded = deployment_config(args.shift, fewest=self._fewest(), bake_s=args.bake_s, alarms=args.rollback_alarms)
        # A function, not a ResourceHook: the SDK then starts its server for hooks when the endpoint's turn comes. One
        # that is still starting when the program fails takes the process down with it (grpc 1.85, seen 2026-11-24).
        check = serves_what_was_asked(self._physical, args.region)
        return aws.sagemaker.Endpoint(
            f"{self._name}-endpoint",
            name=self._physical,
            endpoint_config_name=configuration.name,
            deployment_config=None if args.serverless else guarded,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self._needed,
                hooks=pulumi.ResourceHookBinding(after_create=[check], after_update=[check]),
            ),
        )

    def _fewest(self) -> int:
        """Machines of the smallest variant that answers callers."""
        args = self._args
        if args.candidate is None or args.shadow:
            return args.scale.start
        return machines_on_trial(args.scale.start, args.candidate_weight)

    def _scaling(self, endpoint: aws.sagemaker.Endpoint) -> None:
        args, scale = self._args, self._args.scale
        if scale.fewest == scale.most or (args.serverless and not scale.fewest):
            return  # nothing to choose between; or nothing is kept warm
        AwsEndpointScaling(
            f"{self._name}-scaling",
            AwsEndpointScalingArgs(
                endpoint=endpoint.name,
                endpoint_name=self._physical,
                variant=STABLE,
                mode=args.mode,
                scale=scale,
                machine=args.machine,
                tags=self._tags,
            ),
            self._child,
        )

    def _outputs(self, endpoint: aws.sagemaker.Endpoint) -> EndpointOutputs:
        args, machine = self._args, self._args.machine
        beside = args.candidate is not None
        return EndpointOutputs(
            name=endpoint.name,
            arn=endpoint.arn,
            configuration=endpoint.endpoint_config_name,
            role_arn=self._role.role_arn,
            log_group=endpoint_log_group(args.stack, args.model),
            variants=(STABLE, CANDIDATE) if beside and not args.shadow else (STABLE,),
            shadow=CANDIDATE if args.shadow else None,
            cpus=machine.cpus if machine else 1,
            accelerators=machine.accelerators if machine else 0,
        )
