"""Labels that tell pods how a node was got, and how strongly pods prefer one."""

from __future__ import annotations

import re

import pytest

from components.capacity import ORDER_LABEL, Capacity, node_labels, order_weights


@pytest.mark.parametrize("capacity", Capacity)
def test_label_values_are_such_as_kubernetes_takes(capacity: Capacity) -> None:
    for value in node_labels("gpu-l4", capacity, 0).values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value)


def test_the_first_way_pulls_the_strongest_and_every_weight_is_valid() -> None:
    weights = [order_weights()[str(order)] for order in range(len(Capacity))]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights)
    assert all(1 <= weight <= 100 for weight in weights)


def test_every_place_that_a_node_can_have_has_a_weight() -> None:
    places = {node_labels("p", capacity, order)[ORDER_LABEL] for order, capacity in enumerate(Capacity)}
    assert places == set(order_weights())
