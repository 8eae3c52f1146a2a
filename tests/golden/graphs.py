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


@functools.cache
def graphs(environment: str, *, preview: bool = False) -> dict[str, Graph]:
    """By stack. Each sees the outputs of those below it, as they are once these stand, also in a preview."""
    found: dict[str, Graph] = {}
    below = {} if not preview else {stack: graph.outputs for stack, graph in graphs(environment).items()}
    for stack in load_environment(ROOT, environment).stacks():
        graph = record(run.main, stack=stack.text, config=config(stack.file), references=below, preview=preview)
        found[stack.text] = graph
        below.setdefault(stack.text, graph.outputs)
    return found


def graph_of(stack: str, *, preview: bool = False) -> Graph:
    return graphs(stack.split("-")[0], preview=preview)[stack]


def config(file: str) -> dict[str, object]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return cast("dict[str, dict[str, object]]", yaml.load(text, Loader=CCoreLoader))["config"]
