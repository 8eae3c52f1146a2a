"""Kafka's requests and answers, as far as a writer needs them. Pure.

Versions are the last before the flexible ones, which Kafka 2.1 to 4 all speak. Source: "Kafka protocol guide" and
"Record batch" of kafka.apache.org (read 2026-11-24).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

PRODUCE, METADATA, SASL_HANDSHAKE, SASL_AUTHENTICATE = (0, 7), (3, 7), (17, 1), (36, 1)
"""Number and version of each request."""

ALL_IN_SYNC = -1
_POLYNOMIAL = 0x82F63B78  # CRC-32C, reflected
_NO_EPOCH, _MAGIC, _NO_PRODUCER = -1, 2, -1


def _table() -> list[int]:
    found: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return found


_TABLE = _table()


def crc32c(raw: bytes) -> int:
    """The Castagnoli checksum, by which Kafka refuses damaged batches."""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def murmur2(raw: bytes) -> int:
    """The hash by which Kafka's own clients choose a partition: equal keys meet, whoever writes them."""
    mask, mixer, rest = 0xFFFFFFFF, 0x5BD1E995, len(raw) % 4
    value = (0x9747B28C ^ len(raw)) & mask
    for (word,) in struct.iter_unpack("<I", raw[: len(raw) - rest]):
        word = (word * mixer) & mask
        word = ((word ^ (word >> 24)) * mixer) & mask
        value = ((value * mixer) & mask) ^ word
    tail = raw[len(raw) - rest :]
    for place in reversed(range(rest)):
        value ^= tail[place] << (8 * place)
    if rest:
        value = (value * mixer) & mask
    value = ((value ^ (value >> 13)) * mixer) & mask
    return value ^ (value >> 15)


def partition_of(key: bytes, partitions: int) -> int:
    """Where a key lies."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def varint(number: int) -> bytes:
    """A signed number in as few bytes as it needs (zigzag)."""
    left = (number << 1) ^ (number >> 63)
    found = bytearray()
    while left > 0x7F:
        found.append((left & 0x7F) | 0x80)
        left >>= 7
    return bytes([*found, left])


def record_batch(entries: Sequence[tuple[bytes, bytes]], now_ms: int) -> bytes:
    """Keys and bodies as one batch, in their order."""
    records = b"".join(_record(place, key, body) for place, (key, body) in enumerate(entries))
    last = len(entries) - 1
    checked = struct.pack(">hiqqqhii", 0, last, now_ms, now_ms, _NO_PRODUCER, _NO_PRODUCER, _NO_PRODUCER, len(entries))
    checked += records
    head = struct.pack(">ibI", _NO_EPOCH, _MAGIC, crc32c(checked))
    return struct.pack(">qi", 0, len(head) + len(checked)) + head + checked


def _record(place: int, key: bytes, body: bytes) -> bytes:
    keyed = varint(len(key)) + key if key else varint(-1)
    inner = b"\0" + varint(0) + varint(place) + keyed + varint(len(body)) + body + varint(0)
    return varint(len(inner)) + inner


def text(value: str) -> bytes:
    """A string with its length."""
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


def blob(value: bytes) -> bytes:
    """Bytes with their length."""
    return struct.pack(">i", len(value)) + value


def request(kind: tuple[int, int], number: int, body: bytes) -> bytes:
    """A whole request; its answer bears the same `number`."""
    return blob(struct.pack(">hhi", *kind, number) + text("homeport") + body)


def metadata(topic: str) -> bytes:
    """Who leads which partition; no topic is made by asking."""
    return struct.pack(">i", 1) + text(topic) + b"\0"


def produce(topic: str, partition: int, batch: bytes, timeout_ms: int) -> bytes:
    """One batch for one partition, answered when all copies that are in step have it."""
    head = struct.pack(">hhi", -1, ALL_IN_SYNC, timeout_ms)
    return head + struct.pack(">i", 1) + text(topic) + struct.pack(">ii", 1, partition) + blob(batch)


@dataclass
class Answer:
    """Reads an answer from its beginning on. Raises struct.error where it is cut short."""

    raw: bytes
    place: int = 0

    def take(self, form: str) -> int:
        """The next number."""
        (found,) = struct.unpack_from(f">{form}", self.raw, self.place)
        self.place += struct.calcsize(f">{form}")
        return int(found)

    def text(self) -> str:
        """The next string; empty for none."""
        length = max(self.take("h"), 0)
        self.place += length
        return self.raw[self.place - length : self.place].decode()

    def blob(self) -> bytes:
        """The next bytes."""
        length = max(self.take("i"), 0)
        self.place += length
        return self.raw[self.place - length : self.place]


@dataclass(frozen=True)
class Leaders:
    """By broker its address, and by partition the broker that leads it."""

    brokers: dict[int, tuple[str, int]]
    partitions: dict[int, int]


def leaders(answer: Answer) -> Leaders:
    """Of the answer to `metadata` for one topic. Raises ValueError if Kafka refuses."""
    answer.take("i")
    brokers: dict[int, tuple[str, int]] = {}
    for _ in range(answer.take("i")):
        node = answer.take("i")
        brokers[node] = (answer.text(), answer.take("i"))
        answer.text()
    answer.text()
    answer.take("i")
    partitions: dict[int, int] = {}
    for _ in range(answer.take("i")):
        error, name, _internal = answer.take("h"), answer.text(), answer.take("b")
        if error:
            raise ValueError(f"topic {name}: Kafka's error {error}")
        for _ in range(answer.take("i")):
            answer.take("h")
            partition, leader, _epoch = answer.take("i"), answer.take("i"), answer.take("i")
            for _ in range(3):  # copies, those in step, those away
                count = answer.take("i")
                answer.place += 4 * count
            partitions[partition] = leader
    return Leaders(brokers, partitions)


def produced(answer: Answer) -> int:
    """Kafka's error of the one partition in the answer to `produce`; 0 for none."""
    answer.take("i")
    answer.text()
    answer.take("i")
    answer.take("i")
    return answer.take("h")
