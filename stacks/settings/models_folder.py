"""Reads the models of an environment: files of `stacks/models`, checked against the environment.

A models stack needs all that a file says. A platform needs to know only where each model may be and what it asks of the
platform: it reads no more, so that what is wrong elsewhere in a model's file stops no platform.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from components.places import NO_JURISDICTION
from stacks.settings.environment_file import EnvironmentFile
from stacks.settings.errors import MISSING, Problem, near
from stacks.settings.model import ModelSettings
from stacks.settings.needs import Placement, keys_that_differ
from stacks.settings.not_yet import unserved_parts
from stacks.settings.translate import parse
from stacks.settings.yaml_files import read_yaml

MODELS_FOLDER = "stacks/models"


def read_models(
    root: Path, section: EnvironmentFile, environment_file: str, problems: list[Problem]
) -> tuple[ModelSettings, ...]:
    """The environment's models in the order of its file (or by name, when it names none)."""
    names = model_names(root, section.models, environment_file, problems)
    read = [read_model(root, name, problems) for name in names]
    models = [model for model in read if model is not None]
    for model in models:
        _check_residency(model.name, model.data.residency, section.jurisdictions, problems)
    return tuple(models)


def read_placements(
    root: Path,
    listed: tuple[str, ...] | None,
    jurisdictions: Iterable[str],
    environment_file: str,
    problems: list[Problem],
) -> dict[str, Placement]:
    """What a platform must know of each model of the environment, by name; one that does not say it is a problem."""
    known, found = tuple(jurisdictions), dict[str, Placement]()
    for name in model_names(root, listed, environment_file, problems):
        file = model_file(name)
        data = read_yaml(root, file, problems)
        placement = None if data is None else parse(Placement, data, file=file, at="", problems=problems)
        if placement is not None:
            found[name] = placement
            _check_residency(name, placement.data.residency, known, problems)
    for name, (table, key) in keys_that_differ(found).items():
        features = found[name].features
        got = features.key if features else MISSING
        step = "use that key, or name another table"
        problems.append(Problem(model_file(name), "features.key", got, f"{key}, as other models say of {table}", step))
    return found


def model_names(
    root: Path, listed: tuple[str, ...] | None, environment_file: str, problems: list[Problem]
) -> tuple[str, ...]:
    """Names of the environment's models that have a file. `listed`: those that it names; None: all that have one."""
    there = tuple(sorted(path.stem for path in (root / MODELS_FOLDER).glob("*.yaml")))
    if listed is None:
        return there
    for index, name in enumerate(listed):
        if name not in there:
            step = near(name, there) or f"write {model_file(name)}, or remove it"
            problems.append(
                Problem(environment_file, f"models[{index}]", name, ", ".join(there) or "no model yet", step)
            )
    return tuple(name for name in dict.fromkeys(listed) if name in there)


def read_model(root: Path, name: str, problems: list[Problem]) -> ModelSettings | None:
    """One model file, and what it asks for that nothing serves yet."""
    file = model_file(name)
    data = read_yaml(root, file, problems)
    model = None if data is None else parse(ModelSettings, data, file=file, at="", problems=problems)
    if model is None:
        return None
    if model.name != name:
        problems.append(
            Problem(file, "name", model.name, name, "a model's file is named after it: rename one of the two")
        )
    problems.extend(unserved_parts(model, file))
    return model


def model_file(name: str) -> str:
    return f"{MODELS_FOLDER}/{name}.yaml"


def _check_residency(model: str, residency: str, jurisdictions: Iterable[str], problems: list[Problem]) -> None:
    known = (*jurisdictions, NO_JURISDICTION)
    if residency not in known:
        step = (
            near(residency, known)
            or f"add jurisdiction {residency} with a region to the environment, or leave the model out of its `models`"
        )
        problems.append(Problem(model_file(model), "data.residency", residency, ", ".join(known), step))
