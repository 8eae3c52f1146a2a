"""What must hold between a release and its model: a candidate needs something that shares calls out, a caller a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stacks.settings.errors import MISSING, Problem
from stacks.settings.model import ModelSettings
from stacks.settings.names import StackName
from stacks.settings.release import CallerKeys, Release


def release_problems(stack: StackName, model: ModelSettings, release: Release, path: str) -> Iterator[Problem]:
    """One problem for each part of a release that the model's target cannot serve."""
    if release.candidate is None:
        return
    target = model.serve_on.aws
    if target == "kubernetes" and not model.by_api:
        allowed = "a candidate of a model behind an API, which shares the calls out"
        step = f"add api_keys, jwt or mutual_tls to stacks/models/{model.name}.yaml, or remove the candidate"
        yield Problem(stack.file, f"{path}.candidate", {}, allowed, step)
    if model.mode == "serverless" or model.mode == "async":
        allowed = f"no candidate: an endpoint of mode {model.mode} has one release"
        yield Problem(stack.file, f"{path}.candidate", {}, allowed, "make it the stable one, or remove it")
    if model.shadowed and release.candidate_weight:
        step = "remove the weight, or `shadow` of the model"
        yield Problem(stack.file, f"{path}.candidate_weight", release.candidate_weight, "0 for a shadow", step)


def key_problems(stack: StackName, models: Mapping[str, ModelSettings], keys: CallerKeys) -> Iterator[Problem]:
    """Callers without a key, and keys of nobody. `models`: those that are released here."""
    for name, model in models.items():
        wanted = model.access.callers if model.access.api_keys else ()
        for caller in wanted:
            if caller not in keys.get(name, {}):
                step = f"run: python -m fleet keys --env {stack.environment} {name}"
                yield Problem(stack.file, f"callers.{name}.{caller}", MISSING, f"the key of caller {caller}", step)
    for name, callers in keys.items():
        found = models.get(name)
        wanted = found.access.callers if found and found.access.api_keys else ()
        for caller in callers:
            if caller not in wanted:
                allowed = ", ".join(wanted) or "no caller with a key"
                yield Problem(stack.file, f"callers.{name}", caller, allowed, "remove it")
