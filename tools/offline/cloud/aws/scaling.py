"""Application Auto Scaling of what is not a machine: warm environments of functions, instances of endpoints."""

from __future__ import annotations

from tools.offline.cloud.kind import Kind

_SCALED = ("resourceId", "scalableDimension", "serviceNamespace")

KINDS: dict[str, Kind] = {
    "aws:appautoscaling/target:Target": Kind(
        source="appautoscaling/target.go",
        replaces=_SCALED,
        id="{input[resourceId]}",
        arn="arn:{partition}:application-autoscaling:{place}:{account}:scalable-target/{hash}",
        imported_as="{serviceNamespace}/{resourceId}/{scalableDimension}",
        identity=_SCALED,
    ),
    "aws:appautoscaling/policy:Policy": Kind(
        source="appautoscaling/policy.go",
        replaces=("name", *_SCALED),
        # The provider's is the bare name, which two policies of different things may share; here an id finds one thing.
        id="{input[name]}/{input[resourceId]}/{input[scalableDimension]}",
        arn="arn:{partition}:autoscaling:{place}:{account}:scalingPolicy:{uuid}:resource/"
        "{input[serviceNamespace]}/{input[resourceId]}:policyName/{input[name]}",
        imported_as="{serviceNamespace}/{resourceId}/{scalableDimension}/{name}",
        identity=("name", *_SCALED),
        named="name",
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": Kind(
        source="appautoscaling/scheduled_action.go",
        replaces=("name", *_SCALED),
        id="{input[name]}-{input[serviceNamespace]}-{input[resourceId]}",
        arn="arn:{partition}:autoscaling:{place}:{account}:scheduledAction:{uuid}:resource/"
        "{input[serviceNamespace]}/{input[resourceId]}:scheduledActionName/{input[name]}",
        identity=("name", *_SCALED),
        named="name",
    ),
}
