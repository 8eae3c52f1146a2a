"""Where the models of a jurisdiction are called, on any cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FrontDoorOutputs:
    """`urls` by model, for example `https://fraud.eu.demo.example.com`; the same whichever region answers."""

    urls: Mapping[str, str]
