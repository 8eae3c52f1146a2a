"""The stable model's warm-up example, answered by both models, where they load on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from model_images.compare import Finding
from model_images.model_file import ModelFile
from model_images.runtimes import ArtifactError, first_line, load
from model_images.serve.answers import as_json
from model_images.serve.messages import Refused
from model_images.serve.rows import MODEL_ERRORS, RowRefused, Rows, Runtime
from model_images.serve.schema import Schema

FIELD = "warmup"


def answered(old_folder: Path, old: ModelFile, new_folder: Path, new: ModelFile) -> Iterator[Finding]:
    """What each answers to the stable one's example: a note. That the candidate refuses it, or fails, breaks."""
    body = msgspec.json.encode(old.warmup)
    try:
        rows, _ = Schema(new).from_json(body)
    except Refused as refused:
        yield Finding(FIELD, f"the stable one's example is refused: {refused.message}", breaks=True)
        return
    try:
        before = f"{_predicted(load(old_folder, old), Schema(old).from_json(body)[0])} -> "
    except (ArtifactError, Refused, *MODEL_ERRORS) as error:
        before = ""
        yield Finding(FIELD, f"the stable one was not asked here: {first_line(error)}", breaks=False)
    try:
        candidate = load(new_folder, new)
    except ArtifactError as error:
        # It may need what this machine has not; the image brings it.
        yield Finding(FIELD, f"the candidate was not asked here: {first_line(error)}", breaks=False)
        return
    try:
        after = _predicted(candidate, rows)
    except RowRefused as refused:
        yield Finding(FIELD, f"the candidate refuses row {refused.row}: {refused}", breaks=True)
    except MODEL_ERRORS as error:
        yield Finding(FIELD, f"the candidate fails: {type(error).__name__}: {first_line(error)}", breaks=True)
    else:
        yield Finding(FIELD, f"the stable one's example is answered: {before}{after}", breaks=False)


def _predicted(runtime: Runtime, rows: Rows) -> str:
    return f"{as_json(runtime.predict(rows)).decode():.300}"
