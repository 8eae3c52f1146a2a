"""`check FOLDER`: is this model folder sound? Reads model.yaml, loads the model and predicts its warm-up example."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

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
        print(f"{folder}: {error}", file=sys.stderr)
        return 2
    return 0
