"""The Deployment of one arm of a model: what its pods are, where they run, how they start, stop and are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.capacity import ORDER_LABEL, order_weights
from components.serving.arms import Arm, image_of, labels_of
from components.serving.model import LIVE_PATH, PORT, PORT_NAME, READY_PATH, Exposure, ModelDeploymentArgs, Resources
from components.serving.surroundings import literal

if TYPE_CHECKING:
    from pulumi_kubernetes.apps.v1 import DeploymentSpecArgsDict, DeploymentStrategyArgsDict
    from pulumi_kubernetes.core.v1 import (
        AffinityArgsDict,
        ContainerArgsDict,
        EnvVarArgsDict,
        PodSpecArgsDict,
        ProbeArgsDict,
        ResourceRequirementsArgsDict,
        TolerationArgsDict,
        TopologySpreadConstraintArgsDict,
    )

# No user of any image: our images run as whichever user they are given.
USER_ID = 65532
SCRATCH_GIB = 2

# From the start of a pod's end to SIGTERM. A load balancer still sends new connections until it has seen two failed
# checks ten seconds apart; a Service inside the cluster forgets the pod within a few seconds.
LEAVE_LOAD_BALANCER_S = 30
LEAVE_SERVICE_S = 5
# After SIGTERM: the server's own drain delay (5), the longest request (60), and a little for the end itself.
_FINISH_S = 70

# Until the first 200 of /readyz: an image of gigabytes may still have to be loaded into an accelerator's memory.
START_S = 300
START_WITH_ACCELERATOR_S = 1800


def deployment_spec(args: ModelDeploymentArgs, arm: Arm) -> DeploymentSpecArgsDict:
    """`spec` of the Deployment. The number of replicas is left out where the autoscaler owns it."""
    accelerated = args.resources.accelerator is not None
    spec: DeploymentSpecArgsDict = {
        "selector": {"match_labels": arm.selector},
        "strategy": _strategy(args.resources, arm),
        "min_ready_seconds": 5,
        "revision_history_limit": 5,
        "progress_deadline_seconds": 2 * (START_WITH_ACCELERATOR_S if accelerated else START_S),
        "template": {"metadata": {"labels": labels_of(args, arm)}, "spec": _pod(args, arm)},
    }
    if not arm.scale.automatic:
        spec["replicas"] = arm.scale.min
    return spec


def _strategy(resources: Resources, arm: Arm) -> DeploymentStrategyArgsDict:
    """New before old; with accelerators old before new, as a spare one cannot be assumed, unless it is the only one."""
    in_place = resources.accelerator is not None and arm.scale.min > 1
    return {
        "type": "RollingUpdate",
        "rolling_update": {"max_surge": 0 if in_place else 1, "max_unavailable": 1 if in_place else 0},
    }


def _pod(args: ModelDeploymentArgs, arm: Arm) -> PodSpecArgsDict:
    pod: PodSpecArgsDict = {
        "service_account_name": args.model,
        "automount_service_account_token": False,
        "enable_service_links": False,
        "security_context": {
            "run_as_non_root": True,
            "run_as_user": USER_ID,
            "run_as_group": USER_ID,
            "fs_group": USER_ID,
            "seccomp_profile": {"type": "RuntimeDefault"},
        },
        "termination_grace_period_seconds": _leave_s(args) + _FINISH_S,
        "topology_spread_constraints": [
            _spread(arm, "topology.kubernetes.io/zone"),
            _spread(arm, "kubernetes.io/hostname"),
        ],
        "tolerations": _tolerations(args.resources),
        "containers": [_container(args, arm)],
        "volumes": [{"name": "scratch", "empty_dir": {"size_limit": f"{SCRATCH_GIB}Gi"}}],
    }
    if args.priority_class is not None:
        pod["priority_class_name"] = args.priority_class
    affinity = _affinity(args.resources)
    if affinity is not None:
        pod["affinity"] = affinity
    return pod


def _container(args: ModelDeploymentArgs, arm: Arm) -> ContainerArgsDict:
    start = START_S if args.resources.accelerator is None else START_WITH_ACCELERATOR_S
    return {
        "name": "model",
        "image": image_of(args, arm),
        "image_pull_policy": "IfNotPresent",
        "ports": [{"name": PORT_NAME, "container_port": PORT, "protocol": "TCP"}],
        "env": _environment(args),
        "resources": _resources(args.resources),
        "startup_probe": _probe(READY_PATH, period_s=5, failures=start // 5),
        "readiness_probe": _probe(READY_PATH, period_s=5, failures=2),
        "liveness_probe": _probe(LIVE_PATH, period_s=10, failures=3),
        # The kubelet waits, not a command: the image has no shell.
        "lifecycle": {"pre_stop": {"sleep": {"seconds": _leave_s(args)}}},
        "security_context": {
            "allow_privilege_escalation": False,
            "read_only_root_filesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volume_mounts": [{"name": "scratch", "mount_path": "/tmp"}],  # noqa: S108  the pod's own empty volume
    }


def _environment(args: ModelDeploymentArgs) -> list[EnvVarArgsDict]:
    """In the order of the names, so that the same variables never make a new pod."""
    home: EnvVarArgsDict = {"name": "HOME", "value": "/tmp"}  # frameworks write their caches below it  # noqa: S108  the same volume
    return [home, *({"name": name, "value": literal(value)} for name, value in sorted(args.environment.items()))]


def _leave_s(args: ModelDeploymentArgs) -> int:
    """A gateway's balancer checks nodes, not pods: for it too the pod has left once every node has forgotten it."""
    return LEAVE_LOAD_BALANCER_S if isinstance(args.exposure, Exposure) else LEAVE_SERVICE_S


