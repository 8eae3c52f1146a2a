"""AWS managed endpoints: SageMaker models, configurations, endpoints and monitors."""

from __future__ import annotations

from tools.offline.cloud.kind import Kind

_NAMED = "arn:{partition}:sagemaker:{place}:{account}:"

KINDS: dict[str, Kind] = {
    "aws:sagemaker/model:Model": Kind(
        source="sagemaker/model.go",
        replaces=(
            "containers",
            "enableNetworkIsolation",
            "executionRoleArn",
            "inferenceExecutionConfig",
            "name",
            "primaryContainer",
            "vpcConfig",
        ),
        id="{input[name]}",
        arn=_NAMED + "model/{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": Kind(
        source="sagemaker/endpoint_configuration.go",
        replaces=(
            "asyncInferenceConfig",
            "dataCaptureConfig",
            "executionRoleArn",
            "kmsKeyArn",
            "name",
            "namePrefix",
            "productionVariants",
            "shadowProductionVariants",
        ),
        id="{input[name]}",
        arn=_NAMED + "endpoint-config/{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:sagemaker/endpoint:Endpoint": Kind(
        source="sagemaker/endpoint.go",
        replaces=("name",),
        # Not told here: `auto_rollback_configuration` is ForceNew, the alarms in it are not. So the first alarm and the
        # loss of the last one replace an endpoint.
        live=("endpointConfigName",),
        id="{input[name]}",
        arn=_NAMED + "endpoint/{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": Kind(
        source="sagemaker/data_quality_job_definition.go",
        replaces=(
            "dataQualityAppSpecification",
            "dataQualityBaselineConfig",
            "dataQualityJobInput",
            "dataQualityJobOutputConfig",
            "jobResources",
            "name",
            "networkConfig",
            "roleArn",
            "stoppingCondition",
        ),
        id="{input[name]}",
        arn=_NAMED + "data-quality-job-definition/{input[name]}",
        identity=("name",),
        named="name",
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": Kind(
        source="sagemaker/monitoring_schedule.go",
        replaces=("name",),
        id="{input[name]}",
        arn=_NAMED + "monitoring-schedule/{input[name]}",
        identity=("name",),
        named="name",
    ),
}
