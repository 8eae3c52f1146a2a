"""The writer of topics: bytes that Kafka's own libraries write, and a broker that answers in Kafka's protocol.

What is written down here was made by kafka-python 3.0.12 and aws-msk-iam-sasl-signer 1.0.2; the whole was tried against
a broker of Kafka 3.9.1 (2026-11-24): order of keys, partitions, a missing topic, a refused login.
"""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from botocore.credentials import Credentials

from components.stream_worker.worker import kafka_wire as wire
from components.stream_worker.worker.kafka import Kafka, token

# Two records, "a": '{"x":1}' and one without a key: "two", at 1700000000000; the leader's epoch is the broker's to set.
TWO = (
    "00000000000000000000004affffffff02ed2a68020000000000010000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff"
    "000000021c00000002610e7b2278223a317d0012000002010674776f00"
)


def test_a_batch_is_written_as_kafkas_libraries_write_it() -> None:
    assert wire.record_batch([(b"a", b'{"x":1}'), (b"", b"two")], 1_700_000_000_000).hex() == TWO


def test_the_checksum_is_castagnolis() -> None:
    assert wire.crc32c(b"123456789") == 0xE3069283


@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"", 275646681)],
)
def test_equal_keys_meet_whoever_writes_them(key: bytes, hashed: int) -> None:
    assert wire.murmur2(key) == hashed & 0xFFFFFFFF
    assert wire.partition_of(key, 6) == (hashed & 0x7FFFFFFF) % 6


@pytest.mark.parametrize(
    ("number", "written"), [(0, "00"), (-1, "01"), (1, "02"), (63, "7e"), (64, "8001"), (300, "d804")]
)
def test_numbers_take_as_few_bytes_as_they_need(number: int, written: str) -> None:
    assert wire.varint(number).hex() == written


def test_an_identity_is_shown_as_amazons_own_signer_shows_it() -> None:
    shown = token(Credentials("AKID", "secret", "session"), "eu-west-1")
    address = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4)).decode()
    assert address.startswith("https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=")
    assert "%2Feu-west-1%2Fkafka-cluster%2Faws4_request" in address
    assert "X-Amz-Security-Token=session" in address
    assert address.endswith("&User-Agent=homeport")


@dataclass
class Broker:
    """Leads three partitions of the topic `scores`. `errors` are answered to writes, one each, before all is well."""

    port: int = 0
    errors: list[int] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    written: list[tuple[int, int]] = field(default_factory=list)  # partition and number of records

    def answer(self, kind: int, body: bytes) -> bytes:
        match kind:
            case 17:
                return struct.pack(">hi", 0, 1) + wire.text("OAUTHBEARER")
            case 36:
                self.logins.append(body[4:])
                return struct.pack(">hh", 0, -1) + wire.blob(b"") + struct.pack(">q", 0)
            case 3:
                return self._metadata(body)
            case _:
                return self._taken(body)

    def _metadata(self, body: bytes) -> bytes:
        brokers = struct.pack(">iii", 0, 1, 7) + wire.text("127.0.0.1") + struct.pack(">ih", self.port, -1)
        known = b"scores" in body
        topic = struct.pack(">hii", -1, 7, 1) + struct.pack(">h", 0 if known else 3) + wire.text("scores") + b"\0"
        one = [struct.pack(">hiii", 0, n, 7, 0) + struct.pack(">iiiii", 1, 7, 1, 7, 0) for n in range(3)]
        return brokers + topic + struct.pack(">i", 3) + b"".join(one)

    def _taken(self, body: bytes) -> bytes:
        partition, error = struct.unpack_from(">i", body, 24)[0], self.errors.pop(0) if self.errors else 0
        if not error:
            self.written.append((partition, struct.unpack_from(">i", body, 24 + 8 + 57)[0]))
        told = struct.pack(">ih", partition, error) + struct.pack(">qqq", 0, -1, 0)
        return struct.pack(">i", 1) + wire.text("scores") + struct.pack(">i", 1) + told + struct.pack(">i", 0)


@contextmanager
def listening(broker: Broker) -> Iterator[Broker]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker.port = server.getsockname()[1]
        threading.Thread(target=_accept, args=(server, broker), daemon=True).start()
        yield broker


def _accept(server: socket.socket, broker: Broker) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(connection, broker), daemon=True).start()


def _talk(connection: socket.socket, broker: Broker) -> None:
    with connection, connection.makefile("rb") as asked:
        while head := asked.read(4):
            request = asked.read(struct.unpack(">i", head)[0])
            kind, _version, number, name = struct.unpack_from(">hhih", request)
            connection.sendall(wire.blob(struct.pack(">i", number) + broker.answer(kind, request[10 + name :])))


@contextmanager
def topic(broker: Broker, name: str = "scores") -> Iterator[Kafka]:
    opened: list[socket.socket] = []

    def connect(host: str, port: int) -> socket.socket:
        opened.append(socket.create_connection((host, port), timeout=5))
        return opened[-1]

    yield Kafka(f"127.0.0.1:9,127.0.0.1:{broker.port}", name, lambda: "shown", connect)
    for one in opened:
        one.close()


ENTRIES = [(f"key-{number % 5}".encode(), b"{}") for number in range(20)]


def test_each_partition_gets_its_records_in_one_batch_after_a_login() -> None:
    with listening(Broker()) as broker, topic(broker) as kafka:
        assert kafka.put(ENTRIES, lambda: 0) == set()
    assert broker.logins[0] == b"n,,\x01auth=Bearer shown\x01\x01"
    wanted: dict[int, int] = {}
    for key, _ in ENTRIES:
        wanted[wire.partition_of(key, 3)] = wanted.get(wire.partition_of(key, 3), 0) + 1
    assert dict(broker.written) == wanted


def test_what_a_broker_refuses_is_sent_again_while_there_is_time() -> None:
    with listening(Broker(errors=[6])) as broker, topic(broker) as kafka:  # 6: another one leads
        assert kafka.put([(b"a", b"{}")], lambda: 5) == set()
    assert [count for _, count in broker.written] == [1]


def test_what_did_not_arrive_in_time_is_told_and_the_other_partitions_have_theirs() -> None:
    lanes = [wire.partition_of(key, 3) for key, _ in ENTRIES]
    with listening(Broker(errors=[6])) as broker, topic(broker) as kafka:
        assert kafka.put(ENTRIES, lambda: 0) == {place for place, lane in enumerate(lanes) if lane == lanes[0]}


def test_a_batch_that_a_topic_would_not_take_is_divided_in_order() -> None:
    with listening(Broker()) as broker, topic(broker) as kafka:
        assert kafka.put([(b"a", b"x" * 500_000)] * 3, lambda: 0) == set()
    assert [count for _, count in broker.written] == [1, 1, 1]


def test_without_the_topic_nothing_counts_as_written() -> None:
    with listening(Broker()) as broker, topic(broker, "other") as kafka:
        assert kafka.put(ENTRIES, lambda: 0) == set(range(20))
    assert broker.written == []
