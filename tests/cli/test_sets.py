"""From official folders on disk to a regime's run and a score on official splits, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from miniatures import imagenet100, ssv2, ucf101

SMALL = "--model.size nano --model.levels 1 --data.size 32 --data.frames 4 --optim.batch 4 --optim.precision fp32"


@pytest.mark.slow
def test_the_mixed_regime_from_folders_to_a_score(auxjepa: Callable, tmp_path: Path) -> None:
    for name, build in (("ucf101", ucf101.build), ("ssv2", ssv2.build), ("imagenet100", imagenet100.build)):
        root = build(tmp_path / name)
        done = auxjepa("data", "prepare", name, "--root", str(root))
        assert done.code == 0 and "100.00 %" in done.out and f"ready: auxjepa pretrain --data {name}" in done.out
    listed = auxjepa("data", "list")
    assert listed.code == 0 and "train 18 of 18" in listed.out and "Diving-48" in listed.out
    checked = auxjepa("data", "check", "ssv2", "--sample", "5", "--json", "check.json")
    assert checked.code == 0 and "5 files decoded, 0 defective" in checked.out
    assert json.loads(Path("check.json").read_text())["decoded"] == 5
    words = f"pretrain --regime mixed --variant ld {SMALL} --optim.steps 4 --data.workers 1 --out run".split()
    trained = auxjepa(*words)
    assert trained.code == 0, trained.err
    lines = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    assert len(lines) == 4 and all(0 <= line["waiting"] <= 1 for line in lines)
    again = auxjepa(*words)  # nothing is left to do
    assert again.code == 0
    scored = auxjepa("probe", "run", "--data", "ucf101", "--out", "score.json")
    assert scored.code == 0, scored.err
    (score,) = json.loads(Path("score.json").read_text())
    assert len(score["correct"]) == 6 and score["parts"]["coverage"] == 100
    kept = auxjepa("data", "cache", "ls")
    assert kept.code == 0 and "complete" in kept.out


def test_what_is_missing_is_told_with_where_it_is_obtained(auxjepa: Callable, tmp_path: Path) -> None:
    done = auxjepa("data", "prepare", "ucf101", "--root", str(tmp_path))
    assert done.code == 1 and done.err.count("\n") == 1 and "https://www.crcv.ucf.edu" in done.err
    typo = auxjepa("data", "prepare", "ucf11", "--root", str(tmp_path))
    assert typo.code == 2 and "did you mean 'ucf101'" in typo.err
