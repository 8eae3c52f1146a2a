"""The language host: what the engine starts to evaluate a Python program or to run a policy pack.

Stands in for the official `pulumi-language-python`, which no package registry serves. It uses the Python that it runs
in: the options `virtualenv` and `toolchain` of Pulumi.yaml speak to the official host only. Providers written as Python
plugins and code generation are refused.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import queue
import re
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from types import FrameType

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from typing_extensions import override

from tools.offline.host_policy import OPTIONS, run_pack
from tools.offline.host_program import run_program
from tools.offline.host_watch import end_with_parent


@dataclass(frozen=True)
class Order:
    """A program that the engine wants run, and where its outcome goes."""

    request: language_pb2.RunRequest
    outcome: futures.Future[language_pb2.RunResponse] = field(default_factory=futures.Future)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The engine's calls. Programs become orders, which the main thread takes: Python code expects to run there."""

    def __init__(self) -> None:
        self.orders: queue.Queue[Order] = queue.Queue()
        self._packs: list[Callable[[], None]] = []

    @override
    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        order = Order(request)
        self.orders.put(order)
        return order.outcome.result()

    @override
    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        if request.kind != "analyzer":
            reason = f"a {request.kind} plugin in Python needs the official Pulumi distribution; got {request.info}"
            context.abort(grpc.StatusCode.UNIMPLEMENTED, reason)

        def on_end(stop: Callable[[], None]) -> None:
            self._packs.append(stop)
            context.add_callback(stop)

        yield from run_pack(request, on_end)

    def stop_packs(self) -> None:
        """Ends every policy pack that this host has started."""
        for stop in self._packs:
            stop()

    @override
    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        # None ahead of time: the engine loads a provider when the program's first resource of it comes.
        return language_pb2.GetRequiredPackagesResponse()

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    @override
    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    @override
    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        versions = installed_packages(all_of_them=request.transitiveDependencies)
        rows = [language_pb2.DependencyInfo(name=name, version=version) for name, version in versions.items()]
        return language_pb2.GetProgramDependenciesResponse(dependencies=rows)

    @override
    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        text = f"Nothing to install: programs run in {sys.prefix}, which tools/make_venv.sh makes.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        return empty_pb2.Empty()


def installed_packages(*, all_of_them: bool) -> dict[str, str]:
    """Name and version of installed Python packages by name; without those that another one requires, if asked."""
    found = {distribution.name: distribution for distribution in importlib.metadata.distributions()}
    required: set[str] = set()
    if not all_of_them:
        words = (word for distribution in found.values() for word in distribution.requires or [])
        required = {_plain(re.split(r"[^\w.-]", word, maxsplit=1)[0]) for word in words}
    return {name: found[name].version for name in sorted(found) if _plain(name) not in required}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Prints its port and serves until the engine, whose address is the last argument, interrupts it or is gone."""
    engine_address = sys.argv[-1]
    host = LanguageHost()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")

    def leave(_signal: int, _frame: FrameType | None) -> None:
        host.stop_packs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # at once: threads of a program cut short would keep the engine waiting

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    end_with_parent(host.stop_packs)
    server.start()
    print(port, flush=True)
    while True:
        order = host.orders.get()
        order.outcome.set_result(run_program(order.request, engine_address))


if __name__ == "__main__":
    main()
