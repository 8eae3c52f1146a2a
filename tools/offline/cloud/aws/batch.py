"""AWS Batch, and EventBridge Scheduler that sends its jobs."""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_BATCH = "arn:{partition}:batch:{place}:{account}:"


def _schedule(asked: Asked) -> Properties:
    """A schedule without a group is in the default one."""
    words = Words(asked)
    group = asked.inputs.get("groupName") or "default"
    own = f"{group}/{asked.inputs.get('name')}"
    arn = f"arn:{words['partition']}:scheduler:{words['place']}:{words['account']}:schedule/{own}"
    return {"id": own, "arn": arn, "groupName": group}


KINDS: dict[str, Kind] = {
    "aws:batch/computeEnvironment:ComputeEnvironment": Kind(
        source="batch/compute_environment.go",
        replaces=(
            "computeResources.ec2Configurations",
            "computeResources.launchTemplate",
            "computeResources.placementGroup",
            "computeResources.spotIamFleetRole",
            "eksConfiguration",
            "name",
            "namePrefix",
            "type",
        ),
        id="{input[name]}",
        arn=_BATCH + "compute-environment/{input[name]}",
        outputs={"status": "VALID", "ecsClusterArn": "arn:{partition}:ecs:{place}:{account}:cluster/{input[name]}"},
        identity=("name",),
        named="name",
    ),
    "aws:batch/jobQueue:JobQueue": Kind(
        source="batch/job_queue.go",
        replaces=("name",),
        id=_BATCH + "job-queue/{input[name]}",
        arn="{id}",
        identity=("name",),
        named="name",
    ),
    # A changed one is a new revision under the same name, and the one before it is put away.
    "aws:batch/jobDefinition:JobDefinition": Kind(
        source="batch/job_definition.go",
        replaces=("name",),
        id=_BATCH + "job-definition/{input[name]}:1",
        arn="{id}",
        outputs={"arnPrefix": _BATCH + "job-definition/{input[name]}"},
        counted=("revision",),
        named="name",
    ),
    "aws:scheduler/schedule:Schedule": Kind(
        source="scheduler/schedule.go",
        replaces=("groupName", "name", "namePrefix"),
        compute=_schedule,
        identity=("groupName", "name"),
        named="name",
    ),
}
