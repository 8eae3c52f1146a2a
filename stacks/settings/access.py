"""The section `access` of a model file: who may call a model from outside, and how often."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.errors import Complaint
from stacks.settings.fields import CallerCidr, FileName, ModelName, Section, Text, refuse


class Jwt(Section):
    """Signed tokens of an issuer (OAuth 2.0, OpenID Connect)."""

    issuer: Annotated[
        Text,
        Field(
            pattern=r"^https://[^\s?#]+$",
            description="The issuer's URL, as it stands in its tokens; its keys are found from there.",
        ),
    ]
    audience: Annotated[Text, Field(description="The audience that a token must name.")]


class Rate(Section):
    """How often a caller may call."""

    per_second: Annotated[int, Field(ge=1, le=10000, description="Calls a second, sustained.")]
    burst: Annotated[int, Field(ge=1, le=5000, description="Calls at once.")]


class MutualTls(Section):
    """Callers show a certificate of their own."""

    authorities: Annotated[
        FileName,
        Field(description="PEM file beside the model file: the authorities whose certificates are taken."),
    ]


class Access(Section):
    """Who may call the model from outside its cluster."""

    networks: Annotated[
        tuple[CallerCidr, ...],
        Field(
            description="Ranges that may call the model's public name. Left out: any, if keys, tokens or certificates "
            "are asked for; else only callers inside the cluster."
        ),
    ] = ()
    api_keys: Annotated[bool, Field(description="Whether a caller needs a key.")] = False
    callers: Annotated[
        tuple[ModelName, ...],
        Field(
            min_length=1, description="Who gets a key each; the keys stand in homeport:callers of the models stacks."
        ),
    ] = ("default",)
    jwt: Annotated[Jwt | None, Field(description="Whose tokens are taken.")] = None
    mutual_tls: Annotated[MutualTls | None, Field(description="Whose certificates are taken.")] = None
    rate: Annotated[
        Rate | None, Field(description="How often each key may call; without keys, all callers together.")
    ] = None
    quota_per_day: Annotated[int | None, Field(ge=1, description="Calls of each key a day.")] = None
    request_schema: Annotated[
        FileName | None,
        Field(
            description="JSON Schema (draft 4) beside the model file, by which the API refuses requests before they "
            "reach the model: `python -m model_images schema FOLDER` prints it."
        ),
    ] = None

    @property
    def asks_for_an_api(self) -> bool:
        """Whether something is asked that only an API in front of the model gives."""
        parts = (self.api_keys, self.jwt, self.mutual_tls, self.rate, self.quota_per_day, self.request_schema)
        return any(part not in (None, False) for part in parts)

    @property
    def from_outside(self) -> bool:
        """Whether anybody outside the cluster may call."""
        return bool(self.networks) or self.api_keys or self.jwt is not None or self.mutual_tls is not None

    def by_api(self, target: str) -> bool:
        """Whether callers from outside come through an API: always, but for networks in front of Kubernetes."""
        return self.asks_for_an_api or (target != "kubernetes" and self.from_outside)

    def model_post_init(self, _context: object, /) -> None:
        complaints: list[Complaint] = []
        if self.asks_for_an_api and not self.from_outside:
            allowed = "who may call: networks, api_keys, jwt or mutual_tls"
            complaints.append(Complaint("networks", [], allowed, "name one of them, or remove the other parts"))
        for index, caller in enumerate(self.callers):
            if caller in self.callers[:index]:
                complaints.append(Complaint(f"callers[{index}]", caller, "each caller once", "remove it"))
        if "callers" in self.model_fields_set and not self.api_keys:
            complaints.append(Complaint("callers", list(self.callers), "callers with api_keys: true", "add it"))
        if self.quota_per_day and not self.api_keys:
            allowed = "a quota with api_keys: true, since calls are counted by key"
            complaints.append(Complaint("quota_per_day", self.quota_per_day, allowed, "add it, or remove the quota"))
        if complaints:
            refuse(*complaints)
