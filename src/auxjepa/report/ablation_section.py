"""The ablation section: main effects and interactions of FWM, LD and HW as a table and as forest plots."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from auxjepa.evidence.analyses.ablation import Ablation
from auxjepa.evidence.decisions.verdicts import screen_label
from auxjepa.evidence.wording import DASH, format_effect, format_p
from auxjepa.report.forest import ForestLine, forest_plot

HEAD = ("form", "benchmark", "contrast", "always on", "pairs", "points", "p", "p corrected", "verdict")


def rows(ablations: Sequence[Ablation]) -> list[list[str]]:
    """Return one row a contrast (columns: ``HEAD``).

    Args:
        ablations: factorials of the ablation.
    """
    return [
        [
            ablation.form,
            ablation.benchmark,
            contrast.name,
            ", ".join(contrast.design.constant) or DASH,
            str(contrast.effect.n),
            format_effect(contrast.effect),
            format_p(contrast.effect.p),
            format_p(contrast.effect.p_adjusted),
            screen_label(contrast.effect),
        ]
        for ablation in ablations
        for contrast in ablation.contrasts
    ]


def figures(ablations: Sequence[Ablation]) -> list[Markup]:
    """Return one forest plot a factorial.

    Args:
        ablations: factorials of the ablation.
    """
    drawn = []
    for k, ablation in enumerate(ablations):
        constant = ablation.contrasts[0].design.constant
        subtitle = f"{ablation.form} · points" + (f", {' and '.join(constant)} always on" if constant else "")
        lines = [ForestLine(c.name, c.effect, False, f"s{j % 8}", j) for j, c in enumerate(ablation.contrasts)]
        title = f"{ablation.benchmark}: effects and interactions, {ablation.form}"
        figure = forest_plot(f"ablation-{k}", ablation.benchmark, subtitle, title, lines)
        drawn += [figure] if figure is not None else []
    return drawn
