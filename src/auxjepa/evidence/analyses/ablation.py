"""FWM, LD and HW as factors: main effects and interactions, from the cells of the ablation that a study has."""

from __future__ import annotations

from dataclasses import dataclass

from auxjepa.evidence.analyses.results import Results
from auxjepa.evidence.statistics.factorial import Cells, Contrast, designs, factorial

CELLS: dict[str, dict[str, tuple[str, ...]]] = {
    "as described": {
        "baseline": (),
        "fwm": ("FWM",),
        "ld": ("LD",),
        "hw_full": ("HW",),
        "fwm_ld": ("FWM", "LD"),
        "hw_ld": ("HW", "LD"),
        "fwm_hw": ("FWM", "HW"),
        "fwm_hw_ld": ("FWM", "HW", "LD"),
    },
    "as released": {
        "baseline": (),
        "fwm_released": ("FWM",),
        "ld": ("LD",),
        "hw_full": ("HW",),
        "fwm_ld_released": ("FWM", "LD"),
        "hw_ld_released": ("HW", "LD"),
        "fwm_hw_released": ("FWM", "HW"),
        "fwm_hw_ld_released": ("FWM", "HW", "LD"),
    },
}
"""The cell of each variant, by form. `hw` has no cell: alone it has weight 0.3, in the combinations 1.0."""


@dataclass(frozen=True)
class Ablation:
    """The largest complete factorial of one form on one benchmark.

    Args:
        form: 'as described' or 'as released'.
        benchmark: title of the column.
        contrasts: main effects and interactions.
    """

    form: str
    benchmark: str
    contrasts: list[Contrast]


def study_ablation(results: Results) -> list[Ablation]:
    """Return a factorial for each form and benchmark whose cells have at least two factors that vary.

    Args:
        results: the table of results.
    """
    ablations = []
    for form, cells in CELLS.items():
        for i, column in enumerate(results.columns):
            scores: Cells = {
                cells[line.name]: line.cells[i].scores
                for line in results.variants
                if line.name in cells and line.cells[i].scores and not line.cells[i].refusal
            }
            best = designs(scores)
            if best and len(best[0].varying) > 1:
                ablations.append(Ablation(form, column.title, factorial(scores, best[0], benchmark=column.benchmark)))
    return ablations
