"""Files that a model file names beside it: the JSON Schema of its requests, the authorities of its callers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from stacks.settings.errors import Problem, Said
from stacks.settings.model import ModelSettings
from stacks.settings.models_folder import MODELS_FOLDER, model_file

LONGEST_SCHEMA = 400 * 1024  # bytes, models of one API: "Amazon API Gateway quotas" allows 400 KB
_PEM = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, kw_only=True)
class Attachments:
    """Contents, or None where the model file names none."""

    request_schema: Mapping[str, object] | None = None
    authorities: str | None = None  # PEM


def read_attachments(root: Path, model: ModelSettings, problems: list[Problem]) -> Attachments:
    """What stands in the files; adds a problem for each that cannot be used."""
    access = model.access
    schema = authorities = None
    if access.request_schema is not None:
        schema = _schema(root, model.name, access.request_schema, problems)
    if access.mutual_tls is not None:
        authorities = _authorities(root, model.name, access.mutual_tls.authorities, problems)
    return Attachments(request_schema=schema, authorities=authorities)


def _schema(root: Path, model: str, name: str, problems: list[Problem]) -> Mapping[str, object] | None:
    path = "access.request_schema"
    step = f"write it anew: python -m model_images schema FOLDER > {MODELS_FOLDER}/{name}"
    text = _text(root, model, path, name, problems)
    if text is None:
        return None
    try:
        found: object = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or len(text.encode()) > LONGEST_SCHEMA:
        allowed = f"a file with one JSON object of at most {LONGEST_SCHEMA // 1024} KB"
        problems.append(Problem(model_file(model), path, name, allowed, step))
        return None
    return cast("dict[str, object]", found)


def _authorities(root: Path, model: str, name: str, problems: list[Problem]) -> str | None:
    path = "access.mutual_tls.authorities"
    text = _text(root, model, path, name, problems)
    if text is not None and (_PEM not in text or "PRIVATE KEY" in text):
        allowed = "a file with certificates in PEM form, and no private key"
        problems.append(Problem(model_file(model), path, name, allowed, "name another file"))
        return None
    return text


def _text(root: Path, model: str, path: str, name: str, problems: list[Problem]) -> str | None:
    try:
        return (root / MODELS_FOLDER / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        said = Said(f"{name}, which cannot be read")
        allowed = f"the name of a text file in {MODELS_FOLDER}"
        problems.append(Problem(model_file(model), path, said, allowed, "write the file, or remove the field"))
        return None
