"""Brings the test cluster up, says how it is, and takes it down without a trace."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable

from tools.cluster.build import built, say
from tools.cluster.certificates import write_certificates
from tools.cluster.client import Client
from tools.cluster.control_plane import ControlPlane, free_ports
from tools.cluster.errors import ClusterError
from tools.cluster.folders import home, kubeconfig, running
from tools.cluster.nodes import simulated_nodes
from tools.cluster.processes import Processes
from tools.offline.files import locked, make_folder, write_whole

_PATIENCE_S = 120.0


def up() -> Client:
    """A cluster that answers and whose nodes are ready; one that stands already is left as it is."""
    if not sys.platform.startswith("linux"):
        raise ClusterError(f"platform: got {sys.platform}; allowed: linux (on another system use kind)")
    programs = built()
    with locked(home() / ".up", on_wait=lambda: say("another process is bringing the cluster up or down")):
        standing = client()
        if standing is not None and _answers(standing):
            return standing
        _end()
        make_folder(running())
        plane = ControlPlane(folder=running(), programs=programs, ports=free_ports())
        try:
            return _begin(plane)
        except ClusterError:
            _end(keep_logs=True)
            raise


def down() -> bool:
    """Whether there was anything to end."""
    with locked(home() / ".up", on_wait=lambda: say("another process is bringing the cluster up or down")):
        found = running().exists()
        _end()
    return found


def client() -> Client | None:
    """Of the cluster that was brought up, whether or not it still answers."""
    if not kubeconfig().exists():
        return None
    config = json.loads(kubeconfig().read_text(encoding="utf-8"))
    return Client(server=config["clusters"][0]["cluster"]["server"], certificates=running() / "certificates")


def status() -> str:
    """A line a program, and whether the API server answers."""
    found = client()
    if found is None:
        return "no cluster; `make cluster` brings one up\n"
    processes = Processes(folder=running())
    lines = [f"{name}: {'runs' if processes.alive(name) else 'ended'}" for name in processes.names()]
    health = "answers" if _answers(found) else f"does not answer; logs: {running() / 'log'}"
    return "\n".join([*lines, f"{found.server} {health}", f"export KUBECONFIG={kubeconfig()}"]) + "\n"


def _begin(plane: ControlPlane) -> Client:
    started = time.monotonic()
    write_certificates(plane.certificates, server=plane.server)
    processes, api = Processes(folder=plane.folder), Client(server=plane.server, certificates=plane.certificates)
    processes.start("etcd", plane.etcd())
    processes.start("kube-apiserver", plane.apiserver())
    _wait(processes, "the API server", lambda: _answers(api))
    say(f"API server ready after {time.monotonic() - started:.1f} s")
    processes.start("kube-controller-manager", plane.controllers())
    processes.start("kube-scheduler", plane.scheduler())
    processes.start("kwok", plane.kwok())
    for node in simulated_nodes():
        api.ask("POST", "/api/v1/nodes", node)
    _wait(processes, "the simulated nodes", lambda: _nodes_are_ready(api))
    _wait(processes, "the default service account", lambda: _has_account(api))
    write_whole(kubeconfig(), (plane.certificates / "admin.kubeconfig").read_text(encoding="utf-8"))
    say(f"{len(simulated_nodes())} simulated nodes ready after {time.monotonic() - started:.1f} s")
    return api


def _end(*, keep_logs: bool = False) -> None:
    Processes(folder=running()).stop()
    logs = running() / "log"
    if keep_logs and logs.exists():
        shutil.rmtree(home() / "last-log", ignore_errors=True)
        logs.replace(home() / "last-log")
    if running().exists():
        shutil.rmtree(running())


def _wait(processes: Processes, what: str, done: Callable[[], bool]) -> None:
    """Until it is done. Raises ClusterError when a program ends meanwhile, or patience does."""
    until = time.monotonic() + _PATIENCE_S
    while not done():
        for name in processes.names():
            if not processes.alive(name):
                raise ClusterError(f"{name} ended by itself:\n{_tail(processes, name)}\nlogs: {home() / 'last-log'}")
        if time.monotonic() > until:
            raise ClusterError(f"waited {_PATIENCE_S:.0f} s for {what} in vain; logs: {home() / 'last-log'}")
        time.sleep(0.2)


def _tail(processes: Processes, name: str) -> str:
    return "\n".join(processes.log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-8:])


def _answers(api: Client) -> bool:
    try:
        return api.ask("GET", "/readyz").get("text") == "ok"
    except ClusterError:
        return False


def _nodes_are_ready(api: Client) -> bool:
    nodes = api.ask("GET", "/api/v1/nodes")["items"]
    conditions = [node["status"].get("conditions", []) for node in nodes]
    return all(any(one["type"] == "Ready" and one["status"] == "True" for one in node) for node in conditions)


def _has_account(api: Client) -> bool:
    accounts = api.ask("GET", "/api/v1/namespaces/default/serviceaccounts")["items"]
    return any(account["metadata"]["name"] == "default" for account in accounts)
