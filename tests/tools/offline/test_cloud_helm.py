"""What the stand-in answers for a chart that Helm installs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.offline.cloud.answers import created, previewed, previewed_update, updated
from tools.offline.cloud.helm import RELEASE
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import Setting, setting_of
from tools.offline.cloud.store import Store
from tools.offline.cloud.world import CloudRefused, World
from tools.offline.protocol.values import UNKNOWN
from tools.offline.standin.checking import checked
from tools.offline.standin.difference import difference

CLUSTER = "arn:aws:eks:eu-west-1:210987654321:cluster/demo"
INPUTS = {"chart": "cluster-autoscaler", "version": "9.59.0", "name": "scaler", "namespace": "kube-system"}


def asked(**changes: Any) -> Asked:
    setting = setting_of(RELEASE, {}, {"clusterIdentifier": CLUSTER})
    return Asked(token=RELEASE, urn=f"urn:{RELEASE}", name="scaler", inputs={**INPUTS, **changes}, setting=setting)


def test_a_release_is_known_by_its_namespace_and_name_and_starts_at_revision_one() -> None:
    answer = created(asked())
    assert answer.id == "kube-system/scaler"
    assert answer.outputs["status"]["revision"] == 1
    assert answer.outputs["status"]["version"] == "9.59.0"
    assert created(asked(namespace=None)).id == "default/scaler"


def test_a_change_is_the_next_revision_of_the_same_release() -> None:
    old = created(asked()).outputs
    answer = updated(asked(version="9.60.0"), "kube-system/scaler", old)
    assert (answer.id, answer.outputs["version"]) == ("kube-system/scaler", "9.60.0")
    assert (answer.outputs["status"]["revision"], answer.outputs["status"]["version"]) == (2, "9.60.0")


def test_a_preview_knows_what_was_asked_for_and_nothing_of_what_helm_will_say() -> None:
    for outputs in (previewed(asked()).outputs, previewed_update(asked(), created(asked()).outputs)):
        assert outputs["status"] == outputs["resourceNames"] == UNKNOWN
        assert outputs["chart"] == "cluster-autoscaler"


@pytest.mark.parametrize(
    ("change", "replaced"),
    [
        ({"values": {"a": 1}}, ()),
        ({"version": "9.60.0"}, ()),
        ({"name": "b"}, ("name",)),
        ({"namespace": "b"}, ("namespace",)),
    ],
)
def test_only_another_name_or_namespace_makes_another_release(
    change: dict[str, Any], replaced: tuple[str, ...]
) -> None:
    found = difference(RELEASE, INPUTS, {**INPUTS, **change})
    assert found.replaces == replaced
    assert found.delete_first is False


def test_helm_refuses_a_name_that_is_in_use(tmp_path: Path) -> None:
    world = World(store=Store(tmp_path / "cloud.db"), setting=asked().setting)
    world.create(asked())
    with pytest.raises(CloudRefused, match="cannot re-use a name that is still in use"):
        world.create(asked(chart="another"))


def test_what_lives_in_a_cluster_goes_with_it(tmp_path: Path) -> None:
    store, there = Store(tmp_path / "cloud.db"), Setting(account="210987654321", place="eu-west-1", region="eu-west-1")
    inside, outside = World(store=store, setting=asked().setting), World(store=store, setting=there)
    inside.create(asked())
    for name in ("demo", "other"):
        inputs: dict[str, Any] = {
            "name": name,
            "roleArn": "arn:aws:iam::210987654321:role/r",
            "vpcConfig": {"subnetIds": []},
        }
        cluster = Asked(token="aws:eks/cluster:Cluster", urn=f"urn:{name}", name=name, inputs=inputs, setting=there)
        outside.create(cluster)
    outside.delete("aws:eks/cluster:Cluster", "other")
    assert inside.read(RELEASE, "kube-system/scaler") is not None
    outside.delete("aws:eks/cluster:Cluster", "demo")
    assert store.all() == []


def test_a_release_without_a_name_gets_one_that_it_keeps() -> None:
    new = {key: value for key, value in INPUTS.items() if key != "name"}
    filled, problems = checked(RELEASE, "scaler", old={}, new=new, seed=b"seed")
    assert problems == []
    assert filled["name"].startswith("scaler-")
    again, _ = checked(RELEASE, "scaler", old=filled, new=new, seed=b"another")
    assert again == filled
