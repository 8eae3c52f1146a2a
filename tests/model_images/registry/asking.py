"""A repository of a test's registry, with little patience."""

from __future__ import annotations

from model_images.registry.reference import parse_reference
from model_images.registry.repository import Repository
from model_images.registry.transport import Patience, Transport

SOON = Patience(attempts=4, first_wait_s=0.001, longest_wait_s=0.002, longest_told_s=0.01)


def repository(host: str, name: str = "models/fraud") -> Repository:
    return Repository(parse_reference(f"{host}/{name}"), Transport(host, SOON))
