"""From a model folder and the environment to a running server, for the command line and for the image alike."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Generator, MutableMapping
from importlib import import_module
from pathlib import Path

from model_images.model_file import ModelFile, ModelFileError, model_digest, read_model_file
from model_images.serve.settings import ServerSettings, SettingsError

BAD_INPUT, FAILED = 2, 1
BACKLOG = 2048
# Numeric libraries start a thread a core in every process; the workers are the cores' users here.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LOG = logging.getLogger("model_images.serve")


def serve(folder: Path, environ: MutableMapping[str, str], port: int | None = None, workers: int | None = None) -> int:
    """Serves the model of `folder` until it is told to end; the exit status. Mistakes are told in lines on stderr.

    AIP_STORAGE_URI, where it is set, names a folder in Cloud Storage that is copied and served instead; WEIGHTS an
    object of S3 that is the model's artifact.
    """
    # Process 1 of a container ignores SIGTERM until it says otherwise; once workers run the supervisor takes it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _end)
    try:
        settings = ServerSettings.from_environment(environ, port, workers)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    logging.basicConfig(level=settings.log_level.upper(), format="%(message)s", stream=sys.stderr)
    with contextlib.ExitStack() as held:
        try:
            # Before the model is read: Vertex AI's liveness is a TCP connect, and copying a model takes its time.
            listener = held.enter_context(socket.create_server(("0.0.0.0", settings.port), backlog=BACKLOG))  # noqa: S104
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            print(f"port {settings.port}: {reason}; name a free one with --port", file=sys.stderr)
            return FAILED
        try:
            if uri := environ.get("AIP_STORAGE_URI"):
                folder = _copied(uri, Path(held.enter_context(tempfile.TemporaryDirectory(prefix="model-"))), environ)
            if environ.get("WEIGHTS"):
                folder = held.enter_context(_with_weights(folder, environ))
            model = read_model_file(folder)
        except _CopyFailed as error:
            print(error, file=sys.stderr)
            return FAILED
        except ModelFileError as error:
            print(error, file=sys.stderr)
            return BAD_INPUT
        return _supervised(folder, model, settings, environ, listener)


def _end(number: int, frame: object) -> None:  # noqa: ARG001  the signature of a handler
    sys.exit(0)


class _CopyFailed(Exception):
    """What AIP_STORAGE_URI or WEIGHTS names cannot be served: one line."""


def _copied(uri: str, folder: Path, environ: MutableMapping[str, str]) -> Path:
    from model_images.serve.storage import StorageError, fetch  # rare, and not light

    try:
        fetch(uri, folder, environ)
    except StorageError as error:
        raise _CopyFailed(str(error)) from error
    return folder


@contextlib.contextmanager
def _with_weights(folder: Path, environ: MutableMapping[str, str]) -> Generator[Path]:
    from model_images.serve.weights import WeightsError, completed  # rare, and not light

    with contextlib.ExitStack() as held:
        try:
            whole = held.enter_context(completed(folder, environ))
        except WeightsError as error:
            raise _CopyFailed(str(error)) from error
        yield whole


def _supervised(
    folder: Path,
    model: ModelFile,
    settings: ServerSettings,
    environ: MutableMapping[str, str],
    listener: socket.socket,
) -> int:
    for name in ONE_THREAD:
        environ.setdefault(name, "1")
    # After the environment is set: numpy reads it on import.
    from model_images.runtimes import RUNTIMES
    from model_images.serve.metrics import VALUES
    from model_images.serve.shared import Shared
    from model_images.serve.supervisor import Supervisor
    from model_images.serve.worker import CANNOT_SERVE, Job, work

    with contextlib.suppress(ImportError):  # the workers will say so
        import_module(RUNTIMES[model.framework])  # before the fork, so that the workers share its pages
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:  # each connection is an open file
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    digest = model_digest(folder)
    shared = Shared(settings.workers, VALUES)
    job = Job(folder, model, digest, settings, environ)
    supervisor = Supervisor(
        lambda place, lifeline: work(job, shared, place, listener, lifeline),
        shared,
        cannot_serve=CANNOT_SERVE,
        drain_delay_s=settings.drain_delay_s,
        finish_s=settings.request_timeout_s,
    )
    port = listener.getsockname()[1]
    LOG.info("%s %s (%s) on port %d, workers: %d", model.name, model.version, digest, port, settings.workers)
    gc.collect()
    gc.freeze()
    return supervisor.run(listener)
