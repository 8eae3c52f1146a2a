"""How a program reaches a cluster: a kubeconfig without a credential, and the one provider that uses it.

Whoever runs Pulumi logs in by a command of the cloud; nothing secret stands in the file or in the state.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pulumi
import pulumi_kubernetes as kubernetes

Login = tuple[str, tuple[str, ...]]
"""A command that prints a token for the cluster, and its arguments."""


def cluster_provider(
    *,
    name: pulumi.Input[str],
    endpoint: pulumi.Input[str],
    certificate_authority: pulumi.Input[str],
    identifier: pulumi.Input[str],
    login: Callable[[str], Login],
) -> kubernetes.Provider:
    """Its identifier says where objects are, and keeps the provider when an address changes."""

    def write(facts: list[str]) -> str:
        return kubeconfig(facts[0], facts[1], facts[2], login(facts[0]))

    facts = pulumi.Output.all(name, endpoint, certificate_authority)
    return kubernetes.Provider("cluster", kubeconfig=facts.apply(write), cluster_identifier=identifier)


def kubeconfig(name: str, endpoint: str, certificate_authority: str, login: Login) -> str:
    """The file as JSON, keys sorted."""
    command, arguments = login
    user = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": command,
        "args": list(arguments),
        "interactiveMode": "Never",
    }
    server = {"server": endpoint, "certificate-authority-data": certificate_authority}
    config: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": {"exec": user}}],
    }
    return json.dumps(config, sort_keys=True)
