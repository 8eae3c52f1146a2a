"""Judges one resource: does everything it names as its place lie in the jurisdiction of its stack? Pure.

The effective place is the resource's own region, location or zone; else its provider's; for the few types that ignore
their provider, the service's own default. A Kubernetes object lies where its cluster does. No place, an unknown place
and a place that is not known yet are all refused: nothing passes because it could not be judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.places import NO_JURISDICTION, Cloud, PlaceTable
from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Provider, Resource, Unknown, Value, value_at
from policies.residency.detectors import Mention, mentions
from policies.residency.exceptions import DATA_FREE, IGNORES_PROVIDER, LEADS_TRAFFIC, OwnDefault
from policies.residency.locations import Location, read_cluster, read_location

_PROVIDER = "pulumi:providers:"
_CLOUDS = {
    "aws": Cloud.AWS,
    "aws-native": Cloud.AWS,
    "gcp": Cloud.GCP,
    "google-native": Cloud.GCP,
    "kubernetes": Cloud.KUBERNETES,
}
# Clouds without a table of places: whatever comes of them is refused, also where the state has lost its provider.
_OTHER_CLOUDS = frozenset({"alicloud", "azure", "azure-native", "azuread", "digitalocean", "hcloud", "linode", "oci"})
# What they make is kept in the stack's state only, which has a home of its own inside the jurisdiction.
_IN_STATE_ONLY = frozenset({"null", "random", "std", "time", "tls"})
_KUBERNETES_COMPONENTS = frozenset(
    {
        "kubernetes:helm.sh/v2:Chart",
        "kubernetes:helm.sh/v3:Chart",
        "kubernetes:helm.sh/v4:Chart",
        "kubernetes:kustomize/v2:Directory",
        "kubernetes:kustomize:Directory",
        "kubernetes:yaml/v2:ConfigFile",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:yaml:ConfigFile",
        "kubernetes:yaml:ConfigGroup",
    }
)
_BASE_FIELDS = {
    Cloud.AWS: ("region",),
    Cloud.GCP: ("region", "location", "zone", "locationId"),
    None: ("region", "location", "zone"),
}
_PROVIDER_FIELDS = {Cloud.AWS: ("region",), Cloud.GCP: ("region", "zone")}
_MOVE = "give it a place of its jurisdiction, or declare it in a stack of the other one"
_CLUSTER_FORMS = (
    "the cluster's ARN (EKS), its path projects/P/locations/L/clusters/C (GKE), "
    "or homeport/PLACE with PLACE a region or a cluster named in stacks/places.yaml"
)


def is_exempt(resource: Resource) -> bool:
    """True for what is no cloud resource: the engine's own types, components, and what lives in the state only."""
    if resource.type.startswith(_PROVIDER):
        return False
    package = resource.type.partition(":")[0]
    if package == "pulumi" or package in _IN_STATE_ONLY:
        return True
    # A component has no provider of its own; every resource of a provider has one.
    is_cloud = package in _CLOUDS or package in _OTHER_CLOUDS
    return resource.provider is None and (not is_cloud or resource.type in _KUBERNETES_COMPONENTS)


def judge(resource: Resource, jurisdiction: str, table: PlaceTable) -> tuple[Finding, ...]:
    """All that is wrong with the place of `resource`, for a jurisdiction of the table or `none`."""
    if is_exempt(resource):
        return ()
    return tuple(dict.fromkeys(_Judge(jurisdiction, table).resource(resource)))


