"""Names that an operator wrote on the command line: those there are, and the nearest where one is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fleet.errors import BadUsage
from fleet.model import Fleet, FleetStack
from stacks.settings import near


def check_names(only: Sequence[str], fleet: Fleet, others: Iterable[FleetStack] = ()) -> None:
    """Raises BadUsage for a name in `only` that neither a stack of the fleet nor one of `others` bears."""
    known = [stack.name for stack in (*fleet.stacks, *others)]
    for name in only:
        if name not in known:
            raise unknown_name("--only", name, known, "name a stack of the environment")


def unknown_name(where: str, name: str, known: Sequence[str], next_step: str) -> BadUsage:
    """The refusal of `name`; `next_step` is what to do where no known name is near."""
    allowed = ", ".join(known) or "nothing yet"
    return BadUsage(f'{where}: got "{name}"; allowed: {allowed}', near(name, known) or next_step)
