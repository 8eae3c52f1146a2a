"""Reading through the engine's proxies: nothing raises, nothing is skipped."""

from __future__ import annotations

from pulumi import FileAsset
from pulumi_policy import Severity
from pulumi_policy.proxy import unknown_checking_proxy

from policies.finding import Finding
from policies.reading import OPAQUE, UNKNOWN, items, mapping_at, read_mapping, value_at, walk
from policies.rule import Rule
from tests.policies.asking import UNKNOWN as NOT_YET
from tests.policies.asking import ask


def read(**inputs: object) -> dict[str, object]:
    return dict(read_mapping(unknown_checking_proxy(inputs)))


def test_nested_mappings_and_lists_behind_the_proxy_are_read() -> None:
    assert read(rules=[{"ports": [1.0, 2.0]}, "text"], on=True) == {
        "rules": [{"ports": [1.0, 2.0]}, "text"],
        "on": True,
    }


def test_an_unknown_value_is_marked_at_every_depth_and_its_neighbours_are_read() -> None:
    found = read(region=NOT_YET, list=[NOT_YET, "a"], deep={"a": {"b": NOT_YET, "c": 1}})
    assert found == {"region": UNKNOWN, "list": [UNKNOWN, "a"], "deep": {"a": {"b": UNKNOWN, "c": 1}}}


def test_an_unknown_value_in_a_plain_mapping_is_marked_too() -> None:
    assert read_mapping({"a": [NOT_YET]}) == {"a": [UNKNOWN]}


def test_a_file_is_opaque() -> None:
    assert read(code=FileAsset("x.zip")) == {"code": OPAQUE}


def test_a_value_below_something_unknown_is_unknown() -> None:
    assert value_at({"a": UNKNOWN}, "a", "b", "c") is UNKNOWN


def test_a_value_below_something_absent_or_of_another_kind_is_none() -> None:
    assert [value_at({"a": "text"}, "a", "b"), value_at({}, "a"), value_at(None, "a")] == [None, None, None]


def test_a_mapping_that_is_absent_or_unknown_is_empty() -> None:
    assert [mapping_at({}, "a"), mapping_at({"a": UNKNOWN}, "a"), mapping_at({"a": {"b": 1}}, "a")] == [
        {},
        {},
        {"b": 1},
    ]


def test_elements_carry_their_path_and_an_unknown_list_is_one_unknown_element() -> None:
    assert list(items(["a", "b"], "x")) == [("x[0]", "a"), ("x[1]", "b")]
    assert list(items(UNKNOWN, "x")) == [("x[*]", UNKNOWN)]
    assert list(items("text", "x")) == []


def test_the_walk_visits_every_leaf_with_its_path_and_nearest_key() -> None:
    leaves = list(walk({"a": [{"b": 1}, [2]], "c": {"d": UNKNOWN}, "tags": {"e": 3}}, "tags".__eq__))
    assert leaves == [("a[0].b", "b", 1), ("a[1][0]", "a", 2), ("c.d", "d", UNKNOWN)]


def test_a_resource_is_read_field_by_field_and_an_absent_field_is_none() -> None:
    policy = Rule(
        name="probe",
        description="Probe.",
        severity=Severity.LOW,
        tags=(),
        fix="",
        url="",
        concerns=lambda token: True,
        judge=lambda it: [Finding(path=str(it.inputs.get("a")), got=str(it.inputs.get("b")), allowed="", fix="")],
    )
    assert ask(policy, "x:y:Z", {"a": NOT_YET}) == ["it (x:y:Z): Unknown.UNKNOWN: got None; allowed: ; "]
