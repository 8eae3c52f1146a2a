"""A stand-in for the package `model_images` of a project folder: images take no time, and what fails is told by files.

Installed as `model_images/__main__.py` below a test's root. In a model's folder the file `fails` holds what `build`
says before it fails, `slow` makes it take a minute (and leave the file `building`), `no-run` holds why `run` cannot run
the image, `no-serve` why `serve` cannot.
"""

from __future__ import annotations

import argparse
import hashlib
import http.server
import json
import os
import sys
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["build", "run", "serve"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--accelerator")
    parser.add_argument("--port", type=int)
    parser.add_argument("--env", action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    model = Path("model_images", "samples", options.folder.name)
    if options.command == "build":
        return _build(model, options.output)
    refusal = model / {"run": "no-run", "serve": "no-serve"}[options.command]
    if refusal.exists():
        print(refusal.read_text(), file=sys.stderr)
        return 1
    _serve(options.command, options.port)
    return 0


def _build(model: Path, output: Path) -> int:
    print(f"reading {model}", file=sys.stderr, flush=True)
    if (model / "slow").exists():
        (model / "building").touch()
        time.sleep(60)
    if (model / "fails").exists():
        print((model / "fails").read_text(), file=sys.stderr)
        return 2
    output.mkdir(parents=True, exist_ok=True)
    digest = f"sha256:{hashlib.sha256((model / 'model.yaml').read_bytes()).hexdigest()}"
    (output / "index.json").write_text(json.dumps({"manifests": [{"digest": digest}]}))
    layers = [{"size": 20 * 1024 * 1024}, {"size": 5 * 1024 * 1024}]
    print(json.dumps({"digest": digest, "platforms": {"linux/amd64": {"layers": layers}}}))
    return 0


def _serve(command: str, port: int) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(json.dumps({"predictions": [command] * len(asked["instances"])}).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            pass

    Path("server.pid").write_text(str(os.getpid()))
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    sys.exit(main())
