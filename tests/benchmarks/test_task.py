"""Benchmarks of plug-ins: found by name, checked against the contract, scored in a study."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auxjepa import benchmarks
from auxjepa.benchmarks.task import TaskError, check
from auxjepa.config import ConfigError, DataConfig
from auxjepa.interface.studies import study
from auxjepa.rows import RowStore

GOOD = """
import numpy as np
from auxjepa.benchmarks import Task
class Bright(Task):
    title, capability, classes = "Brightness", "appearance", 2
    def open(self, split, frames, size):
        count = {"train": 16, "validation": 8, "test": 12}[split]
        rng = np.random.default_rng(["train", "validation", "test"].index(split))
        labels = np.arange(count) % 2
        clips = rng.integers(0, 60, (count, frames, size, size, 3)) + 120 * labels[:, None, None, None, None]
        return clips.astype(np.uint8), labels
"""

Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install(source)`` puts a package with the benchmark ``bright`` on the path."""
    folder = tmp_path / "site"

    def add(source: str) -> None:
        info = folder / "brightly-0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brightly\nVersion: 0.4\n")
        (info / "entry_points.txt").write_text("[auxjepa.benchmarks]\nbright = brightly:Bright\n")
        (folder / "brightly.py").write_text(source)
        sys.modules.pop("brightly", None)
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(str(folder))
    yield add
    sys.modules.pop("brightly", None)


def test_a_good_benchmark_is_found_and_keeps_the_contract(install: Install) -> None:
    install(GOOD)
    check("bright")
    own = benchmarks.get("bright")
    assert (own.title, own.capability, own.classes, own.source) == ("Brightness", "appearance", 2, "python:bright")
    assert own.args["plugin"].startswith("brightly 0.4 ") and "one_frame" in own.controls
    opened = own.open(DataConfig(frames=4, size=16), "test")
    assert opened.clips.shape == (12, 4, 16, 16, 3) and sorted(set(opened.labels.tolist())) == [0, 1]


def test_another_source_is_another_benchmark(install: Install) -> None:
    install(GOOD)
    before = benchmarks.get("bright").hash_on(DataConfig())
    install(GOOD + "\n# another version\n")
    assert benchmarks.get("bright").hash_on(DataConfig()) != before


def test_without_it_the_name_is_unknown() -> None:
    with pytest.raises(ConfigError, match="unknown benchmark 'bright'"):
        benchmarks.get("bright")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (".astype(np.uint8)", "", "clips must be uint8 of n x 8 x 32 x 32 x 3, they are int64"),
        ("clips.astype(np.uint8), labels", "clips.astype(np.uint8)", "open must return clips and labels"),
        ("np.uint8), labels", "np.uint8), labels + 1", "labels must be 0 … 1, they are 1 … 2"),
        ("np.uint8), labels", "np.uint8), labels * 1.0", "integers, they are float64"),
        ("np.uint8), labels", "np.uint8)[:, :2], labels", "clips must be uint8"),
        ('["train", "validation", "test"].index(split)', "0", "8 clips are in train and in validation"),
        ('(["train", "validation", "test"].index(split))', "()", "two calls of open('train') give other clips"),
        ("np.arange(count) % 2", "np.arange(count) * 0", "class 1 has no training clip"),
        ('classes = "Brightness", "appearance", 2', 'classes = "B", "appearance", 1', "two classes or more"),
        ("count = {", "raise RuntimeError('not\\nready')\n        count = {", "RuntimeError: not ready"),
        ('title, capability, classes = "Brightness"', 'capability, version, classes = "a"', "the attribute title"),
    ],
)
def test_breaches_of_the_contract_are_one_line(install: Install, old: str, new: str, words: str) -> None:
    assert old in GOOD
    install(GOOD.replace(old, new))
    with pytest.raises(TaskError) as caught:
        check("bright")
    assert words in str(caught.value) and "brightly 0.4" in str(caught.value) and "\n" not in str(caught.value)


def test_an_object_that_is_no_task_is_refused(install: Install) -> None:
    install("Bright = 3")
    with pytest.raises(ConfigError, match=r"benchmark 'bright' .* is not a subclass of auxjepa\.benchmarks\.Task"):
        benchmarks.get("bright")


def test_a_study_scores_it(install: Install, tmp_path: Path) -> None:
    install(GOOD)
    content: dict[str, Any] = {
        "name": "bright",
        "variants": ["baseline", "ld"],
        "seeds": [0],
        "benchmarks": ["bright"],
        "regimes": {"world": {"clips": 8, "frames": 4, "size": 16}},
        "base": {"model": {"position": "sincos"}, "optim": {"steps": 1, "batch": 4}},
        "sizes": {"epochs": 1},
    }
    study(content, out=tmp_path / "out", workers=1, progress=False)
    assert {row.control or row.variant for row in RowStore(tmp_path / "out")} == {
        *("baseline", "ld", "random_init", "raw_pixels", "majority", "chance")
    }
