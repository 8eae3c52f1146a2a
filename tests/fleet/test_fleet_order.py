"""Which stack may run when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.model import FleetStack
from fleet.order import Operation, Schedule, Task, bring_up, select, take_out, tear_down
from tests.fleet.fleets import ACCOUNT, CENTRAL, DOOR, WEST, account, front_door, models, platform, two_regions


def order_of(tasks: tuple[Task, ...]) -> list[set[str]]:
    """Names in waves, each wave being all that may run at once."""
    schedule, waves = Schedule(tasks), list[set[str]]()
    while wave := schedule.take_ready():
        waves.append({task.stack.name for task in wave})
        for task in wave:
            schedule.end(task.stack.name, well=True)
    return waves


def test_up_goes_from_the_account_to_the_front_door_regions_side_by_side() -> None:
    assert order_of(bring_up(two_regions())) == [
        {ACCOUNT},
        {WEST, CENTRAL},
        {f"{WEST}-models", f"{CENTRAL}-models"},
        {DOOR},
    ]


def test_down_goes_back() -> None:
    assert order_of(tear_down(two_regions())) == list(reversed(order_of(bring_up(two_regions()))))


def test_previews_wait_for_nothing() -> None:
    assert len(order_of(bring_up(two_regions(), Operation.PREVIEW))) == 1


def test_only_leaves_alone_what_stands_below() -> None:
    chosen = select(two_regions(), [f"{WEST}-models"], standing={ACCOUNT, WEST})
    assert [stack.name for stack in chosen] == [f"{WEST}-models"]


def test_only_brings_along_what_does_not_stand_below() -> None:
    chosen = select(two_regions(), [f"{WEST}-models"], standing=set())
    assert [stack.name for stack in chosen] == [ACCOUNT, WEST, f"{WEST}-models"]


def test_a_failure_stops_only_what_needs_it() -> None:
    schedule = Schedule(bring_up(two_regions()))
    schedule.take_ready()
    schedule.end(ACCOUNT, well=True)
    schedule.take_ready()
    schedule.end(WEST, well=False)
    schedule.end(CENTRAL, well=True)
    assert [task.stack.name for task in schedule.take_ready()] == [f"{CENTRAL}-models"]
    assert {(task.stack.name, why) for task, why in schedule.take_blocked()} == {
        (f"{WEST}-models", WEST),
        (DOOR, f"{WEST}-models"),
    }


def test_a_removed_region_leaves_the_front_door_before_anything_of_it_is_destroyed() -> None:
    staying = (account(), platform(WEST), models(WEST), front_door(WEST))
    leaving = (gone(platform(CENTRAL)), gone(models(CENTRAL)))
    waves = order_of((*bring_up(staying), *take_out(leaving, staying)))
    at = {name: number for number, wave in enumerate(waves) for name in wave}
    assert at[DOOR] < at[f"{CENTRAL}-models"] < at[CENTRAL]


def test_a_removed_jurisdictions_own_front_door_is_destroyed_first() -> None:
    leaving = tuple(gone(stack) for stack in (platform(WEST), models(WEST), front_door(WEST)))
    assert order_of(take_out(leaving, [])) == [{DOOR}, {f"{WEST}-models"}, {WEST}]


def test_a_region_in_another_backend_does_not_wait_for_this_front_door() -> None:
    elsewhere = gone(platform("demo-aws-us-east-1", backend="file:///state/us"))
    (task,) = take_out([elsewhere], [front_door(WEST)])
    assert task.after == frozenset()


@given(st.sets(st.sampled_from([stack.name for stack in two_regions()])))
def test_whatever_stands_a_selection_is_deployable(standing: set[str]) -> None:
    chosen = select(two_regions(), [DOOR], standing)
    names = {stack.name for stack in chosen}
    assert all(need in names | standing for stack in chosen for need in stack.needs)


def gone(stack: FleetStack) -> FleetStack:
    """As it is known once it has left the environment: by name and backend only."""
    return FleetStack(
        name=stack.name,
        kind=stack.kind,
        place=stack.place,
        jurisdiction=stack.jurisdiction,
        needs=(),
        backend=stack.backend,
    )
