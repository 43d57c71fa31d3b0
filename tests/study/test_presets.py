"""Presets and study files by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.study.presets import PRESETS, read_study_content


def test_presets_are_read_by_name() -> None:
    names = [path.stem for path in PRESETS.glob("*.yaml")]
    assert "quick" in names and all(read_study_content(name)["variants"] for name in names)


def test_a_written_study_is_read_without_its_command_and_keeps_its_versions(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("name: mine\ncommand: auxjepa study run mine.yaml\n")
    expected = {"name": "mine", "probe_version": 1, "health_version": 1}
    assert read_study_content(path) == read_study_content(str(path)) == expected


@pytest.mark.parametrize(
    ("name", "words"), [("quik", "no preset 'quik'; did you mean 'quick'"), ("zzzzzz", "no preset 'zzzzzz' .known: ")]
)
def test_unknown_names(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_study_content(name)
