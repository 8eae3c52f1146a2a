"""The table of places: what it says, and what a user may change."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from components.places import DEFAULT_TABLE, Cloud, InvalidPlaces, PlacesProblem, UnknownPlace
from components.regions import AWS, COUNTRIES, GCP, JURISDICTIONS


def problems_of(changes: dict[str, object]) -> tuple[PlacesProblem, ...]:
    with pytest.raises(InvalidPlaces) as caught:
        DEFAULT_TABLE.with_changes(changes)
    return caught.value.problems


@pytest.mark.parametrize("table", [AWS, GCP], ids=["aws", "gcp"])
def test_no_region_stands_twice(table: Mapping[str, str]) -> None:
    codes = [code for row in table.values() for code in row.split()]
    assert len(set(codes)) == len(codes) > 30


def test_every_country_is_a_country() -> None:
    assert len(COUNTRIES) == 249
    assert {place.country for place in DEFAULT_TABLE.places.values()} <= COUNTRIES
    assert set().union(*JURISDICTIONS.values()) <= COUNTRIES


@pytest.mark.parametrize(
    ("cloud", "name", "country", "jurisdictions"),
    [
        (Cloud.AWS, "eu-west-1", "IE", {"eu", "eea"}),
        (Cloud.AWS, "eu-west-2", "GB", {"uk"}),
        (Cloud.AWS, "eu-central-2", "CH", {"ch"}),
        (Cloud.AWS, "eusc-de-east-1", "DE", {"eu", "eea"}),
        (Cloud.AWS, "us-gov-west-1", "US", {"us"}),
        (Cloud.AWS, "me-central-1", "AE", set()),
        (Cloud.GCP, "me-central1", "QA", set()),
        (Cloud.GCP, "europe-west6", "CH", {"ch"}),
    ],
)
def test_a_place_counts_to_the_jurisdictions_of_its_country_whatever_its_name_looks_like(
    cloud: Cloud, name: str, country: str, jurisdictions: set[str]
) -> None:
    place = DEFAULT_TABLE.get(cloud, name)
    assert (place.country, place.jurisdictions) == (country, jurisdictions)


def test_the_eu_has_27_members_and_the_eea_30() -> None:
    assert (len(JURISDICTIONS["eu"]), len(JURISDICTIONS["eea"])) == (27, 30)
    assert JURISDICTIONS["eu"] < JURISDICTIONS["eea"]


def test_an_unknown_place_comes_with_near_matches() -> None:
    with pytest.raises(UnknownPlace, match="unknown place 'eu-west1' of cloud aws; near matches: eu-west-1") as caught:
        DEFAULT_TABLE.get(Cloud.AWS, "eu-west1")
    assert caught.value.near[0] == "eu-west-1"


def test_the_same_name_on_another_cloud_is_unknown() -> None:
    assert DEFAULT_TABLE.find(Cloud.GCP, "eu-west-1") is None


def test_within_lists_places_of_all_clouds_and_nothing_for_no_jurisdiction() -> None:
    assert [place.name for place in DEFAULT_TABLE.within("ch")] == ["eu-central-2", "europe-west6"]
    assert DEFAULT_TABLE.within("none") == ()


def test_a_user_may_take_a_place_out_of_every_jurisdiction() -> None:
    table = DEFAULT_TABLE.with_changes({"places": {"aws": {"eu-central-1": {"jurisdictions": []}}}})
    assert table.get(Cloud.AWS, "eu-central-1").jurisdictions == frozenset()
    assert DEFAULT_TABLE.get(Cloud.AWS, "eu-central-1").jurisdictions == {"eu", "eea"}


def test_a_user_may_add_a_cluster_of_their_own_by_its_country() -> None:
    table = DEFAULT_TABLE.with_changes({"places": {"kubernetes": {"frankfurt": {"country": "DE"}}}})
    assert table.get(Cloud.KUBERNETES, "frankfurt").jurisdictions == {"eu", "eea"}


def test_a_user_may_name_a_set_of_countries_and_use_it_at_once() -> None:
    changes = {
        "jurisdictions": {"dach": ["AT", "CH", "DE"]},
        "places": {"aws": {"eu-west-1": {"jurisdictions": ["dach"]}}},
    }
    table = DEFAULT_TABLE.with_changes(changes)
    assert [place.name for place in table.within("dach") if place.cloud is Cloud.AWS] == [
        "eu-central-1",
        "eu-central-2",
        "eu-west-1",
        "eusc-de-east-1",
    ]


def test_redefining_a_jurisdiction_moves_its_places() -> None:
    table = DEFAULT_TABLE.with_changes({"jurisdictions": {"eu": ["IE"]}})
    assert [place.name for place in table.within("eu")] == ["eu-west-1"]


def test_a_place_that_was_changed_by_hand_keeps_its_own_jurisdictions() -> None:
    once = DEFAULT_TABLE.with_changes({"places": {"aws": {"eu-west-1": {"jurisdictions": []}}}})
    assert once.with_changes({"jurisdictions": {"eu": ["IE"]}}).get(Cloud.AWS, "eu-west-1").jurisdictions == frozenset()


@pytest.mark.parametrize(
    ("changes", "path", "allowed"),
    [
        ({"place": {}}, "place", "jurisdictions, places"),
        ({"places": []}, "places", "a mapping"),
        ({"places": {"azure": {}}}, "places.azure", "aws, gcp, kubernetes"),
        ({"places": {"aws": {"eu-west-1": {"land": "IE"}}}}, "places.aws.eu-west-1.land", "country, jurisdictions"),
        (
            {"places": {"aws": {"eu-west-1": {"jurisdictions": "eu"}}}},
            "places.aws.eu-west-1.jurisdictions",
            "a list of texts",
        ),
        ({"jurisdictions": {"eu": "DE"}}, "jurisdictions.eu", "a list of texts"),
    ],
)
def test_nonsense_is_refused_by_its_path(changes: dict[str, object], path: str, allowed: str) -> None:
    (problem,) = problems_of(changes)
    assert (problem.path, problem.allowed) == (path, allowed)


@pytest.mark.parametrize("country", [None, "UK", "de", "Germany", 49])
def test_a_new_place_needs_a_country_code(country: object) -> None:
    (problem,) = problems_of({"places": {"kubernetes": {"here": {"country": country}}}})
    assert problem.path == "places.kubernetes.here.country"
    assert "two capital letters" in problem.allowed


@pytest.mark.parametrize("name", ["none", "aws", "EU", "a-b", "1st", "a" * 13, ""])
def test_a_jurisdiction_needs_a_name_that_fits_stacks_and_hosts(name: str) -> None:
    (problem,) = problems_of({"jurisdictions": {name: ["DE"]}})
    assert problem.got == name


@pytest.mark.parametrize("name", ["account", "x-models", "x-front-door", "a" * 25, "-x", "x-", "X"])
def test_a_place_needs_a_name_that_no_stack_name_could_mistake(name: str) -> None:
    (problem,) = problems_of({"places": {"kubernetes": {name: {"country": "DE"}}}})
    assert problem.got == name


def test_a_place_cannot_join_a_jurisdiction_that_does_not_exist() -> None:
    (problem,) = problems_of({"places": {"aws": {"eu-west-1": {"jurisdictions": ["euu"]}}}})
    assert problem.allowed == "au, br, ca, ch, eea, eu, in, jp, kr, sg, uk, us"


def test_all_problems_come_at_once() -> None:
    changes = {"jurisdictions": {"EU": ["Germany"]}, "places": {"azure": {}, "aws": {"eu-west-1": {"land": "IE"}}}}
    assert len(problems_of(changes)) == 4
