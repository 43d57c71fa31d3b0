"""The child process that reads a file: its failures are reported in a line, and it imports no module of the folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from auxjepa_review.reading.formats import child, html, pdf
from auxjepa_review.reading.limits import Limits, UnreadableError, read_confined

BOUNDS = {"pages": 10, "characters": 100, "memory": 1 << 30, "cpu_seconds": 5}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "a.html").write_text("<html><title>T</title><p>words &amp; numbers</p></html>")
    return tmp_path / "a.html"


def test_the_content_that_a_child_read_is_returned(page: Path) -> None:
    content = read_confined(page, "html", Limits())
    assert (content["pages"], content["title"]) == (["words & numbers"], "T")


def test_modules_next_to_the_documents_are_not_imported(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "dataclasses", "html", "auxjepa"):
        (page.parent / f"{name}.py").write_text(f"open({str(page.parent / 'ran')!r}, 'w')")
    monkeypatch.chdir(page.parent)
    assert read_confined(page, "html", Limits())["pages"] == ["words & numbers"]
    assert not (page.parent / "ran").exists()


def test_a_child_that_needs_too_much_time_or_has_no_output(page: Path) -> None:
    page.write_bytes(b"<html>" + b"<!--" * 1_000_000)
    with pytest.raises(UnreadableError, match="took more than 1 CPU seconds"):
        read_confined(page, "html", Limits(cpu_seconds=1))
    with pytest.raises(UnreadableError, match=r"the process that read it ended with status 1:"):
        read_confined(page, "nonsense", Limits())


def test_a_missing_file_and_too_many_characters_are_refused(page: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_confined(page.with_name("b.html"), "html", Limits())
    page.write_text("<html>" + "x" * 101)
    assert child._read(html, page, "html", BOUNDS) == {"refused": "holds 101 characters, at most 100 are read"}


def test_a_missing_library_is_reported_with_its_command(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert child._read(pdf, page, "pdf", BOUNDS) == {"refused": "needs pypdfium2: pip install 'auxjepa[review]'"}
