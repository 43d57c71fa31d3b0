"""`auxjepa bench data`: every way is measured on the same clips, and the words fit the numbers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from miniatures import video

TINY = ["--frames", "4", "--size", "16", "--clips", "6", "--rounds", "2"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bench")
    for number, name in enumerate(("a.mp4", "b.avi", "c.webm")):
        video(root / name, seed=number)
    return root


def test_all_ways_as_json(auxjepa, folder: Path) -> None:
    done = auxjepa("bench", "data", "--source", f"folder:{folder}", *TINY, "--json")
    assert done.code == 0 and done.err == ""
    content = json.loads(done.out)
    names = [way["name"] for way in content["ways"]]
    assert names == ["PyAV alone, 1 process", "reader, in process", "loader, 2 workers", "raw cache, in process"]
    for way in content["ways"]:
        assert way["ms_per_clip"] == pytest.approx(1000 / way["clips_per_second"])
        assert 0 < way["clips_per_second"] < 1e6 and way["cpu_ms_per_clip"] >= 0
    rates = [way["clips_per_second"] for way in content["ways"]]
    assert content["of_limit"] == pytest.approx(rates[2] / (2 * rates[0]))
    assert rates[3] > rates[1]  # a cache is what saves decoding
    assert 0 <= content["waiting_share"] <= 1 and content["first_batch_seconds"] > 0.05
    assert (content["videos"], content["clips"], content["rounds"]) == (3, 6, 2)
    assert sorted(path.name for path in folder.iterdir()) == ["a.mp4", "b.avi", "c.webm"]  # nothing is left there


def test_table_natural_clips_and_a_warning(auxjepa) -> None:
    cores = len(os.sched_getaffinity(0))
    words = ["--workers", cores + 1, "--frames", "2", "--size", "16", "--clips", "4", "--rounds", "1"]
    done = auxjepa("bench", "data", *words)
    assert done.code == 0
    assert done.err == f"{cores + 1} workers share {cores} cores: no more than {cores} can be busy\n"
    assert "2x16x16, 4 clips of 4 videos" in done.out and f"loader against {cores + 1} x PyAV alone" in done.out
    assert "doesn't wait for data" in done.out


def test_in_this_process(auxjepa, folder: Path) -> None:
    done = auxjepa("bench", "data", "--source", f"folder:{folder}", *TINY, "--workers", "0")
    assert done.code == 0 and "loader, in process" in done.out


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ("dta", "no action 'dta'; did you mean 'data'?", 2),
        ("data --source folder:none", "none: no such folder of videos", 1),
        ("data --source ucf", "expected 'folder:PATH', got 'ucf'", 1),
        ("data --frames 0", "frames: input should be greater than or equal to 1 (got 0)", 2),
    ],
)
def test_wrong_usage(auxjepa, words: str, said: str, code: int) -> None:
    done = auxjepa("bench", *words.split())
    assert done.code == code and said in done.err and done.err.count("\n") == 1


def test_actions_are_named(auxjepa) -> None:
    assert "auxjepa bench data" in auxjepa("bench").out
    assert "usage: auxjepa bench data" in auxjepa("bench", "data", "--help").out
