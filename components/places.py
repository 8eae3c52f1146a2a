"""Where the clouds' places lie, and which jurisdictions hold them: derived from the literal table in `regions.py`.

The table states a user's policy; it promises no legal compliance. Three rules make it safe to derive from:

- a jurisdiction is a set of countries, never a prefix of a region's name (`eu-west-2` is London);
- what the table does not name is outside every jurisdiction, and is called unknown, not foreign;
- a user tightens or extends it in `stacks/places.yaml`, which reaches this module as a plain mapping (`with_changes`).

Standard library only: the program, the policy pack and the tools all read these facts.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from components.regions import AWS, COUNTRIES, GCP, JURISDICTIONS

NO_JURISDICTION = "none"
"""The word for "may lie anywhere, holds no data"; never the name of a jurisdiction."""


class Cloud(StrEnum):
    """Who runs a place. `kubernetes` is a cluster given by a kubeconfig; its places are all the user's own."""

    AWS = "aws"
    GCP = "gcp"
    KUBERNETES = "kubernetes"


# Both become parts of stack names, host names and labels (63 characters for the longest: docs of Kubernetes labels).
_JURISDICTION_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_PLACE_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One region of a cloud, or one cluster of the user's own: its country, and the jurisdictions it counts to."""

    cloud: Cloud
    name: str
    country: str
    jurisdictions: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PlacesProblem:
    """One thing wrong in a user's changes: the path of the field, the value got, and what is allowed."""

    path: str
    got: object
    allowed: str


class InvalidPlaces(ValueError):
    """A user's changes to the table make no sense; carries every problem found."""

    def __init__(self, problems: tuple[PlacesProblem, ...]) -> None:
        self.problems = problems
        text = "; ".join(f"{item.path}: got {item.got!r}; allowed: {item.allowed}" for item in problems)
        super().__init__(text)


class UnknownPlace(LookupError):
    """No such place in the table; `near` holds the names that it may have meant."""

    def __init__(self, cloud: Cloud, name: str, near: tuple[str, ...]) -> None:
        self.cloud, self.name, self.near = cloud, name, near
        hint = f"; near matches: {', '.join(near)}" if near else ""
        super().__init__(f"unknown place {name!r} of cloud {cloud}{hint}")


