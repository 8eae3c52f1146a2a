"""A release on trial beside the stable one: objects of its own, and nothing of the stable one's moves."""

from __future__ import annotations

import pytest

from components.serving.arms import share_of
from components.serving.model import BehindApi, Candidate, Scale
from tests.components.serving.parts import (
    AUTOMATIC,
    CANDIDATE_DIGEST,
    DIGEST,
    FIXED,
    NODES,
    ON_GPU,
    REPOSITORY,
    candidate,
    exposure,
    model_args,
    record_model,
)
from tests.recorder import UNKNOWN, Graph


@pytest.fixture(scope="module")
def alone() -> Graph:
    return record_model(exposure=BehindApi(cidr=NODES))


@pytest.fixture(scope="module")
def both() -> Graph:
    return record_model(exposure=BehindApi(cidr=NODES), candidate=candidate())


def test_the_candidate_has_its_own_of_everything_that_a_release_has(alone: Graph, both: Graph) -> None:
    added = {one.urn.split("::")[-1] for one in both.resources} - {one.urn.split("::")[-1] for one in alone.resources}
    assert added == {
        "fraud-model-candidate",
        "fraud-deployment-candidate",
        "fraud-budget-candidate",
        "fraud-autoscaler-candidate",
        "fraud-service-candidate",
        "fraud-link-candidate",
    }


def test_nothing_of_the_stable_release_changes_but_the_room_in_its_namespace(alone: Graph, both: Graph) -> None:
    beside = {one.urn: one.inputs for one in both.resources}
    changed = {one.name for one in alone.resources if beside[one.urn] != one.inputs}
    assert changed == {"fraud-quota"}


def test_no_selector_of_one_finds_the_pods_of_the_other(both: Graph) -> None:
    pods = {one.name: one["spec.template.metadata.labels"] for one in both.all("Deployment")}
    stable, trial = pods["fraud-deployment"], pods["fraud-deployment-candidate"]
    for one in both.resources:
        selector = one.inputs.get("spec", {}).get("selector") or one.inputs.get("spec", {}).get("podSelector") or {}
        selector = selector.get("matchLabels", selector)
        if selector:
            finds = [selector.items() <= labels.items() for labels in (stable, trial)]
            assert finds == [not one.name.endswith("-candidate"), one.name.endswith("-candidate")], one.name


def test_each_release_runs_its_own_image(both: Graph) -> None:
    images = {one.name: one["spec.template.spec.containers"][0]["image"] for one in both.all("Deployment")}
    assert images == {
        "fraud-deployment": f"{REPOSITORY}@{DIGEST}",
        "fraud-deployment-candidate": f"{REPOSITORY}@{CANDIDATE_DIGEST}",
    }


def test_both_releases_are_the_same_model_with_the_same_rights(both: Graph) -> None:
    for one in both.all("Deployment"):
        assert one["spec.template.spec.serviceAccountName"] == "fraud"
        assert one["metadata.labels"]["homeport-model"] == "fraud"


def test_the_candidate_s_autoscaler_is_for_its_share(both: Graph) -> None:
    spec = both.one("HorizontalPodAutoscaler", "fraud-autoscaler-candidate")["spec"]
    assert (spec["scaleTargetRef"]["name"], spec["minReplicas"], spec["maxReplicas"]) == ("fraud-candidate", 1, 2)


@pytest.mark.parametrize(("weight", "least", "most"), [(0, 1, 2), (10, 1, 2), (50, 1, 10), (51, 2, 11), (100, 2, 20)])
def test_replicas_follow_the_weight_and_are_never_none(weight: int, least: int, most: int) -> None:
    share = share_of(AUTOMATIC, weight)
    assert (share.min, share.max) == (least, most)
    assert share.targets == AUTOMATIC.targets


def test_who_sets_the_number_of_replicas_never_changes_with_the_weight() -> None:
    small = Scale(min=1, max=2, cpu_utilization=70)
    assert all(share_of(small, weight).automatic for weight in range(101))
    assert not any(share_of(FIXED, weight).automatic for weight in range(101))


def test_the_quota_has_room_for_a_release_of_each_arm(alone: Graph, both: Graph) -> None:
    assert alone.one("ResourceQuota")["spec.hard.pods"] == "41"  # 20 old, 20 new, one more for the surge
    assert both.one("ResourceQuota")["spec.hard.pods"] == "46"


def test_room_is_made_before_the_candidate_s_pods_come(both: Graph) -> None:
    quota = both.one("ResourceQuota").urn
    policy = both.one("NetworkPolicy", "fraud-model-candidate").urn
    assert {quota, policy} <= both.one("Deployment", "fraud-deployment-candidate").dependencies


def test_each_release_answers_the_gateway_on_a_port_of_the_nodes(alone: Graph, both: Graph) -> None:
    ports = both.outputs["link_port"], both.outputs["candidate_link_port"]
    assert all(30000 <= port <= 32767 for port in ports)
    assert ports[0] != ports[1]
    assert alone.outputs["link_port"] == ports[0]
    assert alone.outputs.get("candidate_link_port") is None


def test_pods_of_the_cluster_find_the_candidate_by_name(alone: Graph, both: Graph) -> None:
    assert both.outputs["candidate_address"] == "http://fraud-candidate.model-fraud.svc"
    assert alone.outputs.get("candidate_address") is None


def test_in_a_preview_the_port_of_a_new_service_is_not_known() -> None:
    preview = record_model(exposure=BehindApi(cidr=NODES), candidate=candidate(), preview=True)
    assert preview.outputs["link_port"] == preview.outputs["candidate_link_port"] == UNKNOWN


def test_without_a_gateway_there_is_no_port() -> None:
    graph = record_model(candidate=candidate(), resources=ON_GPU, scale=FIXED)
    assert {one["spec.type"] for one in graph.all("Service")} == {"ClusterIP"}
    assert graph.outputs.get("link_port") is None


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_weight_that_is_no_share_is_refused(weight: int) -> None:
    with pytest.raises(ValueError, match=rf"candidate\.weight: got {weight}; allowed: 0 to 100 percent"):
        candidate(weight)


def test_a_candidate_that_is_not_pinned_by_digest_is_refused() -> None:
    with pytest.raises(ValueError, match=r"candidate\.digest: got 'v2'"):
        Candidate(digest="v2", weight=1)


def test_a_weight_that_nothing_would_keep_is_refused() -> None:
    assert model_args(exposure=exposure(), candidate=candidate(0)).candidate is not None
    with pytest.raises(ValueError, match=r"candidate\.weight: got 10 behind a load balancer"):
        model_args(exposure=exposure(), candidate=candidate(10))
