"""The sections of `stacks/environments/NAME.yaml`: which jurisdictions, which regions in each, where state lives."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.places import Cloud
from stacks.settings.errors import MISSING, Complaint
from stacks.settings.fields import (
    AccountId,
    DomainName,
    JurisdictionName,
    ModelName,
    RegionName,
    SecretsUrl,
    Section,
    StateUrl,
    refuse,
)
from stacks.settings.homes import FILE_STATE


class Home(Section):
    """Where one group of stacks keeps its state."""

    state: Annotated[
        StateUrl,
        Field(
            description="Where state lives: `file` (offline, under .homeport), or an S3 bucket as"
            " `s3://BUCKET?region=REGION`. The region must lie in the jurisdiction."
        ),
    ]
    secrets: Annotated[
        SecretsUrl | None,
        Field(
            description="The key that seals secrets in state, as `awskms://alias/NAME?region=REGION`, in the same"
            " jurisdiction. Needed unless `state` is `file`, whose secrets a passphrase seals."
        ),
    ] = None

    def model_post_init(self, _context: object, /) -> None:
        if self.state == FILE_STATE and self.secrets is not None:
            refuse(Complaint("secrets", self.secrets, "nothing beside `state: file`", "remove it"))
        if self.state != FILE_STATE and self.secrets is None:
            allowed = "awskms://alias/NAME?region=REGION"
            refuse(
                Complaint(
                    "secrets",
                    MISSING,
                    allowed,
                    "add it: state outside a laptop is sealed by a key, not by a passphrase",
                )
            )


class AccountEntry(Home):
    """One account of a cloud; its own stack's state has a home apart from those of the jurisdictions."""

    id: Annotated[AccountId, Field(description="The account's number, in quotes. One account serves one environment.")]


class JurisdictionEntry(Home):
    """One jurisdiction of the environment."""

    regions: Annotated[
        tuple[RegionName, ...],
        Field(min_length=1, description="Regions in it as CLOUD-PLACE, such as aws-eu-west-1."),
    ]


class EnvironmentFile(Section):
    """One environment. The file's name is the environment's."""

    domain: Annotated[
        DomainName,
        Field(description="Models stand below it: MODEL.JURISDICTION.DOMAIN. The account stack owns its DNS zone."),
    ]
    protect_data: Annotated[
        bool,
        Field(description="True: deletion protection on all that holds data; `fleet down` then says what stays."),
    ] = True
    accounts: Annotated[dict[Cloud, AccountEntry], Field(description="The account in each cloud used.")]
    jurisdictions: Annotated[
        dict[JurisdictionName, JurisdictionEntry],
        Field(min_length=1, description="By name, in lower case, such as eu."),
    ]
    models: Annotated[
        tuple[ModelName, ...] | None,
        Field(description="Models of this environment, files of stacks/models. Left out: all of them."),
    ] = None
