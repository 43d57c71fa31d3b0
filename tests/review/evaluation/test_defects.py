"""Every kind of edit changes its own text only, at its place, and is repeatable."""

from __future__ import annotations

import pytest

from auxjepa_review.evaluation.defects import DEFECTS, HARMLESS, Target, plant
from miniatures import dossiers

ROWS = (
    ("LD-JEPA achieves a +5.02 percentage point gain on SSv2 in mixed-dataset pretraining.", True, 0.9),
    ("AC-JEPA degrades Diving-48 by -2.10 points; 3 of 9 methods do.", False, 0.2),
)
LINES = "\n".join(f"{text}\t{'✓' if verified else '×'}\t{sure:.2f}" for text, verified, sure in ROWS)
TEXT = dossiers.TEXT[: dossiers.TEXT.index("ZAP gains")] + LINES + "\n\nReferences\n\n- arXiv:2001.00001\n"


@pytest.fixture
def target() -> Target:
    return Target(dossiers.document(TEXT, ROWS), true=(1, 2), judged=(1, 2))


@pytest.mark.parametrize("kind", [*DEFECTS, *HARMLESS])
def test_every_kind_has_a_place_and_changes_only_that_place(kind: str, target: Target) -> None:
    edits = plant(target, kind, 3, seed=0)
    assert edits and edits == plant(target, kind, 3, seed=0)
    for edit in edits:
        copy = edit.on(target.document)
        assert copy != TEXT and edit.kind == kind
        assert copy.startswith(TEXT[: edit.start]) and copy.endswith(TEXT[edit.end :])
        if edit.row:
            row = target.document.rows[edit.row - 1].span
            assert row.start <= edit.start < row.end or kind == "verdict turned"


def test_defects_are_planted_in_true_rows(target: Target) -> None:
    only = Target(target.document, true=(2,), judged=())
    assert {edit.row for edit in plant(only, "number changed", 9, 0)} == {2}
    assert not plant(only, "verdict turned", 9, 0)
    with pytest.raises(KeyError):
        plant(only, "burnt", 1, 0)


def test_a_dropped_section_is_removed_and_the_other_text_stays(target: Target) -> None:
    (edit,) = plant(target, "limitations dropped", 1, 0)
    copy = edit.on(target.document)
    assert "one seed" not in copy and LINES in copy and "arXiv:2001.00001" in copy