class _Judge:
    """One judgement: the jurisdiction and the table that every step needs."""

    def __init__(self, jurisdiction: str, table: PlaceTable) -> None:
        self.jurisdiction, self.table = jurisdiction, table

    def resource(self, resource: Resource) -> Iterator[Finding]:
        if resource.type.startswith(_PROVIDER):
            if self.jurisdiction != NO_JURISDICTION:
                itself = Provider(type=resource.type, name=resource.name, inputs=resource.inputs)
                yield from self.provider(itself, "")
        elif resource.type in DATA_FREE:
            if self.jurisdiction != NO_JURISDICTION and resource.type in LEADS_TRAFFIC:
                yield from self.mentioned(resource, Cloud.AWS)
        elif self.jurisdiction == NO_JURISDICTION:
            yield Finding(
                path="type",
                got=resource.type,
                allowed="only types listed as holding no data, as the stack's jurisdiction is none",
                fix="declare it in a stack of a jurisdiction; the list is policies/residency/exceptions.py",
            )
        else:
            yield from self.placed(resource, _CLOUDS.get(resource.type.partition(":")[0]))

    def placed(self, resource: Resource, cloud: Cloud | None) -> Iterator[Finding]:
        """A resource that must prove its place: all it mentions, and where it stands."""
        yield from self.mentioned(resource, cloud)
        own_default = IGNORES_PROVIDER.get(resource.type)
        if own_default:
            yield from self.own_default(resource, own_default)
            if cloud is Cloud.GCP:
                return
        has_own = any(_given(resource.inputs.get(key)) for key in _BASE_FIELDS.get(cloud, ()))
        if not has_own and not (cloud is Cloud.AWS and self.stands_in_a_zone(resource)):
            if resource.provider is None:
                yield self.nowhere(
                    "it names no region and has no provider", "give it an explicit provider with a region"
                )
            else:
                yield from self.provider(resource.provider, f"provider {resource.provider.name}: ")

    def stands_in_a_zone(self, resource: Resource) -> bool:
        """An AWS resource without any provider: its zone, which was judged already, is its place."""
        return resource.provider is None and _given(resource.inputs.get("availabilityZone"))

    def mentioned(self, resource: Resource, cloud: Cloud | None) -> Iterator[Finding]:
        service = _service(resource)
        for mention in mentions(resource.inputs, cloud, service):
            yield from self.mention(mention, service if mention.service is None else mention.service)

    def mention(self, mention: Mention, service: str) -> Iterator[Finding]:
        if mention.word is None:
            yield self.undecided(mention.path)
        else:
            yield from self.location(
                mention.path, read_location(mention.word, mention.cloud, service, self.table), mention.cloud
            )

    def own_default(self, resource: Resource, default: OwnDefault) -> Iterator[Finding]:
        value: Value = value_at(dict(resource.inputs), *default.field) if default.field else None
        path = ".".join(default.field or ("place",))
        if isinstance(value, Unknown):
            yield self.undecided(path)
        elif _is_blank(value) and default.lands:
            cloud = _CLOUDS.get(resource.type.partition(":")[0])
            location = read_location(default.lands, cloud, _service(resource), self.table)
            why = f"absent: {default.why}" if default.field else default.why
            yield from self.location(f"{path} ({why})", location, cloud)
        elif _is_blank(value) or default.refuses.intersection(_words(value)):
            yield self.nowhere(default.why, f"set {path}" if default.field else _MOVE)

    def provider(self, provider: Provider, prefix: str) -> Iterator[Finding]:
        """The place that a provider gives to what it makes; one of an unknown package gives none."""
        cloud = _CLOUDS.get(provider.type.removeprefix(_PROVIDER))
        if cloud is Cloud.KUBERNETES:
            yield from self.cluster(provider.inputs.get("clusterIdentifier"), f"{prefix}clusterIdentifier")
            return
        fields = _PROVIDER_FIELDS.get(cloud, ()) if cloud else ()
        given = [key for key in fields if _given(provider.inputs.get(key))]
        for key in given:
            value = provider.inputs[key]
            word = value if isinstance(value, str) else None
            yield from self.mention(Mention(path=f"{prefix}{key}", word=word, cloud=cloud), "")
        if not given and (cloud or prefix):
            yield self.nowhere(
                f"{prefix}no region is set", "set the provider's region in the program, never by the environment"
            )

    def cluster(self, identifier: Value, path: str) -> Iterator[Finding]:
        if isinstance(identifier, Unknown):
            yield self.undecided(path)
        elif not isinstance(identifier, str) or not identifier.strip():
            yield self.nowhere(f"{path} is not set", f"set it to {_CLUSTER_FORMS}")
        elif location := read_cluster(identifier, self.table):
            cloud = location.places[0].cloud if location.places else None
            yield from self.location(path, location, cloud)
        else:
            yield Finding(
                path=path,
                got="a text of another form",
                allowed=_CLUSTER_FORMS,
                fix="a cluster's place must be readable",
            )

    def location(self, path: str, location: Location, cloud: Cloud | None) -> Iterator[Finding]:
        if not location.places:
            fix = "if it is a real place, give its country in stacks/places.yaml"
            yield Finding(path=path, got=f"unknown region {location.word}", allowed=self.allowed(cloud), fix=fix)
        elif not all(self.jurisdiction in place.jurisdictions for place in location.places):
            countries = ", ".join(sorted({place.country for place in location.places}))
            yield Finding(path=path, got=f"{location.word} ({countries})", allowed=self.allowed(cloud), fix=_MOVE)

    def undecided(self, path: str) -> Finding:
        fix = "give the place as plain text: a preview must know it"
        return Finding(path=path, got=NOT_KNOWN_YET, allowed=self.allowed(None), fix=fix, undecided=True)

    def nowhere(self, why: str, fix: str) -> Finding:
        return Finding(path="place", got=f"no place ({why})", allowed=self.allowed(None), fix=fix)

    def allowed(self, cloud: Cloud | None) -> str:
        """The places of the jurisdiction, by name where the cloud is known."""
        if cloud is None:
            return f"a place of {self.jurisdiction}"
        names = ", ".join(place.name for place in self.table.within(self.jurisdiction) if place.cloud is cloud)
        return f"places of {self.jurisdiction}: {names or 'none of this cloud'}"


def _given(value: Value) -> bool:
    """True for a place that is said, even if its value is not known yet; an empty text says nothing."""
    return isinstance(value, Unknown) or (isinstance(value, str) and bool(value.strip()))


def _service(resource: Resource) -> str:
    """`storage` of `gcp:storage/bucket:Bucket`: whose words its locations are."""
    return resource.type.partition(":")[2].partition("/")[0]


def _is_blank(value: Value) -> bool:
    """True for nothing, and for a list of nothing but empty texts."""
    items = value if isinstance(value, list) else [value]
    return not any(item.strip() if isinstance(item, str) else item for item in items)


def _words(value: Value) -> list[str]:
    """The texts of a field that may hold one or a list of them."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
