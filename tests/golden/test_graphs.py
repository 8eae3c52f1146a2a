"""Each stack file declares exactly what its golden text shows: what a reviewer reads in a change."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from policies.pack import policies
from tests.golden.graphs import ENVIRONMENTS, ROOT, STACKS, config, graph_of
from tests.policies.asking import UNKNOWN as UNKNOWN_ON_THE_WIRE
from tests.policies.asking import ask
from tests.recorder import UNKNOWN

PACK = policies(ROOT)

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize("stack", STACKS)
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
def test_a_preview_declares_the_same_resources(stack: str) -> None:
    wanted = {resource.urn for resource in graph_of(stack).resources}
    assert {resource.urn for resource in graph_of(stack, preview=True).resources} == wanted


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("stack", STACKS)
def test_every_policy_passes(stack: str, preview: bool) -> None:
    assert violations(stack, str(config(f"stacks/config/Pulumi.{stack}.yaml")["homeport:jurisdiction"]), preview) == []


def test_in_another_jurisdiction_the_same_resources_are_refused() -> None:
    refused = violations("demo-aws-eu-west-1", "us", preview=False)
    assert len(refused) > 50
    assert any("eu-west-1" in message for message in refused)


def violations(stack: str, jurisdiction: str, preview: bool) -> list[str]:
    """What the whole pack reports on the graph of a stack, asked as the engine asks."""
    graph = graph_of(stack, preview=preview)
    providers = {one.name: one for one in graph.resources if one.type.startswith("pulumi:providers:")}
    found: list[str] = []
    for resource in graph.resources:
        provider = providers.get(resource.provider or "")
        found += [
            message
            for policy in PACK
            for message in ask(
                policy,
                resource.type,
                wire(resource.inputs),
                provider=provider and (provider.name, provider.type, wire(provider.inputs)),
                stack_config={"homeport:jurisdiction": jurisdiction},
                preview=preview,
            )
        ]
    return found


def wire(inputs: Mapping[str, object]) -> dict[str, object]:
    """Inputs with the engine's own word for a value that is not known yet."""
    return {key: _wire(value) for key, value in inputs.items()}


def _wire(value: object) -> object:
    if value is UNKNOWN:
        return UNKNOWN_ON_THE_WIRE
    if isinstance(value, Mapping):
        return wire(cast("Mapping[str, object]", value))
    return [_wire(item) for item in cast("list[object]", value)] if isinstance(value, list) else value


def test_every_stack_file_belongs_to_an_environment_and_has_a_golden_graph() -> None:
    files = {
        path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in (ROOT / "stacks/config").glob("*.yaml")
    }
    golden = {path.stem for path in GOLDEN.glob("*.txt")}
    assert files == golden == set(STACKS)
    assert set(ENVIRONMENTS) == {"demo", "prod"}
