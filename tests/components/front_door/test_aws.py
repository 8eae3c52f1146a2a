"""Public names of a jurisdiction's models on Route 53."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pulumi
import pulumi_aws as aws
import pytest

from components.front_door.aws import AwsFrontDoor, AwsFrontDoorArgs, FrontDoorTarget
from components.places import DEFAULT_TABLE
from tests.recorder import Graph, record

IRELAND, FRANKFURT = "a.elb.eu-west-1.amazonaws.com", "b.elb.eu-central-1.amazonaws.com"
BALANCED = FrontDoorTarget(hostname=IRELAND)
GATEWAY, API = "d-1.execute-api.eu-west-1.amazonaws.com", "abc.execute-api.eu-west-1.amazonaws.com"
BY_API = FrontDoorTarget(hostname=GATEWAY, health_host=API, health_path="/live/ping")
WATCHED = FrontDoorTarget(hostname=GATEWAY, health_host=API, health_path="/live/ping", alarm="demo-score-errors")
WITH_CERTIFICATES = FrontDoorTarget(hostname=GATEWAY, tcp=True)
Targets = Mapping[str, Mapping[str, FrontDoorTarget]]
TARGETS: Targets = {
    "fraud": {"eu-west-1": BALANCED, "eu-central-1": FrontDoorTarget(hostname=FRANKFURT)},
    "score": {"eu-west-1": FrontDoorTarget(hostname="c.example.com")},
}


def front_door(targets: Targets, jurisdiction: str = "eu") -> AwsFrontDoorArgs:
    return AwsFrontDoorArgs(
        domain="demo.example.com", jurisdiction=jurisdiction, zone_id="Z0123456789ABCDEFGHIJ", targets=targets
    )


def _program(targets: Targets = TARGETS) -> None:
    provider = aws.Provider("aws", region="eu-west-1")
    door = AwsFrontDoor("front-door", front_door(targets), pulumi.ResourceOptions(provider=provider))
    pulumi.export("urls", dict(door.outputs.urls))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return record(_program)


@cache
def graph_of(target: FrontDoorTarget) -> Graph:
    return record(lambda: _program({"score": {"eu-west-1": target}}))


def test_each_model_has_one_name_and_under_it_a_latency_record_a_region(graph: Graph) -> None:
    fraud = [one for one in graph.all("Record") if one["name"] == "fraud.eu.demo.example.com"]
    assert {one["setIdentifier"]: one["records"] for one in fraud} == {
        "eu-west-1": [IRELAND],
        "eu-central-1": [FRANKFURT],
    }
    assert all(one["latencyRoutingPolicies"] == [{"region": one["setIdentifier"]}] for one in fraud)
    assert {(one["type"], one["ttl"]) for one in fraud} == {("CNAME", 30)}


def test_each_record_follows_the_health_check_of_its_own_region(graph: Graph) -> None:
    checks = {check.id: check["fqdn"] for check in graph.all("HealthCheck")}
    assert len(checks) == 3
    assert all(checks[record["healthCheckId"]] == record["records"][0] for record in graph.all("Record"))


def test_a_region_that_fails_is_seen_within_half_a_minute(graph: Graph) -> None:
    check = graph.one("HealthCheck", "front-door-fraud-eu-west-1")
    assert check["requestInterval"] * check["failureThreshold"] == 30
    assert (check["type"], check["port"], check["resourcePath"], check["enableSni"]) == ("HTTPS", 443, "/ping", True)
    assert check["measureLatency"] is True
    assert check["tags"] == {"Name": "fraud.eu.demo.example.com in eu-west-1"}


def test_a_model_with_one_region_is_checked_all_the_same(graph: Graph) -> None:
    assert graph.one("HealthCheck", "front-door-score-eu-west-1")["fqdn"] == "c.example.com"


def test_behind_an_api_health_is_asked_at_its_own_host_and_the_name_leads_to_the_public_one() -> None:
    found = graph_of(BY_API)
    check = found.one("HealthCheck")
    assert (check["fqdn"], check["resourcePath"]) == (API, "/live/ping")
    assert found.one("Record")["records"] == [GATEWAY]


def test_with_an_alarm_the_record_follows_both_and_both_must_be_good() -> None:
    found = graph_of(WATCHED)
    both = found.one("HealthCheck", "front-door-score-eu-west-1-both")
    asked = found.one("HealthCheck", "front-door-score-eu-west-1")
    watched = found.one("HealthCheck", "front-door-score-eu-west-1-alarm")
    assert found.one("Record")["healthCheckId"] == both.id
    assert (both["type"], both["childHealthThreshold"]) == ("CALCULATED", 2)
    assert sorted(both["childHealthchecks"]) == sorted([asked.id, watched.id])


def test_an_alarm_is_read_in_its_own_region_and_its_silence_lets_callers_come_back() -> None:
    watched = graph_of(WATCHED).one("HealthCheck", "front-door-score-eu-west-1-alarm")
    assert (watched["type"], watched["cloudwatchAlarmName"]) == ("CLOUDWATCH_METRIC", "demo-score-errors")
    assert watched["cloudwatchAlarmRegion"] == "eu-west-1"
    assert watched["insufficientDataHealthStatus"] == "Healthy"


def test_where_callers_show_certificates_a_checker_only_connects() -> None:
    check = graph_of(WITH_CERTIFICATES).one("HealthCheck")
    assert (check["type"], check["fqdn"], check["port"]) == ("TCP", GATEWAY, 443)
    assert not {"resourcePath", "enableSni"} & set(check.inputs)


def test_the_urls_are_known_before_anything_is_made() -> None:
    assert record(_program, preview=True).outputs["urls"] == {
        "fraud": "https://fraud.eu.demo.example.com",
        "score": "https://score.eu.demo.example.com",
    }


def test_a_region_outside_the_jurisdiction_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"targets\.fraud: got 'us-east-1', which is not in jurisdiction 'eu'; allowed: eu-"
    ):
        front_door({"fraud": {"eu-west-1": BALANCED, "us-east-1": FrontDoorTarget(hostname="d.example.com")}})


def test_london_is_not_in_the_union_whatever_its_name_says() -> None:
    with pytest.raises(ValueError, match="'eu-west-2'"):
        front_door({"fraud": {"eu-west-2": BALANCED}})


def test_a_place_of_another_cloud_is_refused() -> None:
    assert any(place.name == "europe-west1" for place in DEFAULT_TABLE.within("eu"))
    with pytest.raises(ValueError, match="'europe-west1'"):
        front_door({"fraud": {"europe-west1": BALANCED}})


def test_a_model_without_any_region_is_refused_instead_of_left_without_a_name() -> None:
    with pytest.raises(ValueError, match=r"targets\.fraud: got no region"):
        front_door({"fraud": {}})
