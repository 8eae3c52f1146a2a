"""Runs one Pulumi program inside the language host, and says how it ended as the official host does."""

from __future__ import annotations

import asyncio
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pulumi
from pulumi import runtime
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.settings import reset_options


def run_program(request: language_pb2.RunRequest, engine_address: str) -> language_pb2.RunResponse:
    """Evaluates the program of `request` in this process and thread.

    An error that was already shown is answered by `bail`; only one that nobody has shown travels as `error`.
    """
    _enter(request, engine_address)
    program = Path(request.info.program_directory) / request.info.entry_point
    failure = _evaluate(program, max(request.parallel, 1))
    sys.stdout.flush()
    sys.stderr.flush()
    if failure is None:
        return language_pb2.RunResponse()
    if isinstance(failure, SystemExit):
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {failure.code}")
    if isinstance(failure, grpc.RpcError) and failure.code() == grpc.StatusCode.UNAVAILABLE:
        return language_pb2.RunResponse(bail=True)  # the engine is shutting down and knows why
    pulumi.log.error(explanation(failure, program))
    return language_pb2.RunResponse(bail=True)


def explanation(failure: BaseException, program: Path) -> str:
    """What a person reads: the plain text of an expected error, else the traceback from the program's first line on."""
    if isinstance(failure, pulumi.RunError):
        return str(failure)
    frames = traceback.extract_tb(failure.__traceback__)
    own = {str(program), str(program / "__main__.py")}
    first = next((index for index, frame in enumerate(frames) if frame.filename in own), None)
    if first is None and isinstance(failure, SyntaxError):
        lines = traceback.format_exception_only(failure)  # it says its own file and line; the frames are all ours
    else:
        lines = traceback.format_exception(failure, limit=(first or 0) - len(frames))
    return "Program failed with an unhandled exception:\n" + "".join(lines)


def _enter(request: language_pb2.RunRequest, engine_address: str) -> None:
    """Folder, import path, arguments, configuration and addresses, as the program expects them."""
    directory = request.info.program_directory
    os.chdir(request.pwd or directory)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    sys.argv = [request.info.entry_point, *request.args]
    runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
    reset_options(
        project=request.project,
        stack=request.stack,
        root_directory=request.info.root_directory,
        parallel=request.parallel,
        engine_address=engine_address,
        monitor_address=request.monitor_address,
        preview=request.dryRun,
        organization=request.organization or "organization",
    )


def _evaluate(program: Path, parallel: int) -> BaseException | None:
    """The exception with which the program ended, if any, found without raising it here."""
    # A failed program leaves futures that nobody will look at; asyncio would complain of each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=parallel * 4))
    task = loop.create_task(runtime.run_in_stack(lambda: _run_path(program)))
    try:
        loop.run_until_complete(asyncio.wait({task}))
    except SystemExit as leaving:
        return leaving if leaving.code else None
    return task.exception()


def _run_path(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")
