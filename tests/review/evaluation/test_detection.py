"""Planted edits, from text to reviewers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auxjepa_review.evaluation.defects import DEFECTS, HARMLESS
from auxjepa_review.evaluation.detection import main, table

TEXT = """A report on auxiliary objectives for Video-JEPA

4 Limitations

Only one seed was trained.

5 Extracted Claims

Claim\tVerified\tConfidence
LD-JEPA achieves a +5.02 percentage point gain on SSv2 in mixed-dataset pretraining.\t✓\t0.90
Motion-Guided Masking improves Diving-48 accuracy by 0.30 percentage points in the UCF-101 pretraining setting.\t✓\t0.80

References

- <http://arxiv.org/abs/2605.17165v1>
"""


def test_changed_numbers_are_detected_and_spaces_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.txt").write_text(TEXT)
    out = tmp_path / "trials.json"
    main([str(tmp_path / "report.txt"), "--most", "1", "--json", str(out)])
    printed = capsys.readouterr().out
    trials = {t["kind"]: t for t in json.loads(out.read_text())}
    for kind in ("number changed", "method exchanged", "benchmark exchanged"):
        assert trials[kind]["by_verification"], kind
    for kind in ("verdict turned", "limitations dropped", "references dropped"):
        assert trials[kind]["by_reviewers"] and trials[kind]["score"] < 0, kind
    for kind in ("spaces", "points abbreviated", "benchmark abbreviated", "rows exchanged"):
        assert not trials[kind]["by_verification"] and not trials[kind]["by_reviewers"], kind
    assert all(f"| {kind} | " in printed for kind in (*DEFECTS, *HARMLESS))


def test_a_kind_without_a_place_has_no_rate() -> None:
    assert "| count changed | 0 | – | – | – | – |" in table([])
