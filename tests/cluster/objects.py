"""Puts the Kubernetes objects of a recorded graph on a real API server, in the graph's order, and takes them away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.recorder import Graph, Recorded
from tools.cluster.client import Client, Refused, collection_path, object_path

MANAGER = "homeport"


class Applied:
    """What one test put there. Each object is accepted with strict validation or `Refused` is raised."""

    def __init__(self, api: Client) -> None:
        self.api = api
        self._plurals: dict[str, dict[str, str]] = {}
        self._there: list[str] = []

    def create(self, thing: dict[str, Any]) -> dict[str, Any]:
        plural = self._plural(thing)
        made = self.api.ask(
            "POST", collection_path(thing, plural), thing, fieldManager=MANAGER, fieldValidation="Strict"
        )
        path = object_path(made, plural) if thing["metadata"].get("namespace") else object_path(thing, plural)
        self._there.append(path)
        return made

    def apply(self, thing: dict[str, Any]) -> dict[str, Any]:
        return self.api.apply(object_path(thing, self._plural(thing)), thing, manager=MANAGER)

    def graph(self, graph: Graph) -> list[dict[str, Any]]:
        """All Kubernetes objects of a graph, as declared; returns them in the order of their creation."""
        things = [one.inputs for one in in_order(graph)]
        for thing in things:
            self.create(thing)
        return things

    def get(self, path: str) -> dict[str, Any]:
        return self.api.ask("GET", path)

    def listed(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        return self.api.ask("GET", path, **parameters)["items"]

    def remove(self) -> None:
        """Last made, first removed, as the engine does; returns when all is gone."""
        for path in reversed(self._there):
            try:
                self.api.ask("DELETE", path)
            except Refused as refused:
                if refused.status != 404:
                    raise
        eventually("everything is gone", lambda: not [path for path in self._there if self._stands(path)], 60)
        self._there.clear()

    def _stands(self, path: str) -> bool:
        try:
            self.api.ask("GET", path)
        except Refused as refused:
            return refused.status != 404
        return True

    def _plural(self, thing: dict[str, Any]) -> str:
        version = thing["apiVersion"]
        if version not in self._plurals:
            found = self.api.ask("GET", f"/apis/{version}" if "/" in version else f"/api/{version}")["resources"]
            self._plurals[version] = {one["kind"]: one["name"] for one in found if "/" not in one["name"]}
        return self._plurals[version][thing["kind"]]


def in_order(graph: Graph) -> list[Recorded]:
    """Each after what it depends on. A Helm release is no object of the API server."""
    waiting = {
        one.urn: one
        for one in graph.resources
        if one.type.startswith("kubernetes:") and not one.type.startswith("kubernetes:helm.sh/")
    }
    done: list[Recorded] = []
    while waiting:
        ready = [one for one in waiting.values() if not one.dependencies & waiting.keys()]
        assert ready, f"a circle among {sorted(waiting)}"
        done += ready
        for one in ready:
            del waiting[one.urn]
    return done


def eventually(what: str, done: Callable[[], bool], patience_s: float = 30) -> None:
    until = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < until, f"waited {patience_s} s in vain: {what}"
        time.sleep(0.2)
