"""The sections `notify` and `budget` of a region: who hears of alarms, and what a month may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.errors import Complaint
from stacks.settings.fields import Section


class Budget(Section):
    """What the region's platform and models stacks may cost a month."""

    monthly_usd: Annotated[
        int,
        Field(
            ge=1,
            le=100_000_000,
            description="In US dollars, before credits. Told at 80 % and 100 % spent, and when 100 % is foreseen.",
        ),
    ]


def receivers_named_twice(receivers: tuple[str, ...]) -> list[Complaint]:
    """One complaint for each receiver that stands there already."""
    return [
        Complaint(f"notify[{index}]", receiver, "each receiver once", "remove it")
        for index, receiver in enumerate(receivers)
        if receiver in receivers[:index]
    ]
