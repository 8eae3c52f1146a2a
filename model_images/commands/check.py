"""`check FOLDER`: is this model folder sound? Reads model.yaml, loads the model and predicts its warm-up example."""

from __future__ import annotations

import argparse
import asyncio
import sys
import traceback
from pathlib import Path

from model_images.commands.environment import lacks
from model_images.model_file import ModelFileError, model_digest, read_model_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the model folder, for example model_images/samples/fraud")


def run(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    try:
        model = read_model_file(folder)
    except ModelFileError as error:
        print(error, file=sys.stderr)
        return 2
    if lacks(model.framework):
        return 2
    # After the file is known to be sound: a framework takes long to import.
    import msgspec

    from model_images import runtimes
    from model_images.serve import answers
    from model_images.serve.inference import Inference
    from model_images.serve.messages import Refused, Request
    from model_images.serve.metrics import Metrics
    from model_images.serve.rows import MODEL_ERRORS
    from model_images.serve.schema import Schema
    from model_images.serve.settings import ServerSettings

    async def predicted() -> bytes:
        runtime = runtimes.load(folder, model)
        rows, _ = Schema(model).from_json(msgspec.json.encode(model.warmup))
        inference = Inference(model, model_digest(folder), runtime, ServerSettings(), Metrics.alone())
        try:
            request = Request("POST", "/check", {}, b"", "check", deadline=float("inf"))
            return answers.as_json((await inference.predict(rows, request)).outputs)
        finally:
            await inference.close()

    try:
        print(f'{{"predictions": {asyncio.run(predicted()).decode()}}}')
    except (*MODEL_ERRORS, Refused) as error:
        ours = type(error).__module__.startswith("model_images")
        print(error if ours else _of_the_model(error, folder / model.artifact), file=sys.stderr)
        return 2
    return 0


def _of_the_model(error: BaseException, artifact: Path) -> str:
    """What the model raised, and the last line of its own file on the way."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == artifact.resolve()]
    place = f"{artifact}, line {lines[-1]}" if lines else artifact
    return f"{place}: {type(error).__name__}: {error}"
