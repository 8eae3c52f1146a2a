"""Memory that all workers see."""

from __future__ import annotations

import os

from model_images.serve.shared import ABSENT, READY, STARTING, Shared


def test_it_is_ready_when_every_worker_is() -> None:
    shared = Shared(2, 1)
    seen = [shared.ready()]
    for worker in (0, 1):
        shared.set_state(worker, READY)
        seen.append(shared.ready())
    assert seen == [False, False, True]


def test_it_is_not_ready_while_one_worker_starts_or_is_dead() -> None:
    for state in (STARTING, ABSENT):
        shared = Shared(2, 1)
        shared.set_state(0, READY)
        shared.set_state(1, state)
        assert not shared.ready()


def test_it_is_not_ready_once_it_drains() -> None:
    shared = Shared(1, 1)
    shared.set_state(0, READY)
    shared.drain()
    assert (shared.ready(), shared.draining()) == (False, True)


def test_a_worker_has_more_connections_than_a_warm_one_with_fewer() -> None:
    shared = Shared(3, 1)
    shared.set_state(0, READY)
    shared.set_state(1, READY)
    shared.set_connections(0, 2)
    shared.set_connections(1, 1)  # the third one has none, but is not there
    assert [shared.has_more_connections(worker) for worker in (0, 1)] == [True, False]


def test_connections_that_are_coming_count_and_of_many_a_few_more_do_not() -> None:
    shared = Shared(2, 1)
    for worker, connections in ((0, 100), (1, 96)):
        shared.set_state(worker, READY)
        shared.set_connections(worker, connections)
    assert [shared.has_more_connections(0, coming) for coming in (0, 4)] == [False, True]


def test_what_a_child_writes_its_parent_reads() -> None:
    shared = Shared(2, 3)
    child = os.fork()
    if not child:
        shared.set_state(1, READY)
        shared.cells[shared.first_value(1) + 2] = 7.5
        shared.leave_message(1, "no such model")
        os._exit(0)
    os.waitpid(child, 0)
    assert shared.state(1) == READY
    assert shared.cells[shared.first_value(1) + 2] == 7.5
    assert shared.message(1) == "no such model"


def test_slots_do_not_overlap() -> None:
    shared = Shared(3, 2)
    for worker in range(3):
        for value in range(2):
            shared.cells[shared.first_value(worker) + value] = 1.0
        shared.leave_message(worker, "x" * 10_000)
    assert [shared.state(worker) for worker in range(3)] == [ABSENT] * 3
    assert not shared.draining()
    assert len(shared.message(2)) == 4096
