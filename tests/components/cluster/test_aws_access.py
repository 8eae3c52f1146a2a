"""Who may call a cluster."""

from __future__ import annotations

import pytest

from components.cluster.aws_access import AwsAccessArgs, role_name
from tests.components.cluster.parts import ADMIN, VIEWER


def access(*admins: str, viewers: tuple[str, ...] = (), place: str = "eu-west-1") -> AwsAccessArgs:
    return AwsAccessArgs(cluster_name="demo", place=place, admins=admins, viewers=viewers)


def test_a_role_is_named_without_its_path() -> None:
    assert role_name("arn:aws:iam::123456789012:role/ci/deep/apply") == "apply"


def test_a_cluster_that_nobody_could_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="admins: got none"):
        access()


def test_a_user_is_no_role() -> None:
    with pytest.raises(ValueError, match="admins, viewers: got 'arn:aws:iam::123456789012:user/eve'"):
        access(ADMIN, "arn:aws:iam::123456789012:user/eve")


def test_a_role_cannot_be_admin_and_viewer_at_once() -> None:
    with pytest.raises(ValueError, match="got preview twice"):
        access(ADMIN, VIEWER, viewers=(VIEWER,))
