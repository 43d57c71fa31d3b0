"""The ablation as a factorial of the cells that a study has."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.analyses.ablation import CELLS, study_ablation
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.variants import VARIANTS
from written_study import MEANS

RENAMED = {"baseline": "baseline", "ld": "fwm", "ld_only": "ld", "fwm": "fwm_ld"}  # name in MEANS: name in the study


def test_effects_and_interaction_of_a_two_by_two(tmp_path: Path, write_study) -> None:
    folder = write_study(tmp_path, seeds=8, steps=4, rename=RENAMED)
    ablations = study_ablation(collect_results(load(folder)))
    assert [a.benchmark for a in ablations if a.form == "as described"] == [
        "Appearance", "Direction", "Fine motion", "Temporal order",
    ]  # fmt: skip
    order = next(a for a in ablations if a.form == "as described" and a.benchmark == "Temporal order")
    means = {c.name: c.effect.mean for c in order.contrasts}
    none, fwm, ld, both = (MEANS[name][3] for name in RENAMED)
    assert means["FWM"] == pytest.approx((fwm + both - none - ld) / 2, abs=0.8)
    assert means["LD"] == pytest.approx((ld + both - none - fwm) / 2, abs=0.8)
    assert means["FWM × LD"] == pytest.approx((none + both - ld - fwm) / 2, abs=0.8)


def test_a_single_factor_is_no_ablation(study: Path) -> None:
    assert study_ablation(collect_results(load(study))) == []


def test_every_cell_is_a_variant() -> None:
    assert {name for cells in CELLS.values() for name in cells} <= set(VARIANTS)
    for form, cells in CELLS.items():
        assert len(set(cells.values())) == 8, form
