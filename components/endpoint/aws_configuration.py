"""What an endpoint's configuration says: variants and their shares, captures, asynchronous calls. Without resources."""

from __future__ import annotations

import math

import pulumi
import pulumi_aws as aws

from components.endpoint.aws_args import AwsEndpointArgs, EndpointFiles
from components.endpoint.types import EndpointMode
from components.predictions.folders import async_folder, capture_folder

STABLE, CANDIDATE = "stable", "candidate"
_FEWEST_ON_TRIAL = 2  # so that an update can be shifted in steps, and a lost machine does not end the trial
# What our images answer in; the header says so, and captures are kept as text, not as base64.
_JSON, _CSV = ["application/json", "application/jsonlines"], ["text/csv"]


def stable_variant(
    args: AwsEndpointArgs, model: pulumi.Input[str]
) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    """What answers callers, for its share of the calls."""
    variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs
    machine = args.machine
    if machine is None:
        return variant(variant_name=STABLE, model_name=model, serverless_config=_serverless(args))
    return variant(
        variant_name=STABLE,
        model_name=model,
        instance_type=machine.name,
        initial_instance_count=args.scale.start,
        initial_variant_weight=100 - args.candidate_weight,
        container_startup_health_check_timeout_in_seconds=args.startup_s,
        routing_configs=[_routing()],
    )


def candidate_variant(
    args: AwsEndpointArgs, model: pulumi.Input[str]
) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    """What is on trial, with machines for its share of the calls."""
    machine = args.machine
    return aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=CANDIDATE,
        model_name=model,
        instance_type=machine.name if machine else None,
        initial_instance_count=machines_on_trial(args.scale.start, args.candidate_weight),
        initial_variant_weight=args.candidate_weight,
        container_startup_health_check_timeout_in_seconds=args.startup_s,
        routing_configs=[_routing()],
    )


def shadow_variant(
    args: AwsEndpointArgs, model: pulumi.Input[str]
) -> aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs:
    """A copy of every call: its weight is as the stable variant's."""
    machine = args.machine
    return aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(
        variant_name=CANDIDATE,
        model_name=model,
        instance_type=machine.name if machine else None,
        initial_instance_count=args.scale.start,
        initial_variant_weight=100,
        container_startup_health_check_timeout_in_seconds=args.startup_s,
        routing_configs=[
            aws.sagemaker.EndpointConfigurationShadowProductionVariantRoutingConfigArgs(
                routing_strategy="LEAST_OUTSTANDING_REQUESTS"
            )
        ],
    )


def machines_on_trial(start: int, weight: int) -> int:
    """As large a share of the machines as of the calls."""
    return max(min(_FEWEST_ON_TRIAL, start), math.ceil(start * weight / 100))


def data_capture(
    args: AwsEndpointArgs, files: EndpointFiles
) -> aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs | None:
    """A share of questions and answers, to the model's folder of captures."""
    if args.capture_percent is None:
        return None
    option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs
    return aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        enable_capture=True,
        initial_sampling_percentage=args.capture_percent,
        destination_s3_uri=pulumi.Output.format("s3://{0}/{1}", files.bucket, capture_folder(args.model)),
        kms_key_id=files.key_arn,
        capture_options=[option(capture_mode="Input"), option(capture_mode="Output")],
        capture_content_type_header=aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs(
            csv_content_types=_CSV, json_content_types=_JSON
        ),
    )


def asynchronous(
    args: AwsEndpointArgs, files: EndpointFiles
) -> aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs | None:
    """Answers and failures to the model's folder, and word of each to the topic, if there is one."""
    if args.mode is not EndpointMode.ASYNC:
        return None
    part = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs
    told = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs
    folder = pulumi.Output.format("s3://{0}/{1}", files.bucket, async_folder(args.model))
    return aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
        client_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigClientConfigArgs(
            max_concurrent_invocations_per_instance=args.concurrent_calls
        ),
        output_config=part(
            s3_output_path=folder.apply(lambda path: f"{path}answers/"),
            s3_failure_path=folder.apply(lambda path: f"{path}failures/"),
            kms_key_id=files.key_arn,
            notification_config=told(success_topic=args.answers_topic, error_topic=args.answers_topic)
            if args.answers_topic is not None
            else None,
        ),
    )


def _serverless(args: AwsEndpointArgs) -> aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs:
    return aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
        memory_size_in_mb=max(1, math.ceil(args.size.memory_gib)) * 1024,
        max_concurrency=args.scale.most,
        provisioned_concurrency=args.scale.fewest or None,
    )


def _routing() -> aws.sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs:
    """To the machine that has least to do: calls of models differ in length."""
    return aws.sagemaker.EndpointConfigurationProductionVariantRoutingConfigArgs(
        routing_strategy="LEAST_OUTSTANDING_REQUESTS"
    )
