"""Foreign programs that the tests ask, and a registry on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

NEXT_STEP = "run tools/images/make_tools.sh"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homeport/tools"


def program(name: str) -> str:
    """Its path; a program that is not there fails the test, with the next step."""
    path = shutil.which(name) or shutil.which(name, path=str(CACHE))
    assert path is not None, f"{name} is not installed; {NEXT_STEP}"
    return path


def told(name: str, *words: str) -> str:
    """What the program prints; it must end well."""
    done = subprocess.run([program(name), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name} {' '.join(words)}: {done.stderr}"
    return done.stdout.strip()


@contextmanager
def registry() -> Generator[str]:
    """Debian's docker-registry on a free port; its address."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as work:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        config = Path(work) / "config.yml"
        config.write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {work}/data}}}}\n"
            f"http: {{addr: '{address}'}}\n"
        )
        process = subprocess.Popen([program("docker-registry"), "serve", str(config)], stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://{address}/v2/")
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _wait(url: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.05)
