"""Batches as Lambda hands them over, from Kinesis and from Kafka, and what it reads as "these failed". Pure.

A record is one row for the model: a JSON array or object. Sources: "Using Lambda to process records from Amazon Kinesis
Data Streams" and "Amazon MSK" in the Lambda guide, and their pages on partial batch responses (read 2026-11-24).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What `json.loads` gives."""


@dataclass(frozen=True)
class Record:
    """`identity` names it for good, on paper and in answers; `lane` is where order is kept; `handle` is Lambda's."""

    identity: str
    lane: str
    handle: Json
    key: bytes
    body: bytes


def read(event: Mapping[str, Json]) -> list[Record]:
    """The records of an event, those of one lane in their order. Raises ValueError for an event of another kind."""
    if isinstance(event.get("Records"), list):
        return [_of_kinesis(one) for one in event["Records"]]
    if isinstance(event.get("records"), dict):
        return [_of_kafka(lane, one) for lane, many in event["records"].items() for one in many]
    raise ValueError(f"the event has neither Records nor records, but {sorted(event)}")


def _of_kinesis(record: Mapping[str, Json]) -> Record:
    inner, shard = record["kinesis"], str(record["eventID"]).partition(":")[0]
    number = str(inner["sequenceNumber"])
    return Record(
        identity=f"{shard}:{number}",
        lane=shard,
        handle=number,
        key=str(inner["partitionKey"]).encode(),
        body=base64.b64decode(inner["data"]),
    )


def _of_kafka(lane: str, record: Mapping[str, Json]) -> Record:
    return Record(
        identity=f"{lane}:{record['offset']}",
        lane=lane,
        handle={"partition": lane, "offset": record["offset"]},
        key=base64.b64decode(record.get("key") or ""),
        body=base64.b64decode(record.get("value") or ""),
    )


def row(body: bytes) -> Json:
    """The row in a record. Raises ValueError, of one line, for what is none."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {str(error) or type(error).__name__}"[:200]) from error
    if not isinstance(found, list | dict):
        raise ValueError(f"a row is an array or an object, got {type(found).__name__}")
    return found  # pyright: ignore[reportUnknownVariableType] - any JSON


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def failures(first_failed: Mapping[str, Record]) -> dict[str, list[dict[str, Json]]]:
    """Lambda's answer: it tries again from the first failed record of each lane on."""
    return {"batchItemFailures": [{"itemIdentifier": record.handle} for record in first_failed.values()]}


def as_text(raw: bytes) -> str:
    """Bytes for a message: as they are if they are text, else in base64 behind `base64:`."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"base64:{binascii.b2a_base64(raw, newline=False).decode('ascii')}"
