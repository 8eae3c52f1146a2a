"""A stand-in for the Pulumi CLI, for tests of what the fleet tool does with it: stacks are files, events are told.

Installed as an executable `pulumi`. A stack is `BACKEND/STACK.json` (its exported deployment). `BACKEND/STACK.does` may
hold a line `OPERATION: fail MESSAGE` for preview, up, destroy or import, `preview: outputs` for a change of outputs
alone, or `OPERATION: cut` for events whose end is lost; every call is appended to `BACKEND/calls`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

STACK_URN = "urn:pulumi:s::homeport::pulumi:pulumi:Stack::homeport-s"
HISTORY = (
    '[{"kind": "import", "startTime": "2026-11-24T09:00:00.0Z", "message": "", "environment": {}, "config": {},'
    ' "result": "succeeded"}]'
)
OUTPUTS = {"account": "zone", "models": "models", "front-door": "urls"}


def main(words: list[str]) -> int:
    words = [word for word in words if word != "--non-interactive"]
    if words == ["version"]:
        print("v3.259.0")
        return 0
    backend = Path(urlsplit(os.environ["PULUMI_BACKEND_URL"]).path)
    with (backend / "calls").open("a", encoding="utf-8") as calls:
        calls.write(f"{time.monotonic():.3f} {' '.join(words)}\n")
    if words[:2] == ["stack", "ls"]:
        print(json.dumps([{"name": path.stem, "current": False} for path in sorted(backend.glob("*.json"))]))
        return 0
    if words[:2] == ["stack", "rm"]:
        (backend / f"{words[-1]}.json").unlink()
        return 0
    stack = words[words.index("--stack") + 1] if "--stack" in words else words[-1]
    state = backend / f"{stack}.json"
    if words[:2] == ["stack", "export"]:
        print(state.read_text(encoding="utf-8"))
    elif words[:2] == ["stack", "init"]:
        _write(state, [])
    elif words[0] in {"import", "config"}:
        return {"import": _import, "config": _config}[words[0]](words, state)
    elif words[:1] == ["refresh"]:
        _write(state, json.loads(state.read_text(encoding="utf-8"))["deployment"].get("resources", []))
    elif words[0] in {"preview", "up", "destroy"}:
        return _operate(words, stack, state)
    elif words[:2] == ["stack", "history"]:
        print(HISTORY)
    return 0


def _plan(word: str, state: Path) -> tuple[str, str]:
    does = state.with_suffix(".does")
    plan = dict(line.split(": ", 1) for line in does.read_text().splitlines()) if does.exists() else {}
    act, _, message = plan.get(word, "").partition(" ")
    return act, message


def _import(words: list[str], state: Path) -> int:
    act, message = _plan("import", state)
    wanted = json.loads(Path(words[words.index("--file") + 1]).read_text(encoding="utf-8"))
    (state.parent / "imported").write_text(json.dumps(wanted), encoding="utf-8")
    if act == "fail":
        print(f"error: {message}", file=sys.stderr)
        return 1
    return 0


def _config(words: list[str], state: Path) -> int:
    """`config --show-secrets --json` and `config set --secret --path KEY`, the value on standard input."""
    settings = state.with_suffix(".config")
    kept = json.loads(settings.read_text(encoding="utf-8")) if settings.exists() else {}
    if words[1] == "set":
        section, model, caller = re.fullmatch(r'(.+)\["(.+)"\]\["(.+)"\]', words[words.index("--path") + 1]).groups()
        kept.setdefault(section, {}).setdefault(model, {})[caller] = sys.stdin.read()
        settings.write_text(json.dumps(kept), encoding="utf-8")
    else:
        print(json.dumps({section: {"value": json.dumps(value), "secret": True} for section, value in kept.items()}))
    return 0


def _operate(words: list[str], stack: str, state: Path) -> int:
    act, message = _plan(words[0], state)
    events = Path(words[words.index("--event-log") + 1])
    if act == "fail":
        _tell(events, {"diagnosticEvent": {"severity": "error", "message": message}})
        return 1
    if act == "outputs":
        change = {"old": {"outputs": {}}, "new": {"outputs": {"changed": "yes"}}}
        metadata = {"op": "same", "urn": STACK_URN, "type": "pulumi:pulumi:Stack", **change}
        _tell(events, {"resOutputsEvent": {"metadata": metadata}})
    known = json.loads(state.read_text(encoding="utf-8"))["deployment"].get("resources", [])
    changes = {"delete": len(known)} if words[0] == "destroy" else {"same" if known else "create": 1}
    if act != "cut":
        _tell(events, {"summaryEvent": {"resourceChanges": changes}})
    if words[0] == "up":
        name = next((OUTPUTS[kind] for kind in OUTPUTS if stack.endswith(kind)), "platform")
        _write(state, [{"urn": STACK_URN, "type": "pulumi:pulumi:Stack", "outputs": {name: {}}}])
    if words[0] == "destroy":
        _write(state, [])
    return 0


def _tell(events: Path, event: dict[str, object]) -> None:
    with events.open("a", encoding="utf-8") as written:
        written.write(json.dumps(event) + "\n")


def _write(state: Path, resources: list[dict[str, object]]) -> None:
    content = {"version": 3, "deployment": {"manifest": {"time": str(time.time())}, "resources": resources}}
    state.write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
