"""The section `homeport:account` of an account stack: one account and who may deploy to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.places import Cloud
from stacks.settings.errors import MISSING, Complaint
from stacks.settings.fields import AccountId, GitRef, PlaceName, Repository, Section, refuse

_IDS = "`gh api repos/OWNER/NAME --jq '.owner.id, .id'` tells both."


class GitHub(Section):
    """The repository whose workflows may preview and apply, without any stored key."""

    repository: Annotated[Repository, Field(description="The repository as owner/name.")]
    branch: Annotated[GitRef, Field(description="Only workflows on this branch may apply.")] = "main"
    environment: Annotated[
        GitRef,
        Field(description="Only jobs of this GitHub environment may apply; put its required reviewers there."),
    ]
    owner_id: Annotated[
        int | None,
        Field(
            ge=1,
            description=f"Needed, with repository_id, for a repository made, renamed or moved since July 2026: {_IDS}",
        ),
    ] = None
    repository_id: Annotated[int | None, Field(ge=1, description="See owner_id; both or none.")] = None

    def model_post_init(self, _context: object, /) -> None:
        if (self.owner_id is None) != (self.repository_id is None):
            missing = "owner_id" if self.owner_id is None else "repository_id"
            refuse(Complaint(missing, MISSING, "owner_id and repository_id, both or none", f"add it: {_IDS}"))


class AccountSection(Section):
    """One account of a cloud."""

    cloud: Annotated[Cloud, Field(description="The cloud of the stack's name.")]
    id: Annotated[AccountId, Field(description="The same number as in the environment file.")]
    home: Annotated[
        PlaceName,
        Field(description="Region in which the account's own things are made; it holds no data of models."),
    ]
    cost_tags: Annotated[
        bool,
        Field(
            description="`true`: costs are told apart by Homeport's tags. AWS refuses it until a day after the first "
            "models stack, and in an account whose bill another one pays: docs/costs.md."
        ),
    ] = False
    github: Annotated[
        GitHub | None, Field(description="Left out: nobody deploys from GitHub, no identity is made.")
    ] = None
