"""What must hold between the fields of an environment file, and between it and the table of places."""

from __future__ import annotations

from collections.abc import Iterator

from components.places import NO_JURISDICTION, Cloud, PlaceTable, UnknownPlace
from stacks.settings.environment_file import EnvironmentFile, Home
from stacks.settings.errors import MISSING, Problem, near
from stacks.settings.homes import FILE_STATE, region_of

SERVED_CLOUDS = (Cloud.AWS,)
_UNKNOWN_PLACE = "correct it, or add it to stacks/places.yaml with its country"
LONGEST_CERTIFICATE_NAME = 64  # characters of a certificate's first name: botocore 1.44.5, RequestCertificate


def check_environment_file(section: EnvironmentFile, places: PlaceTable, file: str, problems: list[Problem]) -> None:
    """Adds a problem for each rule that the environment breaks."""
    found = [
        *_names(section),
        *_state(section),
        *_homes(section, places),
        *_regions(section, places),
        *_models(section),
    ]
    problems.extend(Problem(file, *item) for item in found)


_Found = Iterator[tuple[str, object, str, str]]


def _names(section: EnvironmentFile) -> _Found:
    for jurisdiction in section.jurisdictions:
        host = f"*.{jurisdiction}.{section.domain}"
        if len(host) > LONGEST_CERTIFICATE_NAME:
            allowed = f"a domain of at most {LONGEST_CERTIFICATE_NAME - len(jurisdiction) - 3} characters"
            yield "domain", section.domain, allowed, f"shorten it: AWS issues no certificate for {host}"


def _state(section: EnvironmentFile) -> _Found:
    """Either everything is offline or nothing is: stand-ins must never meet real state."""
    homes = dict(_all_homes(section))
    offline = [path for path, home in homes.items() if home.state == FILE_STATE]
    if offline and len(offline) < len(homes):
        real = ", ".join(path for path in homes if path not in offline)
        for path in offline:
            yield f"{path}.state", FILE_STATE, f"a bucket, as for {real}", "make every state `file`, or none"


def _homes(section: EnvironmentFile, places: PlaceTable) -> _Found:
    for path, home in _all_homes(section):
        for field, url in (("state", home.state), ("secrets", home.secrets)):
            region = region_of(url)
            place = places.find(Cloud.AWS, region) if region else None
            jurisdiction = path.removeprefix("jurisdictions.") if path.startswith("jurisdictions.") else None
            if region and place is None:
                yield (
                    f"{path}.{field}",
                    url,
                    "a region of AWS that the table of places knows",
                    _near_place(region, places),
                )
            elif (
                place and jurisdiction and jurisdiction in places.countries and jurisdiction not in place.jurisdictions
            ):
                allowed = f"a region in {jurisdiction}: {', '.join(_aws_names(places, jurisdiction))}"
                yield (
                    f"{path}.{field}",
                    url,
                    allowed,
                    f"{region} lies in {place.country}; state must not leave its jurisdiction",
                )


def _regions(section: EnvironmentFile, places: PlaceTable) -> _Found:
    seen: dict[str, str] = {}
    for name, jurisdiction in section.jurisdictions.items():
        if name == NO_JURISDICTION or name not in places.countries:
            step = near(name, places.jurisdictions) or "correct it, or define it in stacks/places.yaml"
            yield f"jurisdictions.{name}", name, ", ".join(places.jurisdictions), step
        for index, region in enumerate(jurisdiction.regions):
            path = f"jurisdictions.{name}.regions[{index}]"
            if region in seen:
                yield path, region, "each region once", f"remove it here or from {seen[region]}"
            seen.setdefault(region, path)
            yield from _region(section, places, name, region, path)


def _region(section: EnvironmentFile, places: PlaceTable, jurisdiction: str, region: str, path: str) -> _Found:
    cloud, place_name = Cloud(region.split("-", 1)[0]), region.split("-", 1)[1]
    if cloud not in SERVED_CLOUDS:
        yield path, region, f"not yet: regions of {', '.join(SERVED_CLOUDS)} only", "remove it"
        return
    if cloud not in section.accounts:
        yield f"accounts.{cloud}", MISSING, f"the account for {region}", "add it: {id: ..., state: ...}"
    if jurisdiction not in places.countries:
        return
    here = _aws_names(places, jurisdiction)
    allowed = f"a region in {jurisdiction}: {', '.join(f'{cloud}-{name}' for name in here)}"
    try:
        place = places.get(cloud, place_name)
    except UnknownPlace:
        step = near(place_name, here, prefix=f"{cloud}-") or _UNKNOWN_PLACE
        yield path, region, allowed, step
        return
    if jurisdiction not in place.jurisdictions:
        yield path, region, allowed, f"{place_name} lies in {place.country}; move it to a jurisdiction that holds it"


def _models(section: EnvironmentFile) -> _Found:
    models = section.models or ()
    for index, model in enumerate(models):
        if model in models[:index]:
            yield f"models[{index}]", model, "each model once", "remove one of the two"


def _all_homes(section: EnvironmentFile) -> Iterator[tuple[str, Home]]:
    yield from ((f"accounts.{cloud}", account) for cloud, account in section.accounts.items())
    yield from ((f"jurisdictions.{name}", jurisdiction) for name, jurisdiction in section.jurisdictions.items())


def _aws_names(places: PlaceTable, jurisdiction: str) -> list[str]:
    return [place.name for place in places.within(jurisdiction) if place.cloud is Cloud.AWS]


def _near_place(region: str, places: PlaceTable) -> str:
    names = [name for cloud, name in places.places if cloud is Cloud.AWS]
    return near(region, names) or _UNKNOWN_PLACE
