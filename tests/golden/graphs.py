"""The resource graph of every stack file, recorded in this process, lower stacks first."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import cast

import yaml
from yamlcore import CCoreLoader

from stacks import run
from stacks.settings import load_environment
from tests.recorder import Graph, record

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = tuple(sorted(path.stem for path in (ROOT / "stacks/environments").glob("*.yaml")))
STACKS = tuple(stack.text for environment in ENVIRONMENTS for stack in load_environment(ROOT, environment).stacks())

OPENED = "a0" * 20
# What a stack remembers of its last deployment: a function has no candidate before its stable image was released.
REMEMBERED = {
    "prod-aws-us-east-1-models": {"models": {"models": {"diabetes": {"versions": {f"sha256:{'f00d' * 16}": "7"}}}}}
}


@functools.cache
def graphs(environment: str, *, preview: bool = False) -> dict[str, Graph]:
    """By stack. Each sees the outputs of those below it, as they are once these stand, also in a preview."""
    found: dict[str, Graph] = {}
    stand = graphs(environment) if preview else {}
    below = {**REMEMBERED, **{stack: graph.outputs for stack, graph in stand.items()}}
    for stack in load_environment(ROOT, environment).stacks():
        graph = record(run.main, stack=stack.text, config=config(stack.file), references=below, preview=preview)
        found[stack.text] = graph
        if not preview:
            below[stack.text] = graph.outputs
    return found


def graph_of(stack: str, *, preview: bool = False) -> Graph:
    return graphs(stack.split("-")[0], preview=preview)[stack]


def config(file: str, root: Path = ROOT) -> dict[str, object]:
    text = (root / file).read_text(encoding="utf-8")
    found = cast("dict[str, dict[str, object]]", yaml.load(text, Loader=CCoreLoader))["config"]
    return cast("dict[str, object]", opened(found))


def opened(node: object) -> object:
    """As Pulumi hands it over, but that what is sealed becomes a text of our own."""
    if not isinstance(node, dict):
        return node
    fields = cast("dict[str, object]", node)
    return OPENED if set(fields) == {"secure"} else {key: opened(value) for key, value in fields.items()}
