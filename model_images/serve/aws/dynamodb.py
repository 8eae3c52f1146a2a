"""Items of one DynamoDB table by their keys: BatchGetItem, without strong consistency."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from model_images.serve.aws.client import AwsClient, Patience
from model_images.serve.aws.errors import AwsError, Unreachable

# docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
MOST_KEYS = 100
# An expression has 4096 bytes at most: for more attributes whole items are read.
MOST_NAMES = 200
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.2

Attribute = Mapping[str, Any]
"""A value with its type: `{"N": "1.5"}`, `{"S": "text"}`, `{"BOOL": true}`, `{"L": [...]}`."""
Key = tuple[str, str]
"""Type (`S` or `N`) and value of a key, as the table holds it."""


class _Wanted(msgspec.Struct, rename="pascal"):
    keys: list[dict[str, Attribute]]


class _Answer(msgspec.Struct, rename="pascal"):
    responses: dict[str, list[dict[str, Attribute]]] = {}
    unprocessed_keys: dict[str, _Wanted] = {}


class Table:
    """One table, or its ARN. Any thread may read."""

    def __init__(self, name: str, key: str, names: Iterable[str], environ: Mapping[str, str]) -> None:
        """`key` is the attribute that items are found by, `names` those that are wanted of them."""
        self._name = name
        self._key = key
        self._client = AwsClient("dynamodb", environ)
        wanted = sorted({key, *names})
        aliases = {f"#{place}": wanted_name for place, wanted_name in enumerate(wanted)}
        # By aliases: names of inputs may be words of the query language, or hold a hyphen.
        self._selection: dict[str, Any] = (
            {"ProjectionExpression": ",".join(aliases), "ExpressionAttributeNames": aliases}
            if len(wanted) <= MOST_NAMES
            else {}
        )

    def items(self, keys: Sequence[Key], until: float) -> dict[Key, dict[str, Attribute]]:
        """The items that are there, by key; `keys` are at most MOST_KEYS, each once, all of one type.

        Raises:
            AwsError: also `Unreachable`, if not all keys were looked at by `until` (`time.monotonic`).
        """
        found: dict[Key, dict[str, Attribute]] = {}
        asked = [{self._key: {kind: value}} for kind, value in keys]
        pause_s = _FIRST_PAUSE_S
        while True:
            answer = self._asked(asked, until)
            for items in answer.responses.values():
                for item in items:
                    [(kind, value)] = item[self._key].items()
                    found[kind, value] = item
            asked = [key for wanted in answer.unprocessed_keys.values() for key in wanted.keys]
            if not asked:
                return found
            if time.monotonic() + pause_s >= until:
                raise Unreachable(f"dynamodb: {len(asked)} keys were left in the time that there was")
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _asked(self, keys: list[dict[str, Any]], until: float) -> _Answer:
        wanted = {"Keys": keys, "ConsistentRead": False, **self._selection}
        answer = self._client.call(
            "POST",
            "/",
            headers={
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "DynamoDB_20120810.BatchGetItem",
            },
            body=msgspec.json.encode({"RequestItems": {self._name: wanted}}),
            patience=Patience(until=until),
        )
        try:
            return msgspec.json.decode(answer.body, type=_Answer)
        except msgspec.MsgspecError as error:
            raise AwsError(f"dynamodb: an answer that cannot be read: {error!s:.120}") from error

    def close(self) -> None:
        self._client.close()
