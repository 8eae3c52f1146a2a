"""AWS Lambda: functions and what hangs on them, and the scaling of their provisioned concurrency."""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_FUNCTION = "arn:{partition}:lambda:{place}:{account}:function:"
_INVOKED = "arn:{partition}:apigateway:{place}:lambda:path/2015-03-31/functions/"


def _alias(asked: Asked) -> Properties:
    """The function may be given by name or by ARN; the alias's ARN holds its name."""
    words = Words(asked)
    function = str(asked.inputs.get("functionName")).rpartition(":")[2]
    arn = f"{_FUNCTION}{function}:{asked.inputs.get('name')}".format_map(words)
    return {"id": arn, "arn": arn, "invokeArn": f"{_INVOKED}{arn}/invocations".format_map(words)}


KINDS: dict[str, Kind] = {
    "aws:lambda/function:Function": Kind(
        source="lambda/function.go",
        replaces=("name", "packageType", "tenancyConfig"),
        id="{input[name]}",
        arn=_FUNCTION + "{input[name]}",
        outputs={
            "invokeArn": _INVOKED + _FUNCTION + "{input[name]}/invocations",
            "lastModified": "2026-01-01T00:00:00.000+0000",
        },
        # A published version keeps the image and the settings of its moment; here every update publishes one, in
        # Lambda those of image, code and settings do.
        counted=("version",),
        identity=("name",),
        named="name",
    ),
    "aws:lambda/alias:Alias": Kind(
        source="lambda/alias.go",
        replaces=("functionName", "name"),
        compute=_alias,
        imported_as="{functionName}/{name}",
        identity=("functionName", "name"),
        named="name",
    ),
    "aws:lambda/permission:Permission": Kind(
        source="lambda/permission.go",
        replaces=(
            "action",
            "eventSourceToken",
            "function",
            "functionUrlAuthType",
            "invokedViaFunctionUrl",
            "principal",
            "principalOrgId",
            "qualifier",
            "sourceAccount",
            "sourceArn",
            "statementId",
            "statementIdPrefix",
        ),
        id="{input[function]}/{input[statementId]}",  # the provider's is the bare statement, which is no one thing's
        identity=("function", "qualifier", "statementId"),
        named="statementId",
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Kind(
        source="lambda/event_source_mapping.go",
        replaces=(
            "amazonManagedKafkaEventSourceConfig",
            "eventSourceArn",
            "queues",
            "selfManagedEventSource",
            "selfManagedKafkaEventSourceConfig",
            "startingPosition",
            "startingPositionTimestamp",
            "topics",
        ),
        id="{uuid}",
        arn="arn:{partition}:lambda:{place}:{account}:event-source-mapping:{uuid}",
        outputs={"uuid": "{uuid}", "state": "Enabled"},
        identity=("eventSourceArn", "functionName", "topics"),
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Kind(
        source="lambda/provisioned_concurrency_config.go",
        replaces=("functionName", "qualifier"),
        id="{input[functionName]},{input[qualifier]}",
        identity=("functionName", "qualifier"),
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Kind(
        source="lambda/function_event_invoke_config.go",
        replaces=("functionName", "qualifier"),
        id="{input[functionName]}:{input[qualifier]}",
        identity=("functionName", "qualifier"),
    ),
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": Kind(
        source="lambda/function_recursion_config.go",
        replaces=("functionName",),
        id="{input[functionName]}",
        identity=("functionName",),
    ),
}