@dataclass(frozen=True)
class PlaceTable:
    """Places by cloud and name, and jurisdictions as sets of countries. Immutable; `with_changes` gives a new one."""

    places: Mapping[tuple[Cloud, str], Place]
    countries: Mapping[str, frozenset[str]]

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Names of all jurisdictions, sorted."""
        return tuple(sorted(self.countries))

    def find(self, cloud: Cloud, name: str) -> Place | None:
        return self.places.get((cloud, name))

    def get(self, cloud: Cloud, name: str) -> Place:
        """The place of that name; raises UnknownPlace with near matches."""
        place = self.find(cloud, name)
        if place is None:
            names = sorted(known for known_cloud, known in self.places if known_cloud is cloud)
            raise UnknownPlace(cloud, name, tuple(difflib.get_close_matches(name, names, n=3)))
        return place

    def within(self, jurisdiction: str) -> tuple[Place, ...]:
        """All places of a jurisdiction, sorted by cloud and name; none for a name that is no jurisdiction."""
        inside = (place for place in self.places.values() if jurisdiction in place.jurisdictions)
        return tuple(sorted(inside, key=lambda place: (place.cloud, place.name)))

    def with_changes(self, changes: Mapping[str, object]) -> PlaceTable:
        """The table after a user's changes (`stacks/places.yaml`, parsed); raises InvalidPlaces with every problem.

        `jurisdictions: {nordics: [DK, FI, SE]}` adds or redefines a set of countries. `places: {aws: {eu-west-2:
        {jurisdictions: []}}}` changes a row; a new row needs its `country`; a row's own `jurisdictions` beats the
        country's.
        """
        return _apply(self, changes)


def _table(countries: Mapping[str, frozenset[str]], rows: Mapping[Cloud, Mapping[str, str]]) -> PlaceTable:
    places = (
        Place(cloud=cloud, name=name, country=country, jurisdictions=_holding(countries, country))
        for cloud, by_country in rows.items()
        for country, names in by_country.items()
        for name in names.split()
    )
    return PlaceTable({(place.cloud, place.name): place for place in places}, dict(countries))


def _holding(countries: Mapping[str, frozenset[str]], country: str) -> frozenset[str]:
    return frozenset(name for name, members in countries.items() if country in members)


def _apply(table: PlaceTable, changes: Mapping[str, object]) -> PlaceTable:
    problems = [
        PlacesProblem(path=str(key), got=value, allowed="jurisdictions, places")
        for key, value in changes.items()
        if key not in ("jurisdictions", "places")
    ]
    added = _read_jurisdictions(changes.get("jurisdictions", {}), problems)
    countries = {**table.countries, **added}
    places = {key: _recount(place, table.countries, added, countries) for key, place in table.places.items()}
    for cloud, rows in _mapping(changes.get("places", {}), "places", problems).items():
        if cloud not in tuple(Cloud):
            problems.append(PlacesProblem(path=f"places.{cloud}", got=cloud, allowed=", ".join(Cloud)))
            continue
        for name, row in _mapping(rows, f"places.{cloud}", problems).items():
            place = _read_place(Cloud(cloud), name, row, places, countries, problems)
            if place is not None:
                places[(place.cloud, place.name)] = place
    if problems:
        raise InvalidPlaces(tuple(problems))
    return PlaceTable(places, countries)


def _recount(
    place: Place,
    before: Mapping[str, frozenset[str]],
    added: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
) -> Place:
    """The place under new sets of countries; what an earlier change said of this row alone is kept."""
    own = place.jurisdictions != _holding(before, place.country)
    if own or not added:
        return place
    return Place(
        cloud=place.cloud, name=place.name, country=place.country, jurisdictions=_holding(after, place.country)
    )


def _read_jurisdictions(value: object, problems: list[PlacesProblem]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, members in _mapping(value, "jurisdictions", problems).items():
        path = f"jurisdictions.{name}"
        if name in (NO_JURISDICTION, *Cloud) or not _JURISDICTION_NAME.fullmatch(name):
            allowed = "a name of 1 to 12 lower-case letters and digits, but none, aws, gcp or kubernetes"
            problems.append(PlacesProblem(path=path, got=name, allowed=allowed))
        countries = _texts(members, path, problems)
        for index, country in enumerate(countries):
            _check_country(country, f"{path}[{index}]", problems)
        found[name] = frozenset(countries)
    return found


def _read_place(
    cloud: Cloud,
    name: str,
    row: object,
    places: Mapping[tuple[Cloud, str], Place],
    countries: Mapping[str, frozenset[str]],
    problems: list[PlacesProblem],
) -> Place | None:
    path = f"places.{cloud}.{name}"
    before = len(problems)
    fields = _mapping(row, path, problems)
    problems.extend(
        PlacesProblem(path=f"{path}.{key}", got=fields[key], allowed="country, jurisdictions")
        for key in fields
        if key not in ("country", "jurisdictions")
    )
    if not _PLACE_NAME.fullmatch(name) or name == "account" or name.endswith(("-models", "-front-door")):
        allowed = "1 to 24 lower-case letters, digits and dashes; not account, *-models or *-front-door"
        problems.append(PlacesProblem(path=path, got=name, allowed=allowed))
    known = places.get((cloud, name))
    country = fields.get("country", known.country if known else None)
    _check_country(country, f"{path}.country", problems)
    own = _texts(fields["jurisdictions"], f"{path}.jurisdictions", problems) if "jurisdictions" in fields else None
    problems.extend(
        PlacesProblem(path=f"{path}.jurisdictions", got=item, allowed=", ".join(sorted(countries)))
        for item in own or ()
        if item not in countries
    )
    if len(problems) > before:
        return None
    held = _holding(countries, str(country)) if own is None else frozenset(own)
    return Place(cloud=cloud, name=name, country=str(country), jurisdictions=held)


def _check_country(value: object, path: str, problems: list[PlacesProblem]) -> None:
    if value not in COUNTRIES:
        allowed = "a country code of ISO 3166-1, two capital letters such as DE (the United Kingdom is GB)"
        problems.append(PlacesProblem(path=path, got=value, allowed=allowed))


def _mapping(value: object, path: str, problems: list[PlacesProblem]) -> dict[str, object]:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in cast("Mapping[object, object]", value).items()}
    problems.append(PlacesProblem(path=path, got=value, allowed="a mapping"))
    return {}


def _texts(value: object, path: str, problems: list[PlacesProblem]) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items):
        return texts
    problems.append(PlacesProblem(path=path, got=cast("object", value), allowed="a list of texts"))
    return []


DEFAULT_TABLE = _table(JURISDICTIONS, {Cloud.AWS: AWS, Cloud.GCP: GCP})
