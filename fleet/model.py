"""A fleet as the tool sees it: stacks, what each needs, where each keeps its state. Plain data, no reading of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stacks.settings import StackKind


@dataclass(frozen=True, kw_only=True)
class FleetStack:
    """One stack. `needs` names the stacks that must stand before it; `place` is `aws eu-west-1`, `aws`, or empty.

    `backend` is a Pulumi backend URL. `secrets_provider` is None where the engine's default (a passphrase) serves.
    """

    name: str
    kind: StackKind
    place: str
    jurisdiction: str
    needs: tuple[str, ...]
    backend: str
    secrets_provider: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One environment. `stacks` come in an order in which they could be deployed one by one.

    `variables` are those of the engine for every stack of the environment, without the backend. `accelerators` says for
    each model what its image is built for: cpu, cuda or neuron; a model that is not named takes cpu.
    """

    root: Path
    environment: str
    offline: bool
    stacks: tuple[FleetStack, ...]
    variables: Mapping[str, str]
    accelerators: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def folder(self) -> Path:
        """Logs and, offline, the state of this environment. Ignored by git."""
        return self.root / ".homeport" / self.environment

    def stack(self, name: str) -> FleetStack | None:
        """The stack of that name, None if the environment has none."""
        return next((stack for stack in self.stacks if stack.name == name), None)

    @property
    def backends(self) -> tuple[str, ...]:
        """Every backend, once, in the order of the stacks."""
        return tuple(dict.fromkeys(stack.backend for stack in self.stacks))
