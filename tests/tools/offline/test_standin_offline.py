"""The stand-ins start in offline environments only: they can never touch real state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.offline.standin.offline import NotOffline, store_path

RIGHT = {
    "HOMEPORT_OFFLINE": "1",
    "PULUMI_BACKEND_URL": "file:///project/.homeport/demo/state/eu",
    "HOMEPORT_CLOUD": "/project/.homeport/demo/cloud.sqlite",
}


def test_an_offline_environment_has_its_store() -> None:
    assert store_path(RIGHT) == Path("/project/.homeport/demo/cloud.sqlite")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOMEPORT_OFFLINE", ""),
        ("HOMEPORT_OFFLINE", "true"),
        ("PULUMI_BACKEND_URL", ""),
        ("PULUMI_BACKEND_URL", "s3://state/.homeport/x"),
        ("PULUMI_BACKEND_URL", "https://app.pulumi.com"),
        ("PULUMI_BACKEND_URL", "file:///home/me/state"),
        ("PULUMI_BACKEND_URL", "file:///project/.homeport/../state"),
        ("PULUMI_BACKEND_URL", "file:///project/my.homeport/state"),
        ("HOMEPORT_CLOUD", ""),
        ("HOMEPORT_CLOUD", "/tmp/cloud.sqlite"),
    ],
)
def test_anything_else_is_refused_with_the_next_step(name: str, value: str) -> None:
    with pytest.raises(NotOffline, match=rf"{name}.*make -s env STACK"):
        store_path({**RIGHT, name: value})
