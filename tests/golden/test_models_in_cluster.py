"""A model's pods get what its file asks for: who they are, what they are told, whom they reach, who reaches them.

On prod's graphs: churn stands behind an API, with a candidate, kept answers, features and a stream; fraud with
accelerators behind its own balancer, and calls nothing.
"""

from __future__ import annotations

import json
from typing import Any

from components.cache.aws import PORT as CACHE_PORT
from components.stream.aws_kafka import broker_log_group
from tests.golden.graphs import graph_of
from tests.recorder import Graph, Recorded

US, EU = "prod-aws-us-east-1-models", "prod-aws-eu-west-1-models"
AGENT = {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"port": 80, "protocol": "TCP"}]}
AWS = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443, "protocol": "TCP"}]}


def network() -> str:
    return graph_of("prod-aws-us-east-1").outputs["platform"]["network"]["cidr"]


def arms(graph: Graph, model: str) -> list[Recorded]:
    found = [graph.one("Deployment", f"{model}-deployment")]
    return [*found, *(one for one in graph.all("Deployment") if one.name == f"{model}-deployment-candidate")]


def pod(deployment: Recorded) -> dict[str, Any]:
    return deployment["spec"]["template"]["spec"]


def policies(graph: Graph, model: str) -> list[dict[str, Any]]:
    found = [one["spec"] for one in graph.all("NetworkPolicy") if one.name.startswith(f"{model}-model")]
    return [spec for spec in found if spec["podSelector"] != {}]


def test_pods_that_call_aws_reach_their_credentials_its_services_and_the_cache_and_nothing_else() -> None:
    cache = {"to": [{"ipBlock": {"cidr": network()}}], "ports": [{"port": CACHE_PORT, "protocol": "TCP"}]}
    specs = policies(graph_of(US), "churn")
    assert len(specs) == 2
    for spec in specs:
        names, *rest = spec["egress"]
        assert {port["port"] for port in names["ports"]} == {53}
        assert rest == [AGENT, AWS, cache]


def test_pods_that_call_nobody_may_only_ask_for_names() -> None:
    [spec] = policies(graph_of(EU), "fraud")
    [names] = spec["egress"]
    assert {port["port"] for port in names["ports"]} == {53}


def test_behind_an_api_the_nodes_network_may_call_both_releases_on_ports_of_their_own() -> None:
    graph = graph_of(US)
    for spec in policies(graph, "churn"):
        [way] = spec["ingress"]
        assert {"ipBlock": {"cidr": network()}} in way["from"]
    links = [one for one in graph.all("Service") if one["spec"]["type"] == "NodePort"]
    assert [one["metadata"]["name"] for one in links] == ["churn-link", "churn-link-candidate"]
    assert not any(one["spec"]["type"] == "LoadBalancer" for one in graph.all("Service"))


def test_the_role_belongs_to_the_pods_account_and_stands_before_them() -> None:
    """A pod that starts before its account has a role never gets credentials. What is in a component waits for it."""
    graph = graph_of(US)
    association = graph.one("PodIdentityAssociation", "churn-identity-association")
    for arm in arms(graph, "churn"):
        assert association["serviceAccount"] == pod(arm)["serviceAccountName"]
        assert association["namespace"] == arm["metadata"]["namespace"]
    assert association.urn in graph.one("ModelDeployment", "churn").dependencies


def test_the_role_may_look_up_features_and_log_in_to_the_cache_alone() -> None:
    statements = json.loads(graph_of(US).one("RolePolicy", "churn-identity-policy")["policy"])["Statement"]
    calls = {action for statement in statements for action in statement["Action"]}
    assert {"dynamodb:GetItem", "elasticache:Connect", "kms:Decrypt"} <= calls
    assert {action.split(":")[0] for action in calls} == {"dynamodb", "elasticache", "kms"}
    assert all("*" not in statement["Resource"] for statement in statements)


def test_both_releases_are_told_the_same_and_rank_as_models() -> None:
    graph = graph_of(US)
    stable, trial = (pod(arm) for arm in arms(graph, "churn"))
    told = {variable["name"]: variable["value"] for variable in stable["containers"][0]["env"]}
    assert stable["containers"][0]["env"] == trial["containers"][0]["env"]
    assert (told["AWS_REGION"], told["REDIS_AUTH"], told["CACHE_TTL_S"]) == ("us-east-1", "elasticache", "300")
    assert told["REDIS_URL"].startswith("rediss://")
    assert told["FEATURES_KEY"] == "subscriber_id"
    assert stable["containers"][0]["image"] != trial["containers"][0]["image"]
    [rank] = graph.all("PriorityClass")
    assert stable["priorityClassName"] == trial["priorityClassName"] == rank["metadata"]["name"]


def test_the_candidate_has_replicas_for_its_share_of_the_calls() -> None:
    scales = {one.name: one["spec"] for one in graph_of(US).all("HorizontalPodAutoscaler")}
    bounds = {name: (spec["minReplicas"], spec["maxReplicas"]) for name, spec in scales.items()}
    assert bounds == {"churn-autoscaler": (2, 6), "churn-autoscaler-candidate": (1, 3)}  # half of the calls
    metrics = {one["resource"]["name"]: one["resource"]["target"] for one in scales["churn-autoscaler"]["metrics"]}
    assert {name: target["averageUtilization"] for name, target in metrics.items()} == {"cpu": 60, "memory": 80}


def test_a_replica_gets_the_accelerators_of_its_file() -> None:
    [arm] = arms(graph_of(EU), "fraud")
    limits = pod(arm)["containers"][0]["resources"]["limits"]
    assert (limits["nvidia.com/gpu"], limits["memory"]) == ("1", "8192Mi")


def test_the_front_door_is_told_where_each_model_is_asked_for_its_health() -> None:
    """An API's stage is part of the path; a balancer of the model's own passes the path on as it is."""
    churn, fraud = (graph_of(stack).outputs["models"]["models"][name] for stack, name in ((US, "churn"), (EU, "fraud")))
    assert (churn["health_path"], churn["health_host"].split(".")[1]) == ("/live/ping", "execute-api")
    assert (fraud["health_path"], fraud.get("health_host")) == ("/ping", None)


def test_a_platform_installs_its_autoscaler_into_its_own_cluster() -> None:
    graph = graph_of("prod-aws-us-east-1")
    [provider] = [one for one in graph.resources if one.type == "pulumi:providers:kubernetes"]
    assert provider["clusterIdentifier"] == graph.one("aws:eks/cluster:Cluster").outputs["arn"]
    [user] = json.loads(provider["kubeconfig"])["users"]
    login = (user["user"]["exec"]["command"], *user["user"]["exec"]["args"])
    wanted = "aws eks get-token --output json --region us-east-1 --cluster-name prod-aws-us-east-1"
    assert " ".join(login) == wanted  # no credential: whoever runs Pulumi logs in
    assert "autoscaler" in {release.name for release in graph.all("Release")}


def test_the_logs_key_serves_the_groups_of_this_region_and_no_others() -> None:
    """Of streams by Kinesis there are no brokers, which would write logs."""
    kafka = graph_of("prod-aws-us-east-1").one("Key", "keys-logs")["policy"]
    assert "log-group:/aws/lambda/prod-aws-us-east-1-models-churn" in kafka
    assert broker_log_group("prod-aws-us-east-1") in kafka
    kinesis = graph_of("demo-aws-us-east-1").one("Key", "keys-logs")["policy"]
    assert broker_log_group("demo-aws-us-east-1") not in kinesis
