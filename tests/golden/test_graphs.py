"""Each stack file declares exactly what its golden text shows: what a reviewer reads in a change."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.golden.graphs import ENVIRONMENTS, ROOT, STACKS, graph_of

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.xdist_group("golden")
def test_the_graph_is_the_golden_one(stack: str, request: pytest.FixtureRequest) -> None:
    path, got = GOLDEN / f"{stack}.txt", graph_of(stack).text()
    if request.config.getoption("--record-golden"):
        path.write_text(got, encoding="utf-8")
    golden = path.read_text(encoding="utf-8") if path.exists() else ""
    changed = list(difflib.unified_diff(golden.splitlines(), got.splitlines(), "golden", "declared", lineterm="", n=2))
    shown = "\n".join(changed[:60])
    assert not changed, (
        f"{stack} declares something else than tests/golden/{stack}.txt (`make golden` records it):\n{shown}"
    )


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.xdist_group("golden")
def test_a_preview_declares_the_same_resources(stack: str) -> None:
    wanted = {resource.urn for resource in graph_of(stack).resources}
    assert {resource.urn for resource in graph_of(stack, preview=True).resources} == wanted


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.xdist_group("golden")
def test_every_cloud_resource_lies_in_the_jurisdiction_of_its_stack(stack: str) -> None:
    places = {resource.place for resource in graph_of(stack).resources if resource.custom}
    foreign = "us-" if "-eu-" in stack else "eu-"
    assert places
    assert [place for place in places if place and place.startswith(foreign)] == []


def test_every_stack_file_belongs_to_an_environment_and_has_a_golden_graph() -> None:
    files = {
        path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in (ROOT / "stacks/config").glob("*.yaml")
    }
    golden = {path.stem for path in GOLDEN.glob("*.txt")}
    assert files == golden == set(STACKS)
    assert set(ENVIRONMENTS) == {"demo", "prod"}
