"""AWS Lambda: no server that listens, but loops that ask the Runtime API for events and answer them.

One process, no fork, no files in shared memory: Lambda has no /dev/shm, a root that is read-only and no HOME.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from model_images import runtimes
from model_images.contracts.lambda_events import error
from model_images.contracts.lambda_loops import End, Loops
from model_images.contracts.lambda_runtime_api import RuntimeApi, RuntimeApiError
from model_images.model_file import model_digest, read_model_file
from model_images.serve.application import Application
from model_images.serve.inference import Inference
from model_images.serve.messages import Refused
from model_images.serve.metrics import Metrics
from model_images.serve.rows import MODEL_ERRORS
from model_images.serve.schema import Schema
from model_images.serve.served import Served
from model_images.serve.settings import ServerSettings

MOST_LOOPS = 1024
CANNOT_START = "Start.CannotServe"
LOG = logging.getLogger("model_images.serve")


def serve(folder: Path, environ: Mapping[str, str]) -> int:
    """Answers the events of AWS_LAMBDA_RUNTIME_API with the model of `folder`; the exit status.

    It is 0 when Lambda ends the environment, and 1 if the model cannot be served (Lambda is told why, and stderr in
    one line) or the Runtime API fails.
    """
    level = environ.get("LOG_LEVEL", "").upper() or "INFO"
    logging.basicConfig(level=level if level in logging.getLevelNamesMapping() else "INFO", format="%(message)s")
    return asyncio.run(_serve(folder, environ))


@asynccontextmanager
async def _opened(folder: Path, environ: Mapping[str, str]) -> AsyncGenerator[Application, None]:
    """The application of a model that is loaded and warm."""
    with ExitStack() as held:
        if environ.get("WEIGHTS"):
            from model_images.serve.weights import completed  # rare, and not light

            folder = held.enter_context(completed(folder, environ))
        async with _opened_folder(folder, environ) as application:
            yield application


@asynccontextmanager
async def _opened_folder(folder: Path, environ: Mapping[str, str]) -> AsyncGenerator[Application, None]:
    settings = ServerSettings.from_environment(environ, workers=1)
    model, digest, metrics = read_model_file(folder), model_digest(folder), Metrics.alone()
    schema = Schema(model)
    inference = Inference(model, digest, runtimes.load(folder, model), settings, metrics)
    try:
        await inference.warm_up()
        served = Served(
            model=model,
            digest=digest,
            schema=schema,
            inference=inference,
            settings=settings,
            metrics=metrics,
            ready=lambda: True,
            draining=lambda: False,
        )
        yield Application(served, environ)
    finally:
        await inference.close()


async def _serve(folder: Path, environ: Mapping[str, str]) -> int:
    runtime_api = environ["AWS_LAMBDA_RUNTIME_API"]
    loop = asyncio.get_running_loop()
    end = End(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.come)
    try:
        parallel = _parallel_loops(environ)
        async with _opened(folder, environ) as application:
            snapshot = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
            Loops(application, runtime_api, end, loops=parallel, snapshot=snapshot).start()
            await end.wait()
    except (*MODEL_ERRORS, Refused) as failure:
        LOG.error("%s", failure)
        LOG.debug("the model cannot be served", exc_info=True)
        _tell_failed_start(runtime_api, str(failure) or type(failure).__name__)
        return 1
    if end.why:
        LOG.error("%s", end.why)
    return 1 if end.why else 0


def _parallel_loops(environ: Mapping[str, str]) -> int:
    text = environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "") or "1"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_LOOPS):
        raise ValueError(f"AWS_LAMBDA_MAX_CONCURRENCY: got {text!r:.40}; allowed: 1 to {MOST_LOOPS}")
    return int(text)


def _tell_failed_start(runtime_api: str, message: str) -> None:
    _, body = error(500, message, CANNOT_START)
    try:
        RuntimeApi(runtime_api).fail_start(CANNOT_START, body)
    except RuntimeApiError as failure:
        LOG.error("Lambda's Runtime API: %s", failure)
