"""`batch --input URL --output URL`: the command line, signals, and an exit status that says what became of the rows.

0: every object is done. 3: every object is done, but more rows were refused than allowed; asking again changes nothing.
1: an object could not be done; asking again may. 2: what was told is wrong. 143: ended by SIGTERM, before it was done.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from model_images import runtimes
from model_images.model_file import ModelFileError, model_digest, read_model_file
from model_images.serve.aws.errors import AwsError
from model_images.serve.batch.folders import ALLOWED, folder_of, place_of
from model_images.serve.batch.job import Job, Stopped, Summary
from model_images.serve.batch.predictions import CSV, JSON_LINES, Predictor
from model_images.serve.inference import Inference
from model_images.serve.messages import Refused
from model_images.serve.metrics import Metrics
from model_images.serve.rows import MODEL_ERRORS
from model_images.serve.schema import Schema
from model_images.serve.settings import ServerSettings, SettingsError
from model_images.serve.weights import WeightsError, completed

DONE, FAILED, BAD_INPUT, REFUSED, ENDED = 0, 1, 2, 3, 128 + signal.SIGTERM
TYPES = (JSON_LINES, CSV)
FEATURES_S = 60.0
LOG = logging.getLogger("model_images.serve")


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line."""

    def error(self, message: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] it does not return
        raise ValueError(f"batch: {message}")


def run(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """The exit status. Progress and mistakes go to stderr, a summary in one line of JSON to stdout."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _stop)
    with contextlib.ExitStack() as held:
        try:
            if environ.get("WEIGHTS"):
                folder = held.enter_context(completed(folder, environ))
            return _run(arguments, folder, environ)
        except Stopped:
            return ENDED
        except (WeightsError, ModelFileError) as error:
            print(error, file=sys.stderr)
            return BAD_INPUT if isinstance(error, ModelFileError) else FAILED


def _run(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    try:
        told = _parser().parse_args(arguments)
        # Many rows wait at once here by design, nobody waits for a single one, and what is written is the capture.
        settings = msgspec.structs.replace(
            ServerSettings.from_environment(environ, workers=1),
            max_queue_rows=1_000_000,
            features_timeout_s=FEATURES_S,
            capture_sink=None,
        )
        part, parts = _part(environ)
        source = folder_of("--input", told.input, environ)
        target = folder_of("--output", told.output, environ)
        _check_apart(told.input, told.output)
        model = read_model_file(folder)
    except (ValueError, SettingsError, ModelFileError, AwsError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    logging.basicConfig(level=settings.log_level.upper(), format="%(message)s", stream=sys.stderr)
    with asyncio.Runner() as runner:
        inference: Inference | None = None
        summary = Summary()
        try:
            inference = Inference(model, model_digest(folder), runtimes.load(folder, model), settings, Metrics.alone())
            runner.run(inference.warm_up())
            predictor = Predictor(inference, Schema(model), runner.get_loop())
            job = Job(
                source=source,
                target=target,
                predictor=predictor,
                read_as=told.content_type,
                write_as=told.accept,
                part=part,
                parts=parts,
            )
            return _worked(job, summary, told.refused_rows_allowed)
        except (*MODEL_ERRORS, Refused) as error:
            print(str(error) or type(error).__name__, file=sys.stderr)
            LOG.debug("the batch failed", exc_info=error)
            return FAILED
        finally:
            if inference is not None:
                runner.run(inference.close())


def _worked(job: Job, summary: Summary, allowed: float) -> int:
    ended = False
    try:
        job.run(summary)
    except Stopped:
        ended = True
    print(json.dumps(summary.told()))
    left = summary.objects - summary.skipped - summary.done - len(summary.failed)
    if ended:
        LOG.warning("ended by a signal: %d objects are left for the next start", left + len(summary.failed))
        return ENDED
    if summary.failed:
        return FAILED
    return REFUSED if summary.refused > allowed * summary.rows else DONE


def _stop(number: int, frame: object) -> None:  # noqa: ARG001  the signature of a handler
    # A second one does not disturb the cleaning up.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.SIG_IGN)
    raise Stopped(ENDED)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="batch", description=__doc__, add_help=False, allow_abbrev=False)
    parser.add_argument("--input", required=True, help=f"folder of the objects to predict: {ALLOWED}")
    parser.add_argument("--output", required=True, help="folder of the predictions: NAME.out for each NAME")
    parser.add_argument("--content-type", choices=TYPES, default="", help="of all objects (default: by their names)")
    parser.add_argument("--accept", choices=TYPES, default="", help="of the predictions (default: as the object)")
    parser.add_argument("--refused-rows-allowed", type=_share, default=0.0, help="their share, 0 (default) to 1")
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"got {text}; allowed: 0 to 1")
    return value


def _part(environ: Mapping[str, str]) -> tuple[int, int]:
    """Which child of how many this is: AWS Batch says so to those of an array job."""
    index, size = environ.get("AWS_BATCH_JOB_ARRAY_INDEX", ""), environ.get("AWS_BATCH_JOB_ARRAY_SIZE", "")
    if not index:
        return 0, 1
    if not (index.isascii() and index.isdigit() and size.isascii() and size.isdigit() and int(index) < int(size)):
        raise ValueError(
            f"AWS_BATCH_JOB_ARRAY_INDEX: got {index!r:.20} of AWS_BATCH_JOB_ARRAY_SIZE {size!r:.20}; "
            "allowed: a number from 0 and a larger one"
        )
    return int(index), int(size)


def _check_apart(source: str, target: str) -> None:
    """Predictions below the input would be the next job's input."""
    if place_of(target)[: len(place_of(source))] == place_of(source):
        raise ValueError(f"--output: got {target!r:.200}; allowed: a folder that is not below --input, {source!r:.200}")
