"""How alike encoders are, summed up by kind: on features whose similarity is known, and on a study that was run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from auxjepa.cli.compare import main
from auxjepa.config import ConfigError, RunConfig
from auxjepa.evidence.study_folder import similarity as record
from auxjepa.probes.cka import debiased_cka
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import PlannedRun, plan
from auxjepa.study.run import claim
from auxjepa.study.similarity import Member, compare, summed
from auxjepa.study.study_yaml import read_study
from auxjepa.study.worker import work


def drawn(seed: int, n: int = 60, channels: int = 8) -> torch.Tensor:
    return torch.randn(n, channels, generator=torch.Generator().manual_seed(seed))


def test_kinds_are_compared_over_their_pairs_of_seeds() -> None:
    run = PlannedRun(config=RunConfig())
    members = [Member(kind, seed, run) for kind in ("a", "b", "c") for seed in (0, 1, 2)]
    look = {"a": drawn(0), "b": drawn(1), "c": drawn(0)}
    features = [look[m.kind] + 0.1 * drawn(10 + 3 * "abc".index(m.kind) + m.seed) for m in members]
    found = {(x.first, x.second, x.seeds): x for x in summed(members, features, 50)}
    assert {key: x.pairs for key, x in found.items()} == {
        **{(k, k, "other"): 3 for k in "abc"},
        **{(a, b, "other"): 6 for a, b in ("ab", "ac", "bc")},
        **{(a, b, "same"): 3 for a, b in ("ab", "ac", "bc")},
    }
    pairs = [(0, 4), (0, 5), (1, 3), (1, 5), (2, 3), (2, 4)]
    each = [debiased_cka(features[a], features[b]) for a, b in pairs]
    unlike = found["a", "b", "other"]
    assert unlike.mean == pytest.approx(sum(each) / 6) and (unlike.least, unlike.most) == pytest.approx(
        (min(each), max(each))
    )
    assert found["a", "a", "other"].mean > 0.95 and found["a", "a", "other"].apart is None
    assert abs(unlike.mean) < 0.3 and unlike.low < unlike.mean < unlike.high
    assert unlike.apart is not None and unlike.apart_low is not None and unlike.apart_low > 0.6
    within = (found["a", "a", "other"].mean + found["b", "b", "other"].mean) / 2
    assert unlike.apart == pytest.approx(within - unlike.mean)
    alike = found["a", "c", "other"]
    assert alike.apart is not None and abs(alike.apart) < 0.01, "two kinds that differ no more than seeds do"


def test_one_seed_has_no_baseline() -> None:
    run = PlannedRun(config=RunConfig())
    (only,) = summed([Member("a", 0, run), Member("b", 0, run)], [drawn(0), drawn(1)], 20)
    assert (only.first, only.second, only.seeds, only.apart) == ("a", "b", "same", None)


@pytest.fixture
def finished(tiny: StudyConfig, root: Path, tmp_path: Path) -> Path:
    """A study whose last run never happened."""
    study = tiny.model_copy(update={"benchmarks": ("world_direction",)})
    claim(study, tmp_path, "auxjepa study run tiny")
    for run in plan(study, root)[:-1]:
        work(study, run, tmp_path, "cpu", os.getppid())
    return tmp_path


def test_a_study_is_compared_and_what_is_missing_is_named(
    finished: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(finished), "--root", str(root), "--clips", "16", "--resamples", "20"])
    out = capsys.readouterr().out
    assert "not finished, so not compared: ld on world seed 1" in out and "report.html" in out
    notes: list[str] = []
    found = record.read(finished, notes)
    assert found is not None and notes == []
    assert found.kinds == ("baseline on world", "ld on world", record.UNTRAINED) and found.seeds == (0, 1)
    (motion,) = found.on
    assert (motion.domain, motion.clips) == ("motion", 16)
    same = motion.find_pair("ld on world", "baseline on world", "same")
    assert same is not None and same.pairs == 1 and same.mean <= 1
    untrained = motion.find_pair(record.UNTRAINED, record.UNTRAINED, "other")
    assert untrained is not None and untrained.pairs == 1
    again = compare(read_study(finished), finished, root=root, clips=16, resamples=20)
    assert again.on == found.on and again.runs == found.runs, "the same bits each time"


def test_what_cannot_be_compared_is_said(tiny: StudyConfig, root: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two finished encoders, there is none"):
        compare(tiny, tmp_path, root=root)
    only = tiny.model_copy(update={"benchmarks": ("world_factors",)})
    with pytest.raises(ConfigError, match="tiny: no benchmark has undisturbed clips"):
        compare(only, tmp_path, root=root)


def test_regimes_with_other_clips_are_refused(tiny: StudyConfig, root: Path, tmp_path: Path) -> None:
    data = tiny.regimes["world"]
    two = tiny.model_copy(update={"regimes": {"world": data, "short": data.model_copy(update={"frames": 2})}})
    with pytest.raises(ConfigError, match="motion: the regimes cut their clips differently"):
        compare(two, tmp_path, root=root)


def test_a_damaged_file_is_a_note(tmp_path: Path) -> None:
    notes: list[str] = []
    assert record.read(tmp_path, notes) is None and notes == []
    (tmp_path / record.FILE).write_text('{"version": 1')
    assert record.read(tmp_path, notes) is None
    assert notes == ["similarity.json: damaged, edited, or of another version; 'auxjepa study compare' writes it again"]
