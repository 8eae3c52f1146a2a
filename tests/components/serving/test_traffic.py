"""Services and network policies of one model, and its load balancer on AWS."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any, cast

import pytest

from components.health_checkers import ROUTE53_HEALTH_CHECKERS
from components.serving.aws import aws_exposure
from components.serving.model import Exposure
from components.serving.traffic import closed_policy_spec, model_policy_spec, public_service_spec, service_spec
from tests.components.serving.parts import CERTIFICATE, LABELS, OFFICE, exposure, model_args

PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"


def test_callers_of_the_cluster_reach_the_serving_port() -> None:
    spec = cast("Any", service_spec("fraud"))
    assert spec["type"] == "ClusterIP"
    assert spec["selector"] == {"app.kubernetes.io/name": "fraud"}
    assert spec["ports"] == [{"name": "http", "port": 80, "target_port": "http", "protocol": "TCP"}]


def test_the_load_balancer_takes_only_the_networks_given_and_the_health_checkers() -> None:
    spec = cast("Any", public_service_spec("fraud", exposure()))
    assert spec["load_balancer_source_ranges"] == [str(OFFICE), *map(str, ROUTE53_HEALTH_CHECKERS)]
    assert [port["port"] for port in spec["ports"]] == [443]


def test_the_caller_s_address_reaches_the_pod() -> None:
    assert cast("Any", public_service_spec("fraud", exposure()))["external_traffic_policy"] == "Local"


def test_what_is_not_allowed_is_closed_both_ways() -> None:
    assert closed_policy_spec() == {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def test_the_policy_lets_in_who_the_load_balancer_lets_in() -> None:
    ingress = cast("Any", model_policy_spec(model_args(exposure=exposure())))["ingress"][0]
    blocks = [peer["ip_block"]["cidr"] for peer in ingress["from_"] if "ip_block" in peer]
    assert blocks == cast("Any", public_service_spec("fraud", exposure()))["load_balancer_source_ranges"]
    assert ingress["ports"] == [{"port": 8080, "protocol": "TCP"}]


def test_a_model_that_is_not_exposed_hears_the_cluster_only() -> None:
    ingress = cast("Any", model_policy_spec(model_args()))["ingress"][0]
    assert ingress["from_"] == [{"namespace_selector": {}}]


def test_a_model_may_ask_for_names_and_nothing_else() -> None:
    egress = cast("Any", model_policy_spec(model_args()))["egress"]
    assert [port["port"] for rule in egress for port in rule["ports"]] == [53, 53]
    assert egress[0]["to"][0]["pod_selector"] == {"match_labels": {"k8s-app": "kube-dns"}}


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
