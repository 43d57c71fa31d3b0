"""Words of both versions of the rule on health."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.runs.health import health_word, latest_word, version_of


@pytest.mark.parametrize(
    ("recorded", "ranks", "first", "second"),
    [
        ("shrinking", [40.0, 20.0, 12.0], "shrinking", "narrow"),
        (
            "shrinking",
            [40.0, 90.0, 30.0],
            "shrinking",
            "healthy",
        ),  # below its best, but not below the untrained encoder
        ("healthy", [40.0, 30.0, 18.0], "healthy", "narrow"),
        ("healthy", [40.0, 12.0, 19.0], "healthy", "healthy"),
        ("shrinking", [], "shrinking", "narrow"),
        ("healthy", [40.0], "healthy", "healthy"),
        ("collapsed", [40.0, 40.0], "collapsed", "collapsed"),
        ("", [40.0, 1.0], "", ""),
        ("other", [40.0, 1.0], "other", "other"),
    ],
)
def test_words(recorded: str, ranks: list[float], first: str, second: str) -> None:
    assert health_word(1, recorded, ranks) == first
    assert health_word(2, recorded, ranks) == second


@pytest.mark.parametrize(("content", "version"), [(None, 1), (1, 1), (2, 2), ("2", 1), (3, 1), (True, 1), ([2], 1)])
def test_a_version_that_cannot_be_read_is_the_stricter_one(content: object, version: int) -> None:
    assert version_of(content) == version


def test_word_of_a_run_without_a_study(tmp_path: Path) -> None:
    assert latest_word(tmp_path, "shrinking") == "narrow"
    lines = [
        '{"step": 0, "rank/student": 40.0}',
        '{"step": 1, "loss": 1.0}',
        "damaged",
        '{"step": 2, "rank/student": 12.0}',
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    assert latest_word(tmp_path, "healthy") == "narrow" and latest_word(tmp_path, "collapsed") == "collapsed"
