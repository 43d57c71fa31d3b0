"""Small files of a study folder: damage becomes a note."""

from __future__ import annotations

from pathlib import Path

from auxjepa.evidence.study_folder.records_file import MOST_TEXT, read_records, read_text


def test_texts_are_read_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "published.txt"
    assert read_text(path) == ""
    path.write_bytes(b"  a\xff  " + b"b" * 2 * MOST_TEXT)
    assert read_text(path).startswith("a\N{REPLACEMENT CHARACTER}") and len(read_text(path)) < MOST_TEXT


def test_records_are_read_or_noted(tmp_path: Path) -> None:
    path, notes = tmp_path / "benchmarks.json", list[str]()
    for text, content in ((None, {}), ("[]", {}), ("{", {}), ('{"a": {"b": 1}, "c": 2}', {"a": {"b": 1}})):
        if text is not None:
            path.write_text(text)
        assert read_records(path, "there are no titles", notes) == content
    assert len(notes) == 3 and all(note.startswith("benchmarks.json: ") and "no titles" in note for note in notes)
