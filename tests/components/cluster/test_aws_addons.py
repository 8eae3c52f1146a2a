"""Add-ons of a cluster."""

from __future__ import annotations

import json

import pytest

from components.cluster.aws_addons import ADDONS, OBSERVABILITY, AwsAddonsArgs, configuration
from tests.components.cluster.parts import LABELS, record_cluster


def test_network_policies_are_enforced() -> None:
    assert json.loads(configuration("vpc-cni", LABELS) or "")["enableNetworkPolicy"] == "true"


def test_volumes_carry_the_labels_that_default_tags_do_not_bring() -> None:
    settings = json.loads(configuration("aws-ebs-csi-driver", LABELS) or "")
    assert settings["controller"]["extraVolumeTags"] == LABELS.tags()


def test_containers_and_devices_are_measured_and_no_library_is_slipped_into_pods() -> None:
    """The operator does that where the agent's configuration names `application_signals`, as the default one does."""
    settings = json.loads(configuration(OBSERVABILITY, LABELS) or "")
    assert settings == {
        "agent": {"config": {"logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}}}
    }


@pytest.mark.parametrize("addon", ADDONS)
def test_settings_are_written_in_one_way_only(addon: str) -> None:
    text = configuration(addon, LABELS)
    assert text is None or text == json.dumps(json.loads(text), sort_keys=True)


def test_rights_come_by_pod_identity_and_only_where_they_are_needed() -> None:
    graph = record_cluster(pools=())
    given = {
        one["addonName"]: [
            (a["serviceAccount"], a["roleArn"].rpartition("/")[2]) for a in one["podIdentityAssociations"]
        ]
        for one in graph.all("Addon")
        if "podIdentityAssociations" in one.inputs
    }
    assert given == {
        "amazon-cloudwatch-observability": [("cloudwatch-agent", "agent")],
        "vpc-cni": [("aws-node", "vpc-cni")],
        "aws-ebs-csi-driver": [("ebs-csi-controller-sa", "ebs-csi")],
    }


def test_what_is_set_here_wins_over_what_was_changed_by_hand() -> None:
    for one in record_cluster(pools=()).all("Addon"):
        assert one["resolveConflictsOnCreate"] == one["resolveConflictsOnUpdate"] == "OVERWRITE", one.name


def test_an_add_on_without_a_version_or_a_role_is_refused() -> None:
    versions = {"vpc-cni": "v1.20.4-eksbuild.1"}
    with pytest.raises(ValueError, match="versions: got none for coredns"):
        AwsAddonsArgs(cluster_name="demo", names=("coredns",), versions=versions, roles={}, labels=LABELS)
    with pytest.raises(ValueError, match="roles: got none for vpc-cni"):
        AwsAddonsArgs(cluster_name="demo", names=("vpc-cni",), versions=versions, roles={}, labels=LABELS)
