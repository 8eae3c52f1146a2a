"""Which workflow runs of GitHub may take a role: trust policies over the claims of GitHub's tokens.

Since 2026-01 AWS tests `repository`, `repository_id`, `ref` and `environment` beside `sub` (before, only `sub`, which
names the environment or the branch but never both). Repositories made, renamed or moved since July 2026 bear their
ids in `sub` (`repo:owner@1/name@2:...`), which a later owner of the same name does not share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.aws_policies import Statement, document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"

_FORMS = {
    "repository": r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+",
    "branch": r"[A-Za-z0-9._/-]+",
    "environment": r"[A-Za-z0-9._-]+",
}


@dataclass(frozen=True, kw_only=True)
class GitHubRepository:
    """The one repository, its deployed branch and the GitHub environment that guards applying.

    Ids: both or none; `gh api repos/OWNER/NAME --jq '.owner.id, .id'` tells them. None: `sub` in its older form.
    """

    repository: str  # owner/name
    branch: str
    environment: str
    owner_id: int | None = None
    repository_id: int | None = None

    def __post_init__(self) -> None:
        for field, form in _FORMS.items():
            value = str(getattr(self, field))
            if not re.fullmatch(form, value):  # a `*` or `:` here would widen whom the role trusts
                raise ValueError(f"{field}: got {value!r}; allowed: {form}")
        if (self.owner_id is None) != (self.repository_id is None):
            raise ValueError("owner_id, repository_id: got one of them; allowed: both or none")

    @property
    def subject(self) -> str:
        """The part of `sub` that names the repository."""
        if self.owner_id is None:
            return f"repo:{self.repository}"
        owner, name = self.repository.split("/")
        return f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}"


def preview_trust(provider_arn: str, source: GitHubRepository) -> str:
    """Pull requests of the repository, and its branch. A fork's pull request gets no token from GitHub."""
    subjects = (f"{source.subject}:pull_request", f"{source.subject}:ref:refs/heads/{source.branch}")
    return _trust(provider_arn, source, {"sub": subjects})


def apply_trust(provider_arn: str, source: GitHubRepository) -> str:
    """Jobs that passed the environment's protection rules, and run the branch itself."""
    return _trust(
        provider_arn,
        source,
        {
            "sub": f"{source.subject}:environment:{source.environment}",
            "environment": source.environment,
            "ref": f"refs/heads/{source.branch}",
        },
    )


def _trust(provider_arn: str, source: GitHubRepository, claims: dict[str, str | tuple[str, ...]]) -> str:
    claims = {"aud": AUDIENCE, "repository": source.repository, **claims}
    if source.repository_id is not None:
        claims["repository_id"] = str(source.repository_id)
    return document(
        Statement(
            sid="AssumeFromGitHub",
            actions=("sts:AssumeRoleWithWebIdentity",),
            principal={"Federated": provider_arn},
            conditions={"StringEquals": {f"{ISSUER}:{claim}": value for claim, value in claims.items()}},
        )
    )
