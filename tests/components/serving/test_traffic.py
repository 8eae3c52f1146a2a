"""Services and network policies of one model, and its load balancer on AWS."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any, cast

import pytest

from components.health_checkers import ROUTE53_HEALTH_CHECKERS
from components.serving.aws import AWS_REACHES, aws_exposure
from components.serving.model import BehindApi, Exposure
from components.serving.surroundings import Reach
from components.serving.traffic import (
    closed_policy_spec,
    link_service_spec,
    model_policy_spec,
    public_service_spec,
    service_spec,
)
from tests.components.serving.parts import CERTIFICATE, LABELS, NODES, OFFICE, arm_of, exposure, model_args

FRAUD = arm_of(model_args())
PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"


def test_callers_of_the_cluster_reach_the_serving_port() -> None:
    spec = cast("Any", service_spec(FRAUD))
    assert spec["type"] == "ClusterIP"
    assert spec["selector"] == {"app.kubernetes.io/name": "fraud"}
    assert spec["ports"] == [{"name": "http", "port": 80, "target_port": "http", "protocol": "TCP"}]


def test_the_load_balancer_takes_only_the_networks_given_and_the_health_checkers() -> None:
    spec = cast("Any", public_service_spec(FRAUD, exposure()))
    assert spec["load_balancer_source_ranges"] == [str(OFFICE), *map(str, ROUTE53_HEALTH_CHECKERS)]
    assert [port["port"] for port in spec["ports"]] == [443]


def test_the_caller_s_address_reaches_the_pod() -> None:
    assert cast("Any", public_service_spec(FRAUD, exposure()))["external_traffic_policy"] == "Local"


def test_what_is_not_allowed_is_closed_both_ways() -> None:
    assert closed_policy_spec() == {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def test_the_policy_lets_in_who_the_load_balancer_lets_in() -> None:
    ingress = cast("Any", model_policy_spec(model_args(exposure=exposure()), FRAUD))["ingress"][0]
    blocks = [peer["ip_block"]["cidr"] for peer in ingress["from_"] if "ip_block" in peer]
    assert blocks == cast("Any", public_service_spec(FRAUD, exposure()))["load_balancer_source_ranges"]
    assert ingress["ports"] == [{"port": 8080, "protocol": "TCP"}]


def test_a_model_that_is_not_exposed_hears_the_cluster_only() -> None:
    ingress = cast("Any", model_policy_spec(model_args(), FRAUD))["ingress"][0]
    assert ingress["from_"] == [{"namespace_selector": {}}]


def test_a_model_may_ask_for_names_and_nothing_else() -> None:
    egress = cast("Any", model_policy_spec(model_args(), FRAUD))["egress"]
    assert [port["port"] for rule in egress for port in rule["ports"]] == [53, 53]
    assert egress[0]["to"][0]["pod_selector"] == {"match_labels": {"k8s-app": "kube-dns"}}


def test_a_model_reaches_what_it_is_said_to_and_nothing_else() -> None:
    args = model_args(reaches=(Reach(cidr="10.0.64.0/18", port=6379),))
    names, cache = cast("Any", model_policy_spec(args, FRAUD))["egress"]
    assert [port["port"] for port in names["ports"]] == [53, 53]
    assert cache == {"to": [{"ip_block": {"cidr": "10.0.64.0/18"}}], "ports": [{"port": 6379, "protocol": "TCP"}]}


def test_a_model_that_calls_aws_reaches_the_agent_that_gives_it_its_role() -> None:
    assert ("169.254.170.23/32", 80) in {(reach.cidr, reach.port) for reach in AWS_REACHES}
    assert all(reach.port == 443 for reach in AWS_REACHES if reach.cidr == "0.0.0.0/0")


def test_an_api_reaches_the_model_through_any_node() -> None:
    spec = cast("Any", link_service_spec(FRAUD))
    assert (spec["type"], spec["external_traffic_policy"]) == ("NodePort", "Cluster")
    assert "node_port" not in spec["ports"][0]  # Kubernetes chooses: a fixed one may be taken


def test_traffic_that_nodes_hand_on_is_admitted_from_their_range() -> None:
    ingress = cast("Any", model_policy_spec(model_args(exposure=BehindApi(cidr=NODES)), FRAUD))["ingress"][0]
    assert ingress["from_"] == [{"namespace_selector": {}}, {"ip_block": {"cidr": NODES}}]
    assert ingress["ports"] == [{"port": 8080, "protocol": "TCP"}]


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "10.0.0.1/16", "fd00::/64", "nodes"])
def test_nodes_in_no_network_are_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match=r"exposure\.cidr: got .*; allowed: "):
        BehindApi(cidr=cidr)


def test_the_whole_internet_is_reached_over_tls_only() -> None:
    assert Reach(cidr="0.0.0.0/0", port=443).port == 443
    with pytest.raises(ValueError, match=r"reaches\.cidr: got 0\.0\.0\.0/0; allowed: /8 or smaller"):
        Reach(cidr="0.0.0.0/0", port=6379)
    with pytest.raises(ValueError, match=r"reaches\.port: got 0"):
        Reach(cidr="10.0.0.0/16", port=0)


def test_tls_ends_at_the_balancer_with_the_region_s_certificate() -> None:
    found = {key.removeprefix(PREFIX): value for key, value in exposure().annotations.items()}
    assert (found["type"], found["ssl-cert"], found["ssl-ports"]) == ("nlb", CERTIFICATE, "443")
    assert "TLS13" in str(found["ssl-negotiation-policy"])


def test_the_balancer_carries_the_labels_that_default_tags_do_not_bring() -> None:
    tags = exposure().annotations[f"{PREFIX}additional-resource-tags"]
    assert tags == "homeport:environment=demo,homeport:jurisdiction=eu,homeport:stack=demo-aws-eu-west-1-models"


def test_without_callers_outside_there_is_no_balancer() -> None:
    assert aws_exposure(networks=(), certificate_arn=CERTIFICATE, labels=LABELS) is None


@pytest.mark.parametrize("networks", [(), (IPv4Network("0.0.0.0/0"),), (OFFICE, IPv4Network("0.0.0.0/0"))])
def test_an_exposure_to_the_whole_internet_is_refused(networks: tuple[IPv4Network, ...]) -> None:
    with pytest.raises(ValueError, match=r"exposure\.networks: got"):
        Exposure(networks=networks, annotations={})
