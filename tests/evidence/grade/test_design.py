"""Criteria on the design: stated effects, the place of the hash, times of networks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.grade.design import grade_fresh_networks, grade_power, grade_published_hash
from auxjepa.evidence.study_folder.folder import Study, load
from written_study import register

URL = "https://example.org/log/12"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    return write_study(tmp_path_factory.mktemp("plain"), seeds=8, steps=2)


@pytest.mark.parametrize(
    ("effect", "share", "words"),
    [
        (None, 0.25, "1 of 4 hypotheses have a power of 80 % at their stated effect; 3 state no effect"),
        (5.0, 1.0, "4 of 4 hypotheses"),
        (0.1, 0.25, "1 of 4 hypotheses have a power of 80 % at their stated effect; below: ld-order "),
    ],
)
def test_power_at_the_stated_effect(plain: Path, tmp_path: Path, effect: float, share: float, words: str) -> None:
    folder = shutil.copytree(plain, tmp_path / "study")
    register(folder, effect=effect)
    earned, reason = grade_power(load(folder), [])
    assert earned == share and reason.startswith(words)


@pytest.mark.parametrize(
    ("text", "share", "words"),
    [
        ("", 0.0, "no published.txt"),
        (URL, 0.0, "does not contain the hash"),
        ("HASH", 0.0, "names no address and no commit"),
        (f"HASH is in {URL}", 1.0, f"stated, not checked: {URL}"),
        ("SHORT in commit 185f230", 1.0, "stated, not checked: commit 185f230"),
    ],
)
def test_the_place_of_the_hash(plain: Path, tmp_path: Path, text: str, share: float, words: str) -> None:
    folder = shutil.copytree(plain, tmp_path / "study")
    hash_ = register(folder).hash
    (folder / "published.txt").write_text(text.replace("HASH", hash_).replace("SHORT", hash_[:12]))
    earned, reason = grade_published_hash(load(folder), [])
    assert earned == share and words in reason


def test_runs_without_a_time_are_not_shown_to_be_fresh(plain: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(plain, tmp_path / "study")
    register(folder)
    study = load(folder)
    share, reason = grade_fresh_networks(study, [row for row in study.rows if row.control is None])
    assert share == 0 and "40 runs do not record when they were trained" in reason


def test_nothing_is_earned_without_a_registration() -> None:
    for rule in (grade_power, grade_published_hash, grade_fresh_networks):
        share, reason = rule(Study("x"), [])
        assert share == 0 and "regist" in reason
