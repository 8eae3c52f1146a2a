"""What exists in the stand-in cloud: one SQLite file an environment, shared by every stack and provider process.

A thing is told apart by type, account, place and id. Where the cloud refuses two things of one name, so does this: an
identity is unique. Every change is one transaction, so a process killed at any moment leaves a whole store.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.offline.protocol.values import Properties, Value

_PATIENCE_S = 30.0  # how long one process waits for another's transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    token TEXT NOT NULL, account TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL,
    identity TEXT, urn TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL,
    PRIMARY KEY (token, account, place, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS by_identity ON things (token, identity) WHERE identity IS NOT NULL;
CREATE TABLE IF NOT EXISTS faults (fault TEXT PRIMARY KEY, used INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which thing. `place`: a region, `global`, or a cluster's identifier."""

    token: str
    account: str
    place: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One existing thing. `identity`: what no second thing may share, None where the cloud does not mind."""

    key: Key
    urn: str
    identity: str | None
    inputs: Properties
    outputs: Properties


class AlreadyExists(Exception):
    """The cloud has a thing with this identity already."""


class Store:
    """The store in one file, made on first use. Safe for several threads and processes.

    Raises `sqlite3.OperationalError` where the file cannot be written: a full disk, a folder that is read-only.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # survives kills; a power cut may lose the last change
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'faults'").fetchone():
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def add(self, thing: Thing) -> None:
        """Adds a new thing; raises `AlreadyExists` if its identity or id is taken."""
        row = (*_key(thing.key), thing.identity, thing.urn, _text(thing.inputs), _text(thing.outputs))
        try:
            with self._change() as connection:
                connection.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise AlreadyExists(thing.identity or thing.key.id) from error

    def get(self, key: Key) -> Thing | None:
        """The thing, or None if it does not exist."""
        where = "token = ? AND account = ? AND place = ? AND id = ?"
        return next(self._select(where, _key(key)), None)

    def put(self, thing: Thing) -> None:
        """Replaces what is known of an existing thing; a thing that is gone stays gone."""
        row = (thing.identity, _text(thing.inputs), _text(thing.outputs), *_key(thing.key))
        with self._change() as connection:
            connection.execute(
                "UPDATE things SET identity = ?, inputs = ?, outputs = ? "
                "WHERE token = ? AND account = ? AND place = ? AND id = ?",
                row,
            )

    def remove(self, key: Key) -> None:
        """Removes the thing; one that is gone already is fine."""
        with self._change() as connection:
            connection.execute("DELETE FROM things WHERE token = ? AND account = ? AND place = ? AND id = ?", _key(key))

    def all(self, token: str | None = None, *, account: str | None = None, place: str | None = None) -> list[Thing]:
        """Every thing, or those of a type, an account and a place."""
        given = {"token": token, "account": account, "place": place}
        wanted = {name: value for name, value in given.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in wanted) or "1"
        return list(self._select(where, tuple(wanted.values())))

    def use_fault(self, fault: str, times: int) -> bool:
        """Counts one use of a fault in all processes together; False when it was used `times` times already."""
        with self._change() as connection:
            connection.execute("INSERT OR IGNORE INTO faults VALUES (?, 0)", (fault,))
            changed = connection.execute(
                "UPDATE faults SET used = used + 1 WHERE fault = ? AND used < ?", (fault, times)
            )
            return changed.rowcount > 0

    def _select(self, where: str, values: tuple[Value, ...]) -> Iterator[Thing]:
        query = "SELECT token, account, place, id, identity, urn, inputs, outputs FROM things WHERE "
        with self._lock:
            rows = self._connection.execute(f"{query}{where} ORDER BY token, id", values).fetchall()
        for token, account, place, identifier, identity, urn, inputs, outputs in rows:
            yield Thing(
                key=Key(token=token, account=account, place=place, id=identifier),
                urn=urn,
                identity=identity,
                inputs=json.loads(inputs),
                outputs=json.loads(outputs),
            )

    @contextmanager
    def _change(self) -> Generator[sqlite3.Connection]:
        with self._lock, self._connection:  # the connection commits, or rolls back what raised
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection


def _key(key: Key) -> tuple[str, str, str, str]:
    return key.token, key.account, key.place, key.id


def _text(properties: Mapping[str, Value]) -> str:
    return json.dumps(properties, sort_keys=True, separators=(",", ":"))
