"""Shares of variance: a written study, and probes that were repeated."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.analyses.variance_shares import Variance, study_variance
from auxjepa.evidence.study_folder import probe_repeats
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import variance_section
from auxjepa.rows import RowStore


def variance_of(folder: Path) -> Variance:
    study = load(folder)
    variance = study_variance(study, collect_results(study), folder)
    assert variance is not None
    return variance


def test_shares_sum_to_one(study: Path) -> None:
    variance = variance_of(study)
    assert [record.column for record in variance.benchmarks] == [
        "Appearance",
        "Direction",
        "Fine motion",
        "Temporal order",
    ]
    assert len(variance.lines) == 4 * (5 + 4) and not variance.has_probes
    for record in [*variance.benchmarks]:
        assert sum(record.of_scores.values()) == pytest.approx(1) == pytest.approx(sum(record.of_differences.values()))
    # The written marks are random permutations: no clip is harder than another.
    at_zero = [line.deviations["clip"].interval[0] == 0 for line in variance.lines]
    assert sum(at_zero) > 0.8 * len(at_zero)
    head, body = variance_section.lines(variance)
    assert "probe" not in head and all(len(line) == len(head) for line in body)
    head, body = variance_section.benchmarks(variance)
    assert body[0][1] == "3 × 1,000" and len(body[0]) == len(head)
    text = " ".join(variance_section.sentences(variance))
    assert "only their sum" in text and "repeat-probes" in text
    assert variance_section.section(None) is None


def test_repeated_probes_show_their_part(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repeated"
    shutil.copytree(study, folder)
    rng = np.random.default_rng(0)
    before = (folder / "rows.jsonl").read_bytes()
    expected: list[list[float]] = []
    for row in RowStore(folder):
        if row.control is None and row.benchmark == "world_order" and row.variant in ("baseline", "ld"):
            scores = [row.score + float(rng.normal(0, 0.5)) for _ in range(2)]
            for repeat, score in enumerate(scores, start=1):
                probe_repeats.append(folder, row.model_copy(update={"score": score}), repeat)
            expected += [[row.score, *scores]] if row.variant == "ld" else []
    with (folder / probe_repeats.FILE).open("a") as file:
        file.write("[1]\n{}\nnot json\n")
    variance = variance_of(folder)
    assert (folder / "rows.jsonl").read_bytes() == before and variance.has_probes
    assert len(variance.notes) == 1 and "3 lines are left out" in variance.notes[0]
    (of_scores,) = [x for x in variance.lines if x.variant == "ld" and x.probe and not x.is_difference]
    assert of_scores.probe is not None and of_scores.repeats == 3
    assert of_scores.probe.value == pytest.approx(np.sqrt(np.mean([np.var(one, ddof=1) for one in expected])))
    (of_difference,) = [x for x in variance.lines if x.variant == "ld" and x.probe and x.is_difference]
    assert of_difference.column == "Temporal order" and of_difference.repeats == 3
    head, body = variance_section.lines(variance)
    assert head[-2:] == ("probe", "encoders with repeated probes") and body[0][-2:] == ["–", "0"]
    assert "probe_repeats.jsonl: 3 lines" in " ".join(variance_section.sentences(variance))
