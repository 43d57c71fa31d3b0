"""The ablation as a factorial of whichever cells there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import ablation
from auxjepa.report.results import collect
from auxjepa.variants import VARIANTS
from written_study import MEANS

CELLS = {"baseline": "baseline", "ld": "fwm", "ld_only": "ld", "fwm": "fwm_ld"}  # written as: stands for


def test_effects_and_interaction_of_a_two_by_two(tmp_path: Path, write_study) -> None:
    names = {"ld": "a", **{old: new for old, new in CELLS.items() if old != "ld"}}
    folder = write_study(tmp_path, seeds=8, steps=4, rename=names | {"ld": "fwm", "ld_only": "ld", "fwm": "fwm_ld"})
    found = ablation.collect(collect(load(folder)))
    assert [one.benchmark for one in found if one.form == "as described"] == [
        "Appearance", "Direction", "Fine motion", "Temporal order",
    ]  # fmt: skip
    order = next(one for one in found if one.form == "as described" and one.benchmark == "Temporal order")
    got = {c.name: c.effect.mean for c in order.contrasts}
    none, fwm, ld, both = (MEANS[name][3] for name in ("baseline", "ld", "ld_only", "fwm"))
    assert got["FWM"] == pytest.approx((fwm + both - none - ld) / 2, abs=0.8)
    assert got["LD"] == pytest.approx((ld + both - none - fwm) / 2, abs=0.8)
    assert got["FWM × LD"] == pytest.approx((none + both - ld - fwm) / 2, abs=0.8)
    rows = ablation.rows(found)
    assert all(len(row) == len(ablation.HEAD) for row in rows) and {row[-1] for row in rows} <= {
        "screen: up",
        "screen: down",
        "screen: unclear",
    }
    assert len(ablation.figures(found)) == len(found)


def test_a_single_factor_is_no_ablation(study: Path) -> None:
    assert ablation.collect(collect(load(study))) == []


def test_every_cell_is_a_variant() -> None:
    assert {name for cells in ablation.CELLS.values() for name in cells} <= set(VARIANTS)
    for form, cells in ablation.CELLS.items():
        assert len(set(cells.values())) == 8, form
