"""The labels that every resource carries: who owns it, where it may be, and which model it serves.

One source for AWS tags, Google Cloud labels and Kubernetes labels, so that a bill, a policy and a dashboard agree.
"""

from __future__ import annotations

from dataclasses import dataclass

REQUIRED = ("environment", "stack", "jurisdiction")
"""Present on every resource; `model` only on what serves one model."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Plain names, checked by the settings: lower-case letters, digits and dashes, at most 63 characters each."""

    environment: str
    stack: str
    jurisdiction: str
    model: str | None = None

    def tags(self) -> dict[str, str]:
        """AWS tags, for example `homeport:stack`."""
        return {f"homeport:{key}": value for key, value in self._items().items()}

    def labels(self) -> dict[str, str]:
        """Keys and values that both Google Cloud and Kubernetes take, for example `homeport-stack`."""
        return {f"homeport-{key}": value for key, value in self._items().items()}

    def for_model(self, model: str) -> Labels:
        """The same labels for what serves this model only."""
        return Labels(environment=self.environment, stack=self.stack, jurisdiction=self.jurisdiction, model=model)

    def _items(self) -> dict[str, str]:
        fields = {key: str(getattr(self, key)) for key in REQUIRED}
        return fields if self.model is None else {**fields, "model": self.model}
