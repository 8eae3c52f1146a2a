"""Fills the templates of the tables: the same resource always gets the same identifiers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from components.naming import aws_partition
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.setting import GLOBAL
from tools.offline.protocol.values import Properties, Value, holds_unknown

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class MissingInput(KeyError):
    """A template names an input that was not given."""


class Words(dict[str, Value]):
    """The words of a template.

    `{id}`, `{account}`, `{place}` (empty for global services), `{region}`, `{partition}`, `{dns}`, `{name}` (logical),
    `{input[KEY]}`, `{path}` (of IAM, `/` if not given). Made of a hash of the URN, account and place: `{hex}` (17
    digits), `{hash}` (32), `{uuid}`, `{capitals}` (20), `{digits}` (6), `{ip}` (a documentation address);
    `{hex_SALT}` is another one of the same form.
    """

    def __init__(self, asked: Asked) -> None:
        place = asked.setting.region
        partition = aws_partition(place)
        super().__init__(
            account=asked.setting.account,
            place="" if asked.setting.place == GLOBAL else asked.setting.place,
            region=place,
            partition=partition.name,
            dns=partition.dns_suffix,
            name=asked.name,
            path=asked.inputs.get("path") or "/",
            input=_Inputs(asked.inputs),
        )
        # Without the inputs on purpose: a changed tag must not rename the thing in every golden graph that uses it.
        self._seed = f"{asked.urn}|{asked.setting.account}|{asked.setting.place}|{asked.serial}"

    def __missing__(self, word: str) -> str:
        form, _, salt = word.partition("_")
        digest = hashlib.sha256(f"{self._seed}|{salt}".encode()).hexdigest()
        number = int(digest, 16)
        match form:
            case "hex":
                return "0" + digest[:16]  # every EC2 identifier of today begins with a nought
            case "hash":
                return digest[:32]
            case "uuid":
                return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
            case "capitals":
                return "".join(_CAPITALS[(number >> (5 * index)) % 32] for index in range(20))
            case "digits":
                return f"{number % 1_000_000:06d}"
            case "ip":
                return f"203.0.113.{number % 254 + 1}"
            case _:
                raise KeyError(word)


class _Inputs(dict[str, Value]):
    def __init__(self, inputs: Mapping[str, Value]) -> None:
        super().__init__({key: value for key, value in inputs.items() if not holds_unknown(value)})

    def __missing__(self, key: str) -> str:
        raise MissingInput(key)


def fill(template: Value, words: Words) -> Value:
    """The template with its words, at every depth. Members whose input is missing are left out."""
    if isinstance(template, str):
        return template.format_map(words)
    if isinstance(template, Mapping):
        filled: Properties = {}
        for key, inner in cast("Mapping[str, Value]", template).items():
            try:
                filled[key] = fill(inner, words)
            except MissingInput:
                continue
        return filled
    if isinstance(template, list | tuple):
        return [fill(inner, words) for inner in cast("list[Value]", template)]
    return template
