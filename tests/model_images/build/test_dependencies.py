"""What is dropped of installed packages."""

from __future__ import annotations

from pathlib import Path

from model_images.build.dependencies import _drop


def test_programs_tests_and_the_lines_about_them_go(tmp_path: Path) -> None:
    kept = ("x/__init__.py", "x/a,b.py", "x-1.dist-info/METADATA", "x-1.dist-info/RECORD", "tests/of_a_package.py")
    for name in (*kept, "bin/x", "x/tests/test_x.py", "x-1.dist-info/INSTALLER", ".lock"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    record = tmp_path / "x-1.dist-info/RECORD"
    record.write_text('x/tests/test_x.py,,\nbin/x,,\n"x/a,b.py",,\nx/__init__.py,,\nx-1.dist-info/INSTALLER,,\n')
    _drop(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)
    assert record.read_text() == '"x/a,b.py",,\nx/__init__.py,,\n'
