"""Trust in GitHub: this repository, this branch, this environment, and nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.account.aws_github import GitHubRepository, apply_trust, preview_trust

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
SOURCE = GitHubRepository(repository="octo/homeport", branch="main", environment="prod")
IMMUTABLE = replace(SOURCE, owner_id=12, repository_id=34)


def only_statement(text: str) -> dict[str, Any]:
    [statement] = json.loads(text)["Statement"]
    return statement


def claims(text: str) -> dict[str, Any]:
    [(operator, keys)] = only_statement(text)["Condition"].items()
    assert operator == "StringEquals"
    return {key.removeprefix("token.actions.githubusercontent.com:"): value for key, value in keys.items()}


def test_tokens_of_github_are_exchanged_and_nothing_else() -> None:
    for text in (preview_trust(PROVIDER, SOURCE), apply_trust(PROVIDER, SOURCE)):
        assert only_statement(text)["Principal"] == {"Federated": PROVIDER}
        assert only_statement(text)["Action"] == ["sts:AssumeRoleWithWebIdentity"]


def test_applying_wants_repository_environment_and_branch_at_once() -> None:
    assert claims(apply_trust(PROVIDER, SOURCE)) == {
        "aud": "sts.amazonaws.com",
        "sub": "repo:octo/homeport:environment:prod",
        "repository": "octo/homeport",
        "environment": "prod",
        "ref": "refs/heads/main",
    }


def test_previewing_is_for_pull_requests_and_the_branch() -> None:
    assert claims(preview_trust(PROVIDER, SOURCE)) == {
        "aud": "sts.amazonaws.com",
        "sub": ["repo:octo/homeport:pull_request", "repo:octo/homeport:ref:refs/heads/main"],
        "repository": "octo/homeport",
    }


def test_with_ids_a_later_owner_of_the_name_is_not_trusted() -> None:
    found = claims(apply_trust(PROVIDER, IMMUTABLE))
    assert found["sub"] == "repo:octo@12/homeport@34:environment:prod"
    assert found["repository_id"] == "34"


@pytest.mark.parametrize(
    ("field", "value"),
    [("repository", "octo/*"), ("repository", "octo"), ("branch", "*"), ("environment", "prod:ref"), ("branch", "")],
)
def test_what_would_widen_the_trust_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{field}: got"):
        replace(SOURCE, **{field: value})


def test_one_id_without_the_other_is_refused() -> None:
    with pytest.raises(ValueError, match="both or none"):
        replace(SOURCE, owner_id=12)