def _probe(path: str, *, period_s: int, failures: int) -> ProbeArgsDict:
    return {
        "http_get": {"path": path, "port": PORT_NAME},
        "period_seconds": period_s,
        "timeout_seconds": 2,
        "failure_threshold": failures,
    }


def _resources(resources: Resources) -> ResourceRequirementsArgsDict:
    memory = f"{round(resources.memory_gib * 1024)}Mi"
    both = {"memory": memory, "ephemeral-storage": f"{SCRATCH_GIB}Gi"}
    if resources.accelerator is not None:
        both[resources.accelerator.resource] = str(resources.accelerators)
    # No CPU limit: it would slow a request down beside idle cores.
    return {"requests": {**both, "cpu": f"{round(resources.cpu * 1000)}m"}, "limits": both}


def _tolerations(resources: Resources) -> list[TolerationArgsDict]:
    """A lost node's pods start elsewhere after 30 seconds, not after the five minutes that Kubernetes would wait."""
    tolerations: list[TolerationArgsDict] = [
        {"key": f"node.kubernetes.io/{state}", "operator": "Exists", "effect": "NoExecute", "toleration_seconds": 30}
        for state in ("not-ready", "unreachable")
    ]
    if resources.accelerator is not None:
        taint = resources.accelerator.taint
        tolerations.append({"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect})
    return tolerations


def _affinity(resources: Resources) -> AffinityArgsDict | None:
    """Only nodes with this accelerator, and among them first those that come by the pool's preferred capacity."""
    if resources.accelerator is None:
        return None
    key, value = resources.accelerator.node_label
    return {
        "node_affinity": {
            "required_during_scheduling_ignored_during_execution": {
                "node_selector_terms": [{"match_expressions": [{"key": key, "operator": "In", "values": [value]}]}]
            },
            "preferred_during_scheduling_ignored_during_execution": [
                {
                    "weight": weight,
                    "preference": {"match_expressions": [{"key": ORDER_LABEL, "operator": "In", "values": [order]}]},
                }
                for order, weight in order_weights().items()
            ],
        }
    }


def _spread(arm: Arm, topology_key: str) -> TopologySpreadConstraintArgsDict:
    """A wish, not a demand: a pod in the wrong zone serves, a pending one does not.

    Each release is spread for itself, or the pods of the old one would decide where those of the new one lie.
    """
    return {
        "max_skew": 1,
        "topology_key": topology_key,
        "when_unsatisfiable": "ScheduleAnyway",
        "label_selector": {"match_labels": arm.selector},
        "match_label_keys": ["pod-template-hash"],
    }
