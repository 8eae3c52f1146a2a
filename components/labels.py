"""The labels that every resource carries: who owns it, where it may be, and which model it serves.

One source for AWS tags, Google Cloud labels and Kubernetes labels, so that a bill, a policy and a dashboard agree.
"""

from __future__ import annotations

from dataclasses import dataclass

REQUIRED = ("environment", "stack", "jurisdiction")
"""Present on every resource; `model` only on what serves one model."""


def tag_key(label: str) -> str:
    """The AWS tag of a label, for example `homeport:stack`."""
    return f"homeport:{label}"


COST_TAGS = tuple(tag_key(label) for label in (*REQUIRED, "model"))
"""The tags by which costs are told apart, once they are activated for cost allocation."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Plain names, checked by the settings: lower-case letters, digits and dashes, at most 63 characters each."""

    environment: str
    stack: str
    jurisdiction: str
    model: str | None = None

    def tags(self) -> dict[str, str]:
        """AWS tags, for example `homeport:stack`."""
        return {tag_key(key): value for key, value in self._items().items()}

    def labels(self) -> dict[str, str]:
        """Keys and values that both Google Cloud and Kubernetes take, for example `homeport-stack`."""
        return {f"homeport-{key}": value for key, value in self._items().items()}

    def for_model(self, model: str) -> Labels:
        """The same labels for what serves this model only."""
        return Labels(environment=self.environment, stack=self.stack, jurisdiction=self.jurisdiction, model=model)

    def model_tags(self, model: str) -> dict[str, str]:
        """The tags that `for_model` adds to those of the stack, which the provider's default tags bring."""
        return {key: value for key, value in self.for_model(model).tags().items() if key not in self.tags()}

    def _items(self) -> dict[str, str]:
        fields = {key: str(getattr(self, key)) for key in REQUIRED}
        return fields if self.model is None else {**fields, "model": self.model}
