"""How the programs of the control plane are called: all on the loopback interface, on ports that were free."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.certificates import LOOPBACK
from tools.cluster.nodes import SIMULATED

_PORTS = ("etcd", "etcd_peer", "apiserver", "controllers", "scheduler", "kwok")


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """The words of each program, whose paths are `programs`. State and certificates lie below `folder`."""

    folder: Path
    programs: Mapping[str, Path]
    ports: Mapping[str, int]

    @property
    def server(self) -> str:
        return f"https://{LOOPBACK}:{self.ports['apiserver']}"

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates"

    def etcd(self) -> list[str]:
        peer, client = self._url("etcd_peer"), self._url("etcd")
        return self._words(
            "etcd",
            "--name=homeport",
            f"--data-dir={self.folder / 'etcd'}",
            "--unsafe-no-fsync",  # nothing here has to outlive a power cut
            "--log-level=warn",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=homeport={peer}",
        )

    def apiserver(self) -> list[str]:
        return self._words(
            "kube-apiserver",
            f"--bind-address={LOOPBACK}",
            "--endpoint-reconciler-type=none",  # an endpoint on the loopback interface is none for Kubernetes
            f"--secure-port={self.ports['apiserver']}",
            f"--etcd-servers={self._url('etcd')}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--client-ca-file={self._file('ca.crt')}",
            f"--tls-cert-file={self._file('apiserver.crt')}",
            f"--tls-private-key-file={self._file('apiserver.key')}",
            f"--kubelet-client-certificate={self._file('apiserver-kubelet-client.crt')}",
            f"--kubelet-client-key={self._file('apiserver-kubelet-client.key')}",
            f"--kubelet-certificate-authority={self._file('ca.crt')}",
            f"--service-account-key-file={self._file('tokens.pub')}",
            f"--service-account-signing-key-file={self._file('tokens.key')}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--requestheader-client-ca-file={self._file('front-proxy-ca.crt')}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={self._file('front-proxy-client.crt')}",
            f"--proxy-client-key-file={self._file('front-proxy-client.key')}",
        )

    def controllers(self) -> list[str]:
        return self._words(
            "kube-controller-manager",
            *self._as("kube-controller-manager", self.ports["controllers"]),
            f"--client-ca-file={self._file('ca.crt')}",
            f"--cluster-signing-cert-file={self._file('ca.crt')}",
            f"--cluster-signing-key-file={self._file('ca.key')}",
            f"--root-ca-file={self._file('ca.crt')}",
            f"--service-account-private-key-file={self._file('tokens.key')}",
            "--use-service-account-credentials=true",
        )

    def scheduler(self) -> list[str]:
        return self._words("kube-scheduler", *self._as("kube-scheduler", self.ports["scheduler"]))

    def kwok(self) -> list[str]:
        return self._words(
            "kwok",
            f"--kubeconfig={self._file('kwok.kubeconfig')}",
            f"--manage-nodes-with-annotation-selector={SIMULATED}",
            "--node-lease-duration-seconds=40",
            f"--node-ip={LOOPBACK}",
            f"--node-port={self.ports['kwok']}",
            f"--server-address={LOOPBACK}:{self.ports['kwok']}",
            "--cidr=10.245.0.0/16",
            f"--tls-cert-file={self._file('kwok-serving.crt')}",
            f"--tls-private-key-file={self._file('kwok-serving.key')}",
        )

    def _as(self, client: str, port: int) -> list[str]:
        file = self._file(f"{client}.kubeconfig")
        return [
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            "--leader-elect=false",
            f"--kubeconfig={file}",
            f"--authentication-kubeconfig={file}",
            f"--authorization-kubeconfig={file}",
        ]

    def _words(self, program: str, *flags: str) -> list[str]:
        return [str(self.programs[program]), *flags]

    def _file(self, name: str) -> str:
        return str(self.certificates / name)

    def _url(self, port: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[port]}"


def free_ports() -> dict[str, int]:
    """One for each that listens: taken all at once, so that they differ, and given back."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in _PORTS]
        return {name: one.getsockname()[1] for name, one in zip(_PORTS, taken, strict=True)}
