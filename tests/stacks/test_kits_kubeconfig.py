"""How a program reaches a cluster."""

from __future__ import annotations

import json

import pulumi

from stacks.kits.kubeconfig import cluster_provider, kubeconfig
from tests.recorder import record

LOGIN = ("aws", ("eks", "get-token", "--cluster-name", "demo"))


def test_whoever_runs_logs_in_by_a_command_and_no_credential_is_written_down() -> None:
    config = json.loads(kubeconfig("demo", "https://api.example", "Y2E=", LOGIN))
    [user] = config["users"]
    assert user["user"] == {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": ["eks", "get-token", "--cluster-name", "demo"],
            "interactiveMode": "Never",
        }
    }
    [cluster] = config["clusters"]
    assert cluster["cluster"] == {"server": "https://api.example", "certificate-authority-data": "Y2E="}
    [context] = config["contexts"]
    assert config["current-context"] == context["name"] == "demo"
    assert context["context"] == {"cluster": cluster["name"], "user": user["name"]}


def test_the_login_is_for_the_cluster_that_is_reached() -> None:
    def program() -> None:
        cluster_provider(
            name=pulumi.Output.from_input("demo"),
            endpoint="https://api.example",
            certificate_authority="Y2E=",
            identifier="arn:aws:eks:eu-west-1:123456789012:cluster/demo",
            login=lambda name: ("login", (name,)),
        )

    provider = record(program).one("pulumi:providers:kubernetes")
    user = json.loads(provider["kubeconfig"])["users"][0]["user"]["exec"]
    assert (user["command"], user["args"]) == ("login", ["demo"])
    assert provider["clusterIdentifier"].endswith("cluster/demo")
