"""Where captured lines go."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from model_images.serve.sinks import FILE_BYTES, FileSink, HttpSink


def test_lines_are_appended_to_one_file_until_it_is_large(tmp_path: Path) -> None:
    sink = FileSink(tmp_path)
    for lines in (b"a\n", b"b" * FILE_BYTES, b"c\n", b"d\n"):
        sink(lines)
    first, second = sorted(tmp_path.iterdir())
    assert (first.stat().st_size, second.read_bytes()) == (FILE_BYTES + 2, b"c\nd\n")


def test_two_processes_never_write_to_one_file(tmp_path: Path) -> None:
    FileSink(tmp_path)(b"a\n")
    [path] = tmp_path.iterdir()

    assert path.name.startswith(f"capture-{socket.gethostname()}-{os.getpid()}-")


def test_an_address_where_nobody_listens_is_an_os_error() -> None:

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        HttpSink(f"http://127.0.0.1:{port}/")(b"a\n")
