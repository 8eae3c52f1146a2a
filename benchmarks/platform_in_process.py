"""What Homeport's own code costs: one platform stack evaluated in this process, against bare SDK calls.

The bare side constructs the very same resources, recorded beforehand, straight from literal inputs: no settings, no
plans, no components. Both sides talk to the same light monitor, which answers from the recording. Bound: 1.3.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import importlib
import inspect
import json
import logging
import re
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import config as pulumi_config
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack

from stacks import run
from tests.golden.graphs import config, graph_of
from tests.recorder import Graph, Recorded
from tools.offline.cloud.lookups import look_up
from tools.offline.cloud.setting import EXAMPLE_ACCOUNT, Setting
from tools.offline.types.sdk import classes, module_name

STACK = "demo-aws-eu-west-1"
ROUNDS = 15
SETTING = Setting(account=EXAMPLE_ACCOUNT, place="eu-west-1", region="eu-west-1")


class Recording(Mocks):
    """Answers each resource as it was recorded."""

    def __init__(self, graph: Graph) -> None:
        self._graph = {(one.type, one.name): one for one in graph.resources}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, {}
        one = self._graph[args.typ, args.name]
        return one.id, {**one.inputs, **one.outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        asked = cast("dict[str, Any]", args.args)
        return dict(look_up(args.token, asked, SETTING, NoThings())), []


def main() -> None:
    graph = graph_of(STACK)
    sides = {"homeport": run.main, "bare": functools.partial(_bare, graph)}
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ROUNDS + 1):  # the first round imports, and is thrown away
        for side, program in sides.items():
            seconds[side].append(_timed(program, graph))
    ratios = [ours / bare for ours, bare in zip(seconds["homeport"][1:], seconds["bare"][1:], strict=True)]
    print(f"platform stack in process, {len(graph.resources)} resources, {ROUNDS} rounds in turn:")
    print(
        f"  homeport / bare SDK calls: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}"
    )


def _timed(program: Callable[[], None], graph: Graph) -> float:
    started = time.perf_counter()
    contextvars.copy_context().run(_evaluate, program, graph)
    return time.perf_counter() - started


def _evaluate(program: Callable[[], None], graph: Graph) -> None:
    monitor = MockMonitor(Recording(graph))
    configure(
        MockSettings(monitor=monitor, engine=MockEngine(logging.getLogger("pulumi")), project="homeport", stack=STACK)
    )
    pulumi_config.set_all_config(
        {key: _text(value) for key, value in config(f"stacks/config/Pulumi.{STACK}.yaml").items()}
    )
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        loop.run_until_complete(run_in_stack(program))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _bare(graph: Graph) -> None:
    """The recorded resources, each by one call of its SDK class, with literal inputs and the one provider."""
    provider: pulumi.ProviderResource | None = None
    for one in sorted(graph.resources, key=lambda one: not one.type.startswith("pulumi:providers:")):
        if not one.custom:
            continue
        made = _class(one.type)(one.name, **_arguments(one), opts=pulumi.ResourceOptions(provider=provider))
        provider = provider or made


@functools.cache
def _class(token: str) -> Any:
    package = token.split(":")[2] if token.startswith("pulumi:providers:") else token.split(":")[0]
    module, name = _classes(package)[token]
    return getattr(importlib.import_module(module), name)


@functools.cache
def _classes(package: str) -> dict[str, tuple[str, str]]:
    return classes(package, Path(str(importlib.import_module(module_name(package)).__file__)).parent)


@functools.cache
def _parameters(token: str) -> dict[str, str]:
    """Wire name -> keyword of the constructor."""
    words = inspect.signature(_class(token)._internal_init).parameters  # noqa: SLF001 - the keywords stand nowhere else
    return {re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), word): word for word in words}


def _arguments(one: Recorded) -> dict[str, Any]:
    words = _parameters(one.type)
    return {words[key]: value for key, value in one.inputs.items() if key in words}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class NoThings:
    """Nothing exists yet: no lookup of a platform asks for anything."""

    def find(self, token: str, **wanted: Any) -> list[tuple[str, dict[str, Any]]]:
        raise LookupError(f"{token}: {wanted}")


if __name__ == "__main__":
    main()
