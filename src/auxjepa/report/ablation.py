"""FWM, LD and HW as factors: main effects and interactions, from whichever cells of the ablation a study has."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from auxjepa.evidence.factorial import Cells, Contrast, designs, factorial
from auxjepa.evidence.verdicts import bracket, probability, signed
from auxjepa.report.plots import Entry, panel
from auxjepa.report.results import Results

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
"""The cell of each variant. `hw` is none of them: alone it has weight 0.3, in the combinations 1.0."""

HEAD = ("form", "benchmark", "contrast", "always on", "pairs", "points", "p", "p corrected", "verdict")
DASH = "–"


@dataclass(frozen=True)
class Ablation:
    """The largest complete factorial of one form on one benchmark."""

    form: str
    benchmark: str
    place: int
    contrasts: list[Contrast]


def collect(results: Results) -> list[Ablation]:
    """A factorial for each form and benchmark whose cells have at least two factors that vary."""
    found = []
    for form, cells in CELLS.items():
        for i, column in enumerate(results.columns):
            scores: Cells = {
                cells[line.name]: line.cells[i].scores
                for line in results.variants
                if line.name in cells and line.cells[i].scores and not line.cells[i].refusal
            }
            best = designs(scores)
            if best and len(best[0].varying) > 1:
                found.append(Ablation(form, column.title, i, factorial(scores, best[0], benchmark=column.benchmark)))
    return found


def rows(found: list[Ablation]) -> list[list[str]]:
    """One row a contrast (columns: ``HEAD``)."""
    table = []
    for ablation in found:
        for contrast in ablation.contrasts:
            e = contrast.effect
            table.append(
                [
                    ablation.form,
                    ablation.benchmark,
                    contrast.name,
                    ", ".join(contrast.design.held) or DASH,
                    str(e.n),
                    signed(e.mean) + (f" {bracket(e.interval)}" if e.interval else ""),
                    probability(e.p),
                    probability(e.p_adjusted),
                    f"screen: {e.leaning}",
                ]
            )
    return table


def figures(found: list[Ablation]) -> list[Markup]:
    """One forest plot a factorial."""
    drawn = []
    for k, ablation in enumerate(found):
        held = ablation.contrasts[0].design.held
        under = f"{ablation.form} · points" + (f", {' and '.join(held)} always on" if held else "")
        entries = [Entry(c.name, c.effect, False, f"s{j % 8}", j) for j, c in enumerate(ablation.contrasts)]
        title = f"{ablation.benchmark}: effects and interactions, {ablation.form}"
        figure = panel(f"ablation-{k}", ablation.benchmark, under, title, entries)
        drawn += [figure] if figure is not None else []
    return drawn
