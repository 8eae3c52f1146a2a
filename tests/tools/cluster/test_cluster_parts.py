"""Nodes, certificates and processes of the test cluster, each alone."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from components.accelerators import ACCELERATORS
from tools.cluster.__main__ import main
from tools.cluster.certificates import write_certificates
from tools.cluster.client import Client, collection_path, object_path
from tools.cluster.control_plane import free_ports
from tools.cluster.errors import ClusterError
from tools.cluster.nodes import ZONES, simulated_nodes
from tools.cluster.processes import Processes

SERVER = "https://127.0.0.1:1"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(folder=tmp_path)
    yield made
    made.stop()


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_every_accelerator_is_to_be_had_in_every_zone() -> None:
    found = {
        (labels["homeport.dev/accelerator"], labels["topology.kubernetes.io/zone"])
        for node in simulated_nodes()
        if "homeport.dev/accelerator" in (labels := node["metadata"]["labels"])
    }
    assert found == {(accelerator, zone) for accelerator in ACCELERATORS for zone in ZONES}


def test_a_node_with_an_accelerator_has_it_to_give_and_keeps_others_off() -> None:
    node = next(one for one in simulated_nodes() if one["metadata"]["name"].startswith("h100-"))
    assert int(node["status"]["allocatable"]["nvidia.com/gpu"]) > 0
    assert node["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]


def test_nodes_are_told_apart() -> None:
    names = [node["metadata"]["name"] for node in simulated_nodes()]
    assert len(set(names)) == len(names)


def test_the_kubeconfig_trusts_the_authority_that_signed_the_server(tmp_path: Path) -> None:
    write_certificates(tmp_path, server=SERVER)
    config = json.loads((tmp_path / "admin.kubeconfig").read_text())
    (cluster,), (user,) = config["clusters"], config["users"]
    trusted = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
    authority = x509.load_pem_x509_certificate(trusted)
    certificate(tmp_path / "apiserver.crt").verify_directly_issued_by(authority)
    client = x509.load_pem_x509_certificate(base64.b64decode(user["user"]["client-certificate-data"]))
    client.verify_directly_issued_by(authority)
    assert client.subject.rfc4514_string() == "CN=homeport-admin,O=system:masters"
    assert cluster["cluster"]["server"] == SERVER


def test_the_aggregator_s_certificate_is_of_another_authority(tmp_path: Path) -> None:
    write_certificates(tmp_path, server=SERVER)
    front = certificate(tmp_path / "front-proxy-client.crt")
    front.verify_directly_issued_by(certificate(tmp_path / "front-proxy-ca.crt"))
    assert front.issuer != certificate(tmp_path / "ca.crt").subject


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    write_certificates(tmp_path, server=SERVER)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_program_runs_on_until_it_is_stopped(processes: Processes) -> None:
    processes.start("sleeper", ["sleep", "600"])
    assert processes.alive("sleeper")
    processes.stop()
    assert not processes.alive("sleeper")


def test_a_program_that_does_not_listen_is_ended(processes: Processes) -> None:
    processes.start("deaf", ["bash", "-c", "trap '' TERM; echo ready; while true; do sleep 0.1; done"])
    while b"ready" not in processes.log("deaf").read_bytes():
        pass
    processes.stop(patience_s=0.3)
    assert not processes.alive("deaf")


def test_a_process_that_only_has_the_id_is_left_alone(processes: Processes) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        (processes.folder / "pids").mkdir()
        (processes.folder / "pids" / "etcd").write_text(f"{other.pid} 1")
        processes.stop()
        assert not processes.alive("etcd")
        os.kill(other.pid, 0)
        other.kill()


def test_ports_differ() -> None:
    assert len(set(free_ports().values())) == len(free_ports())


def test_an_object_s_address_follows_from_its_group_and_namespace() -> None:
    quota = {"apiVersion": "v1", "metadata": {"name": "fraud", "namespace": "model-fraud"}}
    rank = {"apiVersion": "scheduling.k8s.io/v1", "metadata": {"name": "model"}}
    assert object_path(quota, "resourcequotas") == "/api/v1/namespaces/model-fraud/resourcequotas/fraud"
    assert collection_path(rank, "priorityclasses") == "/apis/scheduling.k8s.io/v1/priorityclasses"


def test_a_server_that_is_not_there_is_said_quickly(tmp_path: Path) -> None:
    write_certificates(tmp_path, server=SERVER)
    with pytest.raises(ClusterError, match=r"https://127\.0\.0\.1:1: no answer .*; is the cluster up\?"):
        Client(server=SERVER, certificates=tmp_path).ask("GET", "/readyz")


def test_where_there_is_no_cluster_status_and_down_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEPORT_CLUSTER", str(tmp_path))
    assert (main(["status"]), main(["down"])) == (0, 0)
    assert capsys.readouterr().out == "no cluster; `make cluster` brings one up\nthere was no cluster\n"
