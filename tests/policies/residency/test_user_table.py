"""stacks/places.yaml: read as YAML 1.2, its changes taken, nonsense refused with the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.places import DEFAULT_TABLE, Cloud
from policies.residency.user_table import UnreadablePlaces, load_table


def project(folder: Path, text: str) -> Path:
    (folder / "stacks").mkdir()
    (folder / "stacks/places.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_the_facts_stand_alone(tmp_path: Path) -> None:
    assert load_table(tmp_path) is DEFAULT_TABLE


def test_a_file_of_comments_changes_nothing(tmp_path: Path) -> None:
    assert load_table(project(tmp_path, "# nothing yet\n")) is DEFAULT_TABLE


def test_a_clusters_place_is_added_and_norway_is_no_boolean(tmp_path: Path) -> None:
    table = load_table(project(tmp_path, "places: {kubernetes: {cellar: {country: NO}}}\n"))
    place = table.find(Cloud.KUBERNETES, "cellar")
    assert place
    assert (place.country, place.jurisdictions) == ("NO", frozenset({"eea"}))


def test_a_place_may_be_taken_out_of_its_jurisdiction(tmp_path: Path) -> None:
    table = load_table(project(tmp_path, "places: {aws: {eu-west-3: {jurisdictions: []}}}\n"))
    assert "eu-west-3" not in [place.name for place in table.within("eu")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "places: {aws: {eu-west-1: {country: Ireland}}}",
            "stacks/places.yaml: places.aws.eu-west-1.country: got 'Ireland'",
        ),
        ("- a", "stacks/places.yaml: got list; allowed: a mapping of jurisdictions and places"),
        ("places: {", "stacks/places.yaml: cannot be read"),
        ("jurisdictions: {eu: [DE]}\njurisdictions: {eu: [US]}", "the key 'jurisdictions' stands twice"),
        ("places: !!python/object/apply:os.getcwd []", "stacks/places.yaml: cannot be read"),
    ],
)
def test_nonsense_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnreadablePlaces) as error:
        load_table(project(tmp_path, text))
    assert message in str(error.value)
