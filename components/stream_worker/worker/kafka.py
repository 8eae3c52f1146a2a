"""A topic of Amazon MSK as output: TLS, IAM, one batch under way for each partition, so that no key loses its order.

boto3 has no writer for Kafka, and Lambda no library of it: what is written here is the smallest that keeps the worker's
promise. Batches are acknowledged by all copies in step. One whose answer is lost is sent again: doubles have one id.
"""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from components.stream_worker.worker import kafka_wire as wire
from components.stream_worker.worker.outputs import Entry

Connect = Callable[[str, int], socket.socket]
_TOKEN_S = 900
_TIMEOUT_S = 10.0
_MOST_BATCH_BYTES = 900_000  # below the 1 MiB that a topic takes
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 2.0


class KafkaError(Exception):
    """Kafka refused, or was not there; the text is one line."""


def token(credentials: Credentials, region: str) -> str:
    """What shows an IAM identity to MSK: a signed address, as its own signing libraries make it."""
    address, what = f"https://kafka.{region}.amazonaws.com/", {"Action": "kafka-cluster:Connect"}
    asked = cast("Any", AWSRequest("GET", address, params=what))
    cast("Any", SigV4QueryAuth(credentials, "kafka-cluster", region, expires=_TOKEN_S)).add_auth(asked)
    return base64.urlsafe_b64encode(f"{asked.url}&User-Agent=homeport".encode()).decode().rstrip("=")


def over_tls(host: str, port: int) -> socket.socket:
    """A connection to a broker, whose certificate is checked."""
    plain = socket.create_connection((host, port), timeout=_TIMEOUT_S)
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


class Broker:
    """One connection, logged in."""

    def __init__(self, connection: socket.socket, show: str) -> None:
        self._connection, self._number = connection, 0
        handshake = self.ask(wire.SASL_HANDSHAKE, wire.text("OAUTHBEARER"))
        if error := handshake.take("h"):
            raise KafkaError(f"no login by token: error {error}")
        login = self.ask(wire.SASL_AUTHENTICATE, wire.blob(f"n,,\x01auth=Bearer {show}\x01\x01".encode()))
        if error := login.take("h"):
            raise KafkaError(f"login refused: error {error} {login.text()}")

    def ask(self, kind: tuple[int, int], body: bytes) -> wire.Answer:
        """The answer, behind its number."""
        self._number += 1
        self._connection.sendall(wire.request(kind, self._number, body))
        answer = wire.Answer(self._read(struct.unpack(">i", self._read(4))[0]))
        if answer.take("i") != self._number:
            raise KafkaError("an answer to another question")
        return answer

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _read(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            piece = self._connection.recv(length - len(found))
            if not piece:
                raise KafkaError("the connection ended")
            found += piece
        return bytes(found)


class Kafka:
    """A topic, by brokers of its cluster (`host:port,...`). `show` makes a token for each login."""

    def __init__(self, brokers: str, topic: str, show: Callable[[], str], connect: Connect = over_tls) -> None:
        self._seeds = [(host, int(port)) for host, _, port in (one.rpartition(":") for one in brokers.split(","))]
        self._topic, self._show, self._connect = topic, show, connect
        self._open: dict[tuple[str, int], Broker] = {}
        self._leaders: wire.Leaders | None = None

    def put(self, entries: Sequence[Entry], seconds_left: Callable[[], float]) -> set[int]:
        """The places of those that did not arrive in time; a partition stops at its first that did not."""
        waiting, wait_s = list(range(len(entries))), _FIRST_WAIT_S
        while waiting := self._once(waiting, entries):
            if seconds_left() < wait_s:
                break
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        return set(waiting)

    def _once(self, places: list[int], entries: Sequence[Entry]) -> list[int]:
        try:
            leaders = self._leaders = self._leaders or self._who_leads()
        except (OSError, KafkaError, ValueError, struct.error):
            self._forget()
            return places
        lanes: dict[int, list[int]] = {}
        for place in places:
            key, body = entries[place]
            lanes.setdefault(wire.partition_of(key or body, len(leaders.partitions)), []).append(place)
        lost = [place for lane, mine in lanes.items() for place in self._lane(lane, mine, entries, leaders)]
        return sorted(lost)

    def _lane(self, lane: int, places: list[int], entries: Sequence[Entry], leaders: wire.Leaders) -> list[int]:
        done = 0
        for part in _batches(places, entries):
            batch = wire.record_batch([entries[place] for place in part], time.time_ns() // 1_000_000)
            asked = wire.produce(self._topic, lane, batch, round(_TIMEOUT_S * 1000))
            try:
                broker = self._broker(leaders.brokers[leaders.partitions[lane]])
                error = wire.produced(broker.ask(wire.PRODUCE, asked))
            except (OSError, KafkaError, KeyError, struct.error):
                error = -1
            if error:
                self._forget()
                return places[done:]
            done += len(part)
        return []

    def _who_leads(self) -> wire.Leaders:
        failure: OSError | KafkaError = KafkaError("no broker is known")
        for address in self._seeds:
            try:
                answer = self._broker(address).ask(wire.METADATA, wire.metadata(self._topic))
            except (OSError, KafkaError) as error:
                failure = error
                continue
            found = wire.leaders(answer)
            if not found.partitions:
                raise ValueError(f"topic {self._topic} has no partitions")
            return found
        raise failure

    def _broker(self, address: tuple[str, int]) -> Broker:
        if address not in self._open:
            self._open[address] = Broker(self._connect(*address), self._show())
        return self._open[address]

    def _forget(self) -> None:
        """Another broker may lead by now, and a connection may hold half an answer."""
        for broker in self._open.values():
            broker.close()
        self._open, self._leaders = {}, None


def _batches(places: Sequence[int], entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Runs of places that one batch holds."""
    part: list[int] = []
    size = 0
    for place in places:
        more = len(entries[place][0]) + len(entries[place][1]) + 32
        if part and size + more > _MOST_BATCH_BYTES:
            yield part
            part, size = [], 0
        part.append(place)
        size += more
    if part:
        yield part
