"""Where predictions and dead letters go. Whoever calls is told what did not arrive, and decides what follows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

Entry = tuple[bytes, bytes]
"""Key and body."""

MOST_RECORDS = 500
MOST_BYTES = 4 * 1024 * 1024  # below the 5 MiB that PutRecords has always taken
MOST_LETTER_BYTES = 200_000  # below the 256 KiB that every SQS queue takes
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0


class OutputError(Exception):
    """Not sent; the text is one line."""


class Output(Protocol):
    """Takes entries in order."""

    def put(self, entries: Sequence[Entry], seconds_left: Callable[[], float]) -> set[int]:
        """The places of those that did not arrive in time; of one key never a later one without the earlier."""
        ...


class Kinesis:
    """A stream. PutRecords keeps no order, so of each key at most one record is under way at a time."""

    def __init__(self, client: Any, stream_arn: str) -> None:
        self._client, self._stream = client, stream_arn

    def put(self, entries: Sequence[Entry], seconds_left: Callable[[], float]) -> set[int]:
        stuck: set[bytes] = set()  # keys of which one did not arrive: none behind it is sent
        missing: set[int] = set()
        for wave in waves(entries):
            behind = {place for place in wave if entries[place][0] in stuck}
            missing |= behind
            for part in _parts([place for place in wave if place not in behind], entries):
                lost = self._until_taken(part, entries, seconds_left)
                missing |= set(lost)
                stuck |= {entries[place][0] for place in lost}
        return missing

    def _until_taken(self, places: list[int], entries: Sequence[Entry], seconds_left: Callable[[], float]) -> list[int]:
        """Sends again what the stream refused, with pauses, for as long as there is time; then gives what is left."""
        wait_s = _FIRST_WAIT_S
        while places := self._once(places, entries):
            if seconds_left() < wait_s:
                break
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        return places

    def _once(self, places: list[int], entries: Sequence[Entry]) -> list[int]:
        records = [
            {"Data": entries[place][1], "PartitionKey": entries[place][0].decode("utf-8", "backslashreplace")[:256]}
            for place in places
        ]
        try:
            answer = self._client.put_records(StreamARN=self._stream, Records=records)
        except (ClientError, BotoCoreError):
            return places
        return [place for place, told in zip(places, answer["Records"], strict=True) if told.get("ErrorCode")]


class DeadLetters:
    """A queue of what nobody could take, each with its place in the stream, and its body where it fits."""

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url

    def send(self, letters: Sequence[dict[str, str]]) -> None:
        """All of them, or OutputError: who asks again sends some twice, and none never."""
        for letter in letters:
            try:
                self._client.send_message(QueueUrl=self._url, MessageBody=_fitting(letter))
            except (ClientError, BotoCoreError) as error:
                raise OutputError(" ".join(str(error).split())[:300]) from error


def _fitting(letter: dict[str, str]) -> str:
    whole = json.dumps(letter, sort_keys=True)
    if len(whole.encode()) <= MOST_LETTER_BYTES:
        return whole
    return json.dumps({**letter, "body": "", "left_out": "body: too long; it stands in the stream"}, sort_keys=True)


def waves(entries: Sequence[Entry]) -> list[list[int]]:
    """Places in `entries`, so divided that no key stands twice in a wave and each key keeps its order."""
    found: list[list[int]] = []
    seen: dict[bytes, int] = {}
    for place, (key, _) in enumerate(entries):
        number = seen.get(key, 0)
        seen[key] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(place)
    return found


def _parts(places: Sequence[int], entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Runs of places that one call of PutRecords takes."""
    part: list[int] = []
    size = 0
    for place in places:
        more = len(entries[place][0]) + len(entries[place][1])
        if part and (len(part) == MOST_RECORDS or size + more > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(place)
        size += more
    if part:
        yield part
