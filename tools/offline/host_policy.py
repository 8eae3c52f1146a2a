"""Starts policy packs for the engine and hands them the stack's configuration.

The engine sends a stack's configuration by the call ConfigureStack, once the pack already listens; pulumi_policy reads
it from variables at its start. So the engine gets the port of a go-between, and the pack starts with the first call
that needs it: with the variables when that is ConfigureStack, without any when the engine has no stack (`pulumi policy
analyze --file`).
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from typing import IO, Literal, cast

import grpc
from pulumi.runtime.proto import analyzer_pb2, language_pb2
from typing_extensions import override

OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]  # as the engine's own
# pulumi_policy answers neither; the engine takes "unimplemented" well, and neither call is worth starting a pack for.
NOT_FORWARDED = ("/pulumirpc.Analyzer/Handshake", "/pulumirpc.Analyzer/Cancel")
CONFIGURE_STACK = "/pulumirpc.Analyzer/ConfigureStack"


class PackProcess:
    """One policy pack: started late, its output streamed to the engine, ended with the call that asked for it."""

    def __init__(self, request: language_pb2.RunPluginRequest) -> None:
        self.folder = request.info.program_directory
        self._words = [sys.executable, "-u", "-m", "pulumi.policy", *request.args, self.folder]
        self._working_folder = request.pwd or self.folder
        self._variables = dict(entry.split("=", 1) for entry in request.env)
        self._process: subprocess.Popen[bytes] | None = None
        self._output: queue.Queue[language_pb2.RunPluginResponse] = queue.Queue()

    def start(self, configuration: Mapping[str, str]) -> int | None:
        """Starts the pack with `configuration` among its variables; its port, or None when it ended without one."""
        variables = {**self._variables, **configuration}
        self._process = subprocess.Popen(
            self._words, cwd=self._working_folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        stdout, stderr = (cast("IO[bytes]", pipe) for pipe in (self._process.stdout, self._process.stderr))
        errors = threading.Thread(target=self._copy, args=(stderr, "stderr"), daemon=True)
        errors.start()
        first = stdout.readline()
        rest = threading.Thread(target=self._copy, args=(stdout, "stdout"), daemon=True)
        rest.start()
        threading.Thread(target=self._finish, args=(self._process, errors, rest), daemon=True).start()
        return int(first) if first.strip().isdigit() else None

    def stop(self) -> None:
        """Ends the pack and with it `output`; harmless when it never started or has ended."""
        if self._process is None:
            self._output.put(language_pb2.RunPluginResponse(exitcode=0))
        else:
            self._process.terminate()

    def output(self) -> Iterator[language_pb2.RunPluginResponse]:
        """Lines as they come; the exit code last."""
        while True:
            message = self._output.get()
            yield message
            if message.WhichOneof("output") == "exitcode":
                return

    def _copy(self, pipe: IO[bytes], name: Literal["stdout", "stderr"]) -> None:
        for line in pipe:
            response = language_pb2.RunPluginResponse
            self._output.put(response(stdout=line) if name == "stdout" else response(stderr=line))

    def _finish(self, process: subprocess.Popen[bytes], *copies: threading.Thread) -> None:
        for copy in copies:
            copy.join()
        self._output.put(language_pb2.RunPluginResponse(exitcode=process.wait()))


class GoBetween(grpc.GenericRpcHandler):
    """Forwards the engine's analyzer calls to the pack, as bytes; starts the pack with the first of them."""

    def __init__(self, pack: PackProcess) -> None:
        self._pack = pack
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None

    @override
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        method = handler_call_details.method
        if method in NOT_FORWARDED:
            return None

        def forward(message: bytes, context: grpc.ServicerContext) -> bytes:
            channel = self._connect(method, message)
            if channel is None:
                reason = f"policy pack {self._pack.folder} ended before it listened; its own words stand above"
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
            try:
                call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
                return call(message)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details() or "")

        return grpc.unary_unary_rpc_method_handler(forward)

    def _connect(self, method: str, message: bytes) -> grpc.Channel | None:
        with self._lock:
            if self._channel is None:
                port = self._pack.start(stack_variables(message) if method == CONFIGURE_STACK else {})
                if port is not None:
                    self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)
            return self._channel


def stack_variables(message: bytes) -> dict[str, str]:
    """The variables in which pulumi_policy expects what a ConfigureStack message says; secrets in clear, as sent."""
    stack = analyzer_pb2.AnalyzerStackConfigureRequest.FromString(message)
    return {
        "PULUMI_ORGANIZATION": stack.organization or "organization",
        "PULUMI_PROJECT": stack.project,
        "PULUMI_STACK": stack.stack,
        "PULUMI_DRY_RUN": "true" if stack.dry_run else "false",
        "PULUMI_CONFIG": json.dumps(dict(stack.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(stack.config_secret_keys)),
    }


def run_pack(
    request: language_pb2.RunPluginRequest, on_end: Callable[[Callable[[], None]], None]
) -> Iterator[language_pb2.RunPluginResponse]:
    """Serves one pack until it ends or `on_end`'s callback is called: first the port, then its output and exit code."""
    pack = PackProcess(request)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), handlers=[GoBetween(pack)], options=OPTIONS)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    on_end(pack.stop)
    try:
        yield language_pb2.RunPluginResponse(stdout=f"{port}\n".encode())
        yield from pack.output()
    finally:
        server.stop(grace=5)  # seconds, in which a call on its way still says why it failed
