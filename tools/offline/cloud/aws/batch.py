"""AWS Batch, and EventBridge Scheduler that sends its jobs."""

from __future__ import annotations

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_BATCH = "arn:{partition}:batch:{place}:{account}:"


def _environment(asked: Asked) -> Properties:
    """Its name, given or made up from a prefix, is its id."""
    words = Words(asked)
    own = asked.inputs.get("name") or f"{asked.inputs.get('namePrefix')}{words['hash'][:26]}"
    place = f"{words['place']}:{words['account']}"
    return {
        "id": own,
        "name": own,
        "arn": f"arn:{words['partition']}:batch:{place}:compute-environment/{own}",
        "status": "VALID",
        "ecsClusterArn": f"arn:{words['partition']}:ecs:{place}:cluster/{own}",
    }


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
        compute=_environment,
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
